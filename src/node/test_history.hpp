#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "execution/replay.hpp"
#include "model/era.hpp"
#include "node/test_content.hpp"
#include "node/test_node.hpp"

/// For tests: what several nodes make of the same blocks, all of it from one seed. FOR TESTS ONLY.
namespace salus::node {

/// Nodes whose disks lose power, under an engine that takes any legal order of calls, and what stands in the blocks.
class History {
public:
    History(std::uint64_t seed, std::size_t nodes, consensus::SimulatedEngine::Chances chances)
        : content_(seed), nodes_(make_nodes(seed, nodes)), engine_(make_engine(seed, chances)) {}

    /// Orders one more engine block, and lets the nodes go on for a while.
    void order() { engine_.order(content_.proposal(*newest()->view)); }

    /// Another operator goes on from here, where enough members are active to say so.
    void change_era() {
        engine_.settle();
        const auto version = newest();
        const EraRecord& before = eras_.empty() ? content_.net.genesis.era : eras_.back();
        const auto record =
            content_.era(before, nodes_[0]->ledger().tip(), operator_of(before.era + 1), *version->view);
        if (!check_era(record, before, version->tip().header, *version->view)) return;
        eras_.push_back(record);
        engine_.open(record);
    }

    /// Every node has come to the same bytes; so does another implementation of "above a store", which knows nothing
    /// of engines and certificates, and verifies every signature itself.
    void expect_sameness() {
        engine_.settle();
        EXPECT_EQ(engine_.violations(), std::vector<std::string>{});
        auto replay = execution::ChainReplay::from_genesis(content_.net.genesis_bytes).value();
        testing::InlineExecutor executor;
        for (Height height = 1; height <= tip(); ++height) {
            const Block block = this->block(height);
            for (const auto& node : nodes_) ASSERT_EQ(node->store().block(height).value(), block);
            const auto opened = std::ranges::find(eras_, height, &EraRecord::first_height);
            const auto good =
                replay.apply(block, executor, opened == eras_.end() ? std::nullopt : std::optional(*opened));
            ASSERT_TRUE(good) << good.error().to_string();
        }
        const auto view = nodes_[0]->store().view();
        EXPECT_EQ(view->tip().hash, replay.hash());
        EXPECT_EQ(view->tip().history, replay.history());
        const auto leaves = view->leaves(NodeId{}, SIZE_MAX).value();
        EXPECT_EQ(leaves.size(), replay.state().size());
        EXPECT_EQ(tree_root(leaves), view->tip().header.state_root);
    }

    [[nodiscard]] Height tip() const { return nodes_[0]->store().view()->tip().header.height; }
    [[nodiscard]] Block block(Height height) const { return nodes_[0]->store().block(height).value(); }
    [[nodiscard]] const std::vector<std::unique_ptr<MemoryNode>>& nodes() const { return nodes_; }
    [[nodiscard]] const consensus::SimulatedEngine& engine() const { return engine_; }
    /// Those behind the founding one.
    [[nodiscard]] std::size_t eras() const { return eras_.size(); }

private:
    std::vector<std::unique_ptr<MemoryNode>> make_nodes(std::uint64_t seed, std::size_t count) {
        const auto verdicts = std::make_shared<execution::VerdictCache>(4096);
        std::vector<std::unique_ptr<MemoryNode>> nodes;
        for (std::uint64_t i = 0; i < count; ++i)
            nodes.push_back(std::make_unique<MemoryNode>(content_.net.genesis_bytes, 100 * seed + i, verdicts));
        return nodes;
    }
    consensus::SimulatedEngine make_engine(std::uint64_t seed, consensus::SimulatedEngine::Chances chances) {
        std::vector<consensus::SimulatedNode*> nodes;
        for (const auto& node : nodes_) nodes.push_back(node.get());
        return {content_.net.genesis.era, nodes, [this](const auto& outcome) { return certify(outcome); }, seed,
                chances};
    }
    [[nodiscard]] Certificate certify(const consensus::Outcome& outcome) const {
        std::size_t later = 0;
        while (later < eras_.size() && outcome.height >= eras_[later].first_height) ++later;
        const Bytes vouched =
            certificate_signed_bytes(content_.net.network, 1 + later, outcome.height, outcome.app_hash);
        const auto vouch = [&](const crypto::SigningKey& key) {
            return Certificate{OperatorCertificate{Signer::of(key.public_key()), key.sign(vouched)}};
        };
        return later == 0 ? vouch(content_.net.operator_key) : vouch(operator_of(1 + later));
    }
    /// The newest state that any node stands at.
    [[nodiscard]] std::shared_ptr<const Version> newest() const {
        auto newest = nodes_[0]->ledger().durable();
        for (const auto& node : nodes_)
            if (auto one = node->ledger().durable(); one->tip().engine > newest->tip().engine) newest = std::move(one);
        return newest;
    }
    static crypto::SigningKey operator_of(std::uint64_t era) {
        return testkit::signing_key("operator of era " + std::to_string(era));
    }

    RandomContent content_;
    std::vector<EraRecord> eras_;
    std::vector<std::unique_ptr<MemoryNode>> nodes_;
    consensus::SimulatedEngine engine_;
};

}  // namespace salus::node
