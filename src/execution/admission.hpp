#pragma once

#include "execution/accounts.hpp"
#include "execution/intake.hpp"
#include "execution/replay_set.hpp"
#include "execution/shares.hpp"

/// Who may send what now: the one judgement, made by the engine at a transaction's place in the block, and before that
/// by the node that takes it from a client. Source: docs/protocol.md, "Transaction"
namespace salus::execution {

/// The engine's: window, replay, sender.
struct Admission {
    ErrorCode code = ErrorCode::kOk;  ///< else kInadmissible*
    Standing standing;                ///< where kOk
};
/// `seen` is the replay set before the block; ids earlier in the block are the caller's to refuse.
/// Errors: those of the reader
Result<Admission> judge(const Transaction& transaction, TimeMs block_time_ms, const ReplaySet& seen,
                        Accounts& accounts);

/// Against what a node judges before anything is ordered: the last committed state.
struct Committed {
    const StateReader& state;
    const ReplaySet& replay;
    TimeMs now_ms = 0;  ///< max(tip's time, node clock)
};

/// What a client's transactions would come to now, each for itself.
/// Errors, each: kMalformed* (the bytes can never enter a block), kInadmissible* (not now), and the reader's
std::vector<Result<Transaction>> check_transactions(std::span<const ByteView> transactions, const Committed& committed,
                                                    const Intake& intake);
Result<Transaction> check_transaction(ByteView transaction, const Committed& committed, const Intake& intake);

/// Whether an envelope is worth ordering: well-formed, its member may carry, and at least one of its transactions is
/// admissible (one in which none is any more must leave the pool, else empty blocks spin). And what these ask of a
/// block.
/// Errors: kMalformed*, kInadmissible*, the reader's
Result<Asking> check_envelope(ByteView envelope, const Committed& committed, const Intake& intake);

/// Whether a proposal may be voted for: at most kBlockBytesMax, and every envelope well-formed. Stateless.
/// Errors: kMalformed*
Status check_proposal(std::span<const ByteView> envelopes, const Intake& intake);

}  // namespace salus::execution
