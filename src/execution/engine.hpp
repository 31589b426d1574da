#pragma once

#include <optional>
#include <vector>

#include "base/platform/executor.hpp"
#include "base/result.hpp"
#include "execution/replay_set.hpp"
#include "model/block.hpp"
#include "model/certificate.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"
#include "model/state_tree.hpp"

/// Steps 2 and 3 of a transaction's way: verified and validated, put in a block. A pure function of what stands before
/// and what was ordered. Source: docs/protocol.md, "Transaction", "Block"
namespace salus::execution {

class VerdictCache;

/// The version of the ledger that a block is executed on; may be one that is not yet synced.
struct Parent {
    BlockHeader header;  ///< of the newest block; before the first: height 0, the genesis' time and state root
    Hash hash{};         ///< its hash; before the first block, the network id
    NetworkId network_id;
    Era era = 1;
    LogFrontier history;  ///< of the history_leaf of blocks 1..height
    const StateReader* state = nullptr;
    const TreeReader* tree = nullptr;
    const ReplaySet* replay = nullptr;
};

/// What an engine ordered.
struct BlockInput {
    TimeMs time_ms = 0;
    ValidatorId proposer;
    std::vector<ByteView> envelopes;
    std::vector<Fault>
        faults;  ///< those that the state knows already are left out; at most kFaultsMax others are taken
    std::optional<EraRecord> opens_era;  ///< Pre: its number follows the parent's era, its first height is the next
};

/// Leaves that a transaction appended to a log: records' of a custodian, audit's of an organisation.
struct LogAppend {
    Contract contract{};
    AccountId owner;
    std::uint64_t first_index = 0;
    std::vector<Hash> leaves;
};

struct Inadmissible {
    TxId id;
    ErrorCode code{};
};

/// All that a block does, ready to be committed in one batch.
struct BlockResult {
    std::optional<Block> block;        ///< nothing where no transaction remained
    Hash hash{};                       ///< of the newest block after it
    std::vector<StateChange> changes;  ///< ascending by path
    TreeUpdate tree;
    std::vector<LogAppend> logs;             ///< in order
    LogFrontier history;                     ///< with this block's leaf
    ReplaySet replay;                        ///< with this block's ids
    std::vector<std::uint32_t> codes;        ///< one an envelope: 0 taken, 1 refused with all it holds
    std::vector<Inadmissible> inadmissible;  ///< of envelopes that were taken; to tell clients, not part of any block
    std::vector<Validator> validators;       ///< that CometBFT is told of, ascending by key; power 0 removes
    std::optional<std::uint64_t> engine_block_bytes;  ///< that CometBFT is told of
};

inline constexpr std::size_t kFaultsMax =
    999;  ///< beside the opening of an era, what a block's list of system transactions holds

/// Executes. Total over any envelope bytes. The same result on every machine.
///
/// An envelope is refused as a whole (code 1) where open_envelopes refuses it, or where at its place in the order its
/// member key is not an active signing key of an active organisation or node. Of one that is taken, inadmissible
/// transactions are left out, and every other one gets a receipt. Pre: what `parent` points to outlives the call
/// Errors: only those of the readers (kIo, kCorrupt)
Result<BlockResult> execute(const Parent& parent, const BlockInput& input, VerdictCache& verdicts, Executor& executor);

}  // namespace salus::execution
