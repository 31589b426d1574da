#pragma once

#include <map>

#include "store/chain_store.hpp"
#include "testing/platform.hpp"

/// For the store's tests: makes commits that continue a store's tip, and keeps beside it what must stand there.
namespace salus::store {

class TestChain {
public:
    explicit TestChain(std::uint64_t seed = 1) : random_(seed) {
        founding_.genesis = to_bytes(as_bytes("a genesis"));
        founding_.network_id = random_.id<NetworkId>();
        founding_.time_ms = testing::ManualClock::kStartMs;
        founding_.era.engine = EngineKind::kEmbedded;
        for (int i = 0; i < 40; ++i) state_[random_.bytes<32>()] = Bytes{1, 2, 3};
        for (const auto& [path, value] : state_) founding_.state.push_back({path, value});
        founding_.tree = update_tree(NoTree{}, founding_.state).value();
        time_ms_ = founding_.time_ms;
    }

    [[nodiscard]] const Founding& founding() const { return founding_; }
    /// What must stand after block `height`.
    [[nodiscard]] std::map<Hash, Bytes> state(Height height) const {
        std::map<Hash, Bytes> state;
        apply(state, founding_.state);
        for (Height at = 0; at < height; ++at) apply(state, commits_.at(at).changes);
        return state;
    }
    [[nodiscard]] const std::vector<Commit>& commits() const { return commits_; }
    [[nodiscard]] testing::SeededRandom& random() { return random_; }
    void advance(TimeMs by_ms) { time_ms_ += by_ms; }
    /// A crash took the blocks above `height`.
    void forget_above(Height height) {
        commits_.resize(height);
        state_ = state(height);
    }

    /// The next block: transactions with these ids, some values set, changed and removed, some leaves appended.
    Commit next(const StoreView& before, std::vector<TxId> ids) {
        const StoredTip& tip = before.tip();
        Commit commit;
        commit.engine = tip.engine + 1;
        commit.engine_time_ms = time_ms_ += 1000;
        commit.changes = changes();
        auto tree = update_tree(before, commit.changes).value();
        commit.nodes = std::move(tree.nodes);

        Block block;
        block.header.network_id = founding_.network_id;
        block.header.height = tip.header.height + 1;
        block.header.time_ms = time_ms_;
        block.header.parent_hash = tip.hash;
        block.header.history_root = tip.history.root();
        block.header.state_root = tree.root;
        block.header.tx_count = static_cast<std::uint32_t>(ids.size());
        for (const TxId& id : ids) {
            block.transactions.push_back(to_bytes(ByteView(id).first(random_.below(32) + 1)));
            block.receipts.push_back({id, Contract::kRecords, 0, {}});
            block.events.emplace_back();
        }
        commit.hash = block.header.hash();
        commit.block = std::move(block);
        commits_.push_back(commit);
        return commit;
    }
    Commit next(const StoreView& before) { return next(before, {random_.id<TxId>()}); }

private:
    struct NoTree final : TreeReader {
        Result<std::optional<Bytes>> node(const NodeId&) const override { return std::optional<Bytes>{}; }
        Result<std::vector<StateLeaf>> leaves(const NodeId&, std::size_t) const override {
            return std::vector<StateLeaf>{};
        }
    };

    static void apply(std::map<Hash, Bytes>& state, const std::vector<StateChange>& changes) {
        for (const auto& [path, value] : changes) {
            if (value) {
                state[path] = *value;
            } else {
                state.erase(path);
            }
        }
    }

    std::vector<StateChange> changes() {
        std::map<Hash, std::optional<Bytes>> changed;
        for (int i = 0; i < 3; ++i) changed[random_.bytes<32>()] = Bytes(random_.below(50), 7);
        for (int i = 0; i < 3; ++i) {
            const auto old = std::next(state_.begin(), static_cast<std::ptrdiff_t>(random_.below(state_.size())));
            changed[old->first] = i == 0 ? std::nullopt : std::optional(Bytes(random_.below(50), 9));
        }
        std::vector<StateChange> changes;
        for (auto& [path, value] : changed) changes.push_back({path, std::move(value)});
        apply(state_, changes);
        return changes;
    }

    testing::SeededRandom random_;
    Founding founding_;
    TimeMs time_ms_ = 0;
    std::map<Hash, Bytes> state_;
    std::vector<Commit> commits_;
};

}  // namespace salus::store
