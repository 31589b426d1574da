#pragma once

#include <optional>
#include <vector>

#include "base/platform/executor.hpp"
#include "base/result.hpp"
#include "model/block.hpp"
#include "model/certificate.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"
#include "model/state_tree.hpp"

/// Steps 2 and 3 of a transaction's way: verified and validated, put in a block. A pure function of what stands before and
/// what was ordered. Source: docs/protocol.md, "Transaction", "Block"
namespace salus::execution {

class VerdictCache;
class ReplaySet;

/// The version of the ledger that a block is executed on; may be one that is not yet synced.
struct Parent {
    BlockHeader header;      ///< of the newest block; height 0 before the first
    Hash hash{};             ///< its hash; before the first block, the network id
    NetworkId network_id;
    Era era = 1;
    LogFrontier history;     ///< of the hashes of blocks 1..height
    const StateReader* state = nullptr;
    const TreeReader* tree = nullptr;
    const ReplaySet* replay = nullptr;
};

/// What an engine ordered.
struct BlockInput {
    TimeMs time_ms = 0;
    ValidatorId proposer;
    std::vector<ByteView> envelopes;
    std::vector<Fault> faults;
    std::optional<EraRecord> opens_era;
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
    std::optional<Block> block;         ///< nothing where no transaction remained
    Hash hash{};                        ///< of the newest block after it
    std::vector<StateChange> changes;   ///< ascending by path
    TreeUpdate tree;
    std::vector<LogAppend> logs;        ///< in order
    LogFrontier history;                ///< with this block's hash
    std::vector<std::uint32_t> codes;   ///< one an envelope: 0 taken, 1 not
    std::vector<Inadmissible> inadmissible;  ///< to tell clients; not part of any block
};

/// Executes. Total over any envelope bytes. The same result on every machine.
/// Errors: only those of the readers (kIo, kCorrupt)
Result<BlockResult> execute(const Parent& parent, const BlockInput& input, VerdictCache& verdicts, Executor& executor);

}  // namespace salus::execution
