#include <gtest/gtest.h>

#include "testkit/coverage.hpp"
#include "testkit/invariants.hpp"
#include "testkit/traffic.hpp"

/// Members, custodians and wallets do anything that they can sign; nothing of it breaks an invariant.
/// Source: docs/protocol.md, "Invariants"
namespace salus::execution {
namespace {

constexpr std::uint64_t kSeeds = 5;
constexpr int kBlocksASeed = 1000;

TEST(HostileMembers, NoSequenceOfWhatTheyCanSignBreaksAnInvariant) {
    testkit::Coverage coverage;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        testkit::World world(testkit::make_hasty_consortium());
        testkit::Traffic traffic(world.net, seed);
        testkit::Invariants invariants(world);
        testing::SeededRandom random(seed);
        for (int i = 0; i < kBlocksASeed; ++i) {
            if (random.below(40) == 0) world.now_ms += random.below(16) * kHourMs;
            const auto result = world.execute(std::vector<Bytes>{traffic.lone(world.now_ms, world.state())});
            world.commit(result);
            invariants.check(result);
            ASSERT_EQ(invariants.violations(), std::vector<std::string>{});
            if (result.block) coverage.add(*result.block);
        }
    }
    for (const std::string& message : testkit::Coverage::messages()) {
        EXPECT_GT(coverage.succeeded(message), 0U) << message;
        EXPECT_GT(coverage.failed(message), 0U) << message;
    }
    for (const std::string& resolution : testkit::Coverage::resolutions())
        EXPECT_GT(coverage.succeeded(resolution), 0U) << resolution;
}

}  // namespace
}  // namespace salus::execution
