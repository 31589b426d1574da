#pragma once

#include "base/check.hpp"
#include "network/ledger_service.hpp"
#include "store/chain_store.hpp"
#include "store/memory_kv.hpp"
#include "testkit/world.hpp"

namespace salus::network::test {

/// A version of the store, under the certificate of its block.
class StoredView final : public LedgerView {
public:
    StoredView(std::shared_ptr<const store::StoreView> view, std::optional<Certificate> certificate)
        : view_(std::move(view)), certificate_(std::move(certificate)) {}
    [[nodiscard]] const BlockHeader& header() const override { return view_->tip().header; }
    [[nodiscard]] const std::optional<Certificate>& certificate() const override { return certificate_; }
    [[nodiscard]] std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const override {
        return view_->log(contract, owner);
    }
    [[nodiscard]] std::unique_ptr<LogReader> history() const override { return view_->history(); }
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override {
        return view_->get(contract, key);
    }
    Result<std::optional<Bytes>> node(const NodeId& id) const override { return view_->node(id); }
    Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override {
        return view_->leaves(prefix, limit);
    }

private:
    std::shared_ptr<const store::StoreView> view_;
    std::optional<Certificate> certificate_;
};

/// The ledger itself without a queue before it: the engine executes what is submitted as one block, the store keeps it,
/// the operator certifies it. Any thread, one at a time.
class TestLedger final : public LedgerService {
public:
    TestLedger() {
        store::Founding founding;
        founding.genesis = world.net.genesis_bytes;
        founding.network_id = world.net.network;
        founding.time_ms = world.net.genesis.time_ms;
        founding.era = world.net.genesis.era;
        founding.state = genesis_state(world.net.genesis);
        execution::MemoryState empty;
        founding.tree = update_tree(empty, founding.state).value();
        store_ = store::open_memory(disk_, &founding).value();
    }

    Status submit(std::vector<Bytes> transactions, std::function<void(Answer)> done) override {
        if (busy) return fail(ErrorCode::kBusy, "the queue is full");
        Answer answer;
        std::optional<Block> made;
        {
            const std::scoped_lock lock(mutex_);
            answer = execute(transactions, made);
        }
        if (made)
            for (const auto& listener : listeners_) listener(*made);
        done(std::move(answer));
        return {};
    }

    [[nodiscard]] std::shared_ptr<const LedgerView> view() const override {
        auto stored = store_->view();
        const Height height = stored->tip().header.height;
        return std::make_shared<StoredView>(std::move(stored), certificate(height).value_or(std::nullopt));
    }
    [[nodiscard]] Result<std::shared_ptr<const LedgerView>> view_at(Height height) const override {
        SALUS_TRY(auto stored, store_->view_at(height));
        return std::make_shared<StoredView>(std::move(stored), certificate(height).value_or(std::nullopt));
    }
    [[nodiscard]] Result<Block> block(Height height) const override { return store_->block(height); }
    [[nodiscard]] Result<std::optional<Certificate>> certificate(Height height) const override {
        return store_->certificate(height);
    }
    [[nodiscard]] Result<std::optional<TransactionPlace>> find(const TxId& id) const override {
        SALUS_TRY(const auto place, store_->find(id));
        return place ? std::optional(TransactionPlace{place->height, place->index}) : std::nullopt;
    }
    [[nodiscard]] const Genesis& genesis() const override { return world.net.genesis; }
    [[nodiscard]] const Bytes& genesis_bytes() const override { return world.net.genesis_bytes; }
    [[nodiscard]] std::vector<EraRecord> eras() const override { return store_->eras().value(); }
    [[nodiscard]] LedgerStatus status() const override {
        const auto header = store_->view()->tip().header;
        return {header.height, header.era, header.time_ms, header.time_ms + 5, 0, problem};
    }
    [[nodiscard]] TimeMs decision_time_ms() const override { return status().node_time_ms; }
    void on_block(std::function<void(const Block&)> listener) override { listeners_.push_back(std::move(listener)); }

    testkit::World world;
    std::atomic<bool> busy = false;
    std::string problem;

private:
    Answer execute(const std::vector<Bytes>& transactions, std::optional<Block>& made) {
        std::vector<Result<Transaction>> parsed;
        std::vector<Transaction> good;
        for (const Bytes& bytes : transactions) {
            parsed.push_back(parse_transaction(bytes, world.net.network));
            if (parsed.back() && !signatures_good(*parsed.back()))
                parsed.back() = fail(ErrorCode::kMalformedSignature, "a signature does not verify");
            if (parsed.back()) good.push_back(*parsed.back());
        }
        const auto result = world.run(good);
        if (result.block) write(result);
        made = result.block;
        Answer answer;
        for (const auto& one : parsed)
            answer.push_back(one ? answer_for(one->id, result) : Result<Submitted>(fail(one.error())));
        return answer;
    }

    void write(const execution::BlockResult& result) {
        store::Commit commit;
        commit.engine = store_->view()->tip().engine + 1;
        commit.engine_time_ms = result.block->header.time_ms;
        commit.block = result.block;
        commit.hash = result.hash;
        commit.certificate = certify(result.block->header, world.net.operator_key);
        commit.changes = result.changes;
        commit.nodes = result.tree.nodes;
        for (const auto& log : result.logs)
            commit.logs.push_back({log.contract, log.owner, log.first_index, log.leaves});
        SALUS_CHECK(store_->write(commit).has_value());
        SALUS_CHECK(store_->sync().has_value());
    }

    Result<Submitted> answer_for(const TxId& id, const execution::BlockResult& result) const {
        for (const auto& [left_out, code] : result.inadmissible)
            if (left_out == id && code != ErrorCode::kInadmissibleReplay) return fail(code, "inadmissible");
        SALUS_TRY(const auto place, store_->find(id));
        if (!place) return fail(ErrorCode::kInternal, "neither in the block nor left out");
        SALUS_TRY(const Block in, store_->block(place->height));
        return Submitted{id, place->height, place->index, in.header.time_ms, in.receipts.at(place->index)};
    }

    std::mutex mutex_;
    store::MemoryDisk disk_;
    std::unique_ptr<store::ChainStore> store_;
    std::vector<std::function<void(const Block&)>> listeners_;
};

}  // namespace salus::network::test
