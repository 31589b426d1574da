#include <gtest/gtest.h>

#include "execution/replay.hpp"
#include "node/test_content.hpp"
#include "node/test_node.hpp"

/// The same blocks on a fresh copy give the same bytes: under every legal order of calls, whatever stands in the
/// blocks.
namespace salus::node {
namespace {

#ifdef NDEBUG
constexpr std::size_t kBlocks = 10'000;
#else
constexpr std::size_t kBlocks = 1'000;  // unoptimised, or under sanitizers
#endif
constexpr std::size_t kSeeds = 5;

class Simulation : public ::testing::TestWithParam<std::uint64_t> {
protected:
    static constexpr std::size_t kNodes = 3;

    Simulation() {
        for (std::uint64_t i = 0; i < kNodes; ++i)
            nodes_.push_back(std::make_unique<MemoryNode>(net().genesis_bytes, 100 * GetParam() + i));
    }
    const testkit::Consortium& net() { return content_.world.net; }
    consensus::SimulatedEngine engine() {
        const auto certify = [this](const consensus::Outcome& outcome) {
            const Bytes vouched = certificate_signed_bytes(net().network, 1, outcome.height, outcome.app_hash);
            return Certificate{
                OperatorCertificate{Signer::of(net().operator_key.public_key()), net().operator_key.sign(vouched)}};
        };
        std::vector<consensus::SimulatedNode*> nodes;
        for (const auto& node : nodes_) nodes.push_back(node.get());
        return {net().genesis.era, nodes, certify, GetParam(), {}};
    }
    /// Another implementation of "above a store", which knows nothing of engines and certificates, finds the same
    /// bytes.
    void expect_replay(const MemoryNode& node, Height tip) {
        auto replay = execution::ChainReplay::from_genesis(net().genesis_bytes).value();
        testing::InlineExecutor executor;
        for (Height height = 1; height <= tip; ++height) {
            const auto good = replay.apply(node.store().block(height).value(), executor);
            ASSERT_TRUE(good) << good.error().to_string();
        }
        const auto view = node.store().view();
        EXPECT_EQ(view->tip().hash, replay.hash());
        EXPECT_EQ(view->tip().history, replay.history());
        const auto leaves = view->leaves(NodeId{}, SIZE_MAX).value();
        EXPECT_EQ(leaves.size(), replay.state().size());
        EXPECT_EQ(tree_root(leaves), view->tip().header.state_root);
    }

    RandomContent content_{GetParam()};
    std::vector<std::unique_ptr<MemoryNode>> nodes_;
};

TEST_P(Simulation, EveryNodeComesToTheSameBytesAndSoDoesAFreshCopy) {
    auto engine = this->engine();
    std::size_t ordered = 0;
    for (; engine.blocks() < kBlocks / kSeeds && engine.violations().empty(); ++ordered)
        engine.order(content_.proposal());
    engine.settle();
    EXPECT_EQ(engine.violations(), std::vector<std::string>{});

    const Height tip = nodes_[0]->store().view()->tip().header.height;
    ASSERT_GE(tip, kBlocks / kSeeds);
    EXPECT_LT(tip, ordered) << "some engine blocks make no block";
    std::map<std::uint32_t, std::size_t> codes;
    for (Height height = 1; height <= tip; ++height) {
        const Block block = nodes_[0]->store().block(height).value();
        for (const Receipt& receipt : block.receipts) ++codes[receipt.code];
        for (std::size_t i = 1; i < kNodes; ++i) ASSERT_EQ(nodes_[i]->store().block(height).value(), block);
    }
    expect_replay(*nodes_[0], tip);

    // That the content was of all kinds, and the engine did what it is for.
    EXPECT_GT(codes[0], tip / 4);
    EXPECT_GT(codes.size(), 6U) << "too few kinds of refusals";
    EXPECT_GT(engine.crashes(), 10U);
    EXPECT_GT(engine.deaths(), 10U);
    EXPECT_GT(engine.replays(), 2 * ordered);
    // Only a node that lags has a next proposal to overlap a commit with. By the engine's chances one waits behind 0.77
    // commits (of three nodes) an ordered proposal, and a third of those overlap: 0.26 of `ordered` on average, 0.19 in
    // the worst of forty seeds. Half the average is what every seed must reach.
    EXPECT_GT(engine.overlaps(), ordered / 8);
    std::size_t certified = 0;
    for (Height height = 1; height <= tip; ++height)
        certified += nodes_[1]->store().certificate(height).value() ? 1U : 0U;
    EXPECT_GT(certified, tip / 4);
    EXPECT_LT(certified, tip);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulation, ::testing::Range<std::uint64_t>(1, 1 + kSeeds));

}  // namespace
}  // namespace salus::node
