#pragma once

#include "execution/engine.hpp"
#include "execution/memory_state.hpp"
#include "execution/verdict_cache.hpp"
#include "testing/platform.hpp"
#include "testkit/consortium.hpp"
#include "testkit/transactions.hpp"

namespace salus::testkit {

/// The ledger of a consortium in memory: executes blocks one on the other, with time that passes as it is told.
class World {
public:
    explicit World(Consortium net = make_consortium());
    World(const World&) = delete;

    const Consortium net;
    TimeMs now_ms;                ///< given to the next block; each block advances it by a second
    TimeMs lifetime_ms = 60'000;  ///< of the transactions that are made
    testing::InlineExecutor inline_executor;
    Executor* executor = &inline_executor;
    execution::VerdictCache verdicts{4096};

    /// A transaction of its own nonce, valid for lifetime_ms from now.
    Transaction transaction(const Sender& sender, const std::vector<const crypto::SigningKey*>& keys,
                            const Action& action);
    /// Under the party's own key, and those of `others`.
    Transaction by(const Party& sender, const Action& action,
                   const std::vector<const crypto::SigningKey*>& others = {});

    /// Under the key of `member`.
    [[nodiscard]] Bytes envelope(const std::vector<Transaction>& transactions, const crypto::SigningKey& member) const;
    /// Executes on the tip, without taking the block. Never fails here: memory is readable.
    execution::BlockResult execute(const execution::BlockInput& input);
    execution::BlockResult execute(const std::vector<Bytes>& envelopes);
    /// Takes a block: what it changed is the state now.
    void commit(const execution::BlockResult& result);

    /// One block of one envelope by hospital A, taken.
    execution::BlockResult run(const std::vector<Transaction>& transactions);
    /// What became of a lone transaction: kOk, its contract's refusal, kInadmissible*, or kMalformedEncoding where the
    /// envelope was refused.
    ErrorCode send(const Transaction& transaction);
    /// One block for each: all kOk, or the first other.
    ErrorCode send_all(const std::vector<Transaction>& transactions);
    /// Makes `count` blocks of one audit root each.
    void pass_blocks(std::size_t count);

    /// The tip, for whoever calls the engine itself. Valid until the next commit.
    [[nodiscard]] execution::Parent parent() const;
    [[nodiscard]] const execution::MemoryState& state() const { return state_; }
    [[nodiscard]] const execution::ReplaySet& replay() const { return replay_; }
    [[nodiscard]] const BlockHeader& header() const { return header_; }
    [[nodiscard]] const std::vector<Block>& blocks() const { return blocks_; }

private:
    execution::MemoryState state_;
    execution::ReplaySet replay_;
    BlockHeader header_;
    Hash hash_{};
    LogFrontier history_;
    std::vector<Block> blocks_;
    std::uint64_t nonce_ = 0;
    std::uint64_t interval_ = 1'000'000;
};

/// The code that a receipt of `result` carries for that id; kInadmissible* where it was left out; kMalformedEncoding
/// where it is in neither.
ErrorCode code_of(const execution::BlockResult& result, const TxId& id);

}  // namespace salus::testkit
