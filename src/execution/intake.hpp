#pragma once

#include <span>

#include "execution/verdict_cache.hpp"
#include "model/transaction.hpp"

/// What can be said of bytes without any state: once false, false on every node for ever. Source: docs/protocol.md,
/// "Transaction", "Envelope"
namespace salus::execution {

/// An envelope whose member signature and transactions are good.
struct OpenedEnvelope {
    Signer member;
    std::vector<Transaction> transactions;
};

/// What both ask of the world.
struct Intake {
    NetworkId network;
    VerdictCache& verdicts;
    Executor& executor;
};

/// Decodes transactions, on all threads; looks at no signature. Errors, each for itself: kMalformed*
std::vector<Result<Transaction>> parse_transactions(std::span<const ByteView> transactions, const Intake& intake);
/// Verifies the signatures of those that are there, each at most once in the cache's memory, on all threads, and
/// replaces the bad ones by kMalformedSignature.
void verify_signatures(std::vector<Result<Transaction>>& transactions, const Intake& intake);
/// Both. Errors, each for itself: kMalformed*
std::vector<Result<Transaction>> open_transactions(std::span<const ByteView> transactions, const Intake& intake);

/// Who is said to have signed an envelope: no signature is looked at, so that a stranger's flood costs none.
/// Errors: kMalformed*
Result<Signer> envelope_member(ByteView envelope);

/// What names an envelope in the VerdictCache: a hash of all its bytes. None is a transaction's key too, whose hashed
/// bytes begin with a tag that no envelope can begin with.
Hash envelope_verdict_key(ByteView envelope);

/// Opens envelopes; a member's signature, too, is verified once in the cache's memory. One that is not canonical, too
/// large, empty, badly signed, or holds one malformed transaction is refused as a whole: its member signed it and
/// answers for what it carries. Errors, each for itself: kMalformed*
std::vector<Result<OpenedEnvelope>> open_envelopes(std::span<const ByteView> envelopes, const Intake& intake);

}  // namespace salus::execution
