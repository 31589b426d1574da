#include "execution/replay_set.hpp"

#include <gtest/gtest.h>

#include "testing/platform.hpp"
#include "testkit/world.hpp"

namespace salus::execution {
namespace {

constexpr TimeMs kNow = 1'000'000;

TEST(ReplaySet, FindsWhatWasInsertedAndNothingElse) {
    salus::testing::SeededRandom random;
    ReplaySet set;
    std::vector<ReplaySet::Seen> all;
    for (int block = 0; block < 60; ++block) {
        std::vector<ReplaySet::Seen> seen;
        for (std::uint64_t i = random.below(20); i-- > 0;)
            seen.push_back({random.id<TxId>(), kNow + random.below(5000)});
        set.insert(seen);
        all.insert(all.end(), seen.begin(), seen.end());
    }
    EXPECT_EQ(set.size(), all.size());
    for (const auto& [id, valid_until_ms] : all) EXPECT_TRUE(set.contains(id, valid_until_ms));
    EXPECT_FALSE(set.contains(random.id<TxId>(), kNow));
}

TEST(ReplaySet, ForgetsASecondOnceAllOfItHasExpired) {
    ReplaySet set;
    const auto id = testkit::id_of<TxId>("a");
    set.insert({{id, kNow + 999}});
    set.expire(kNow + 999);
    EXPECT_TRUE(set.contains(id, kNow + 999));
    set.expire(kNow + 1000);
    EXPECT_FALSE(set.contains(id, kNow + 999));
    EXPECT_EQ(set.size(), 0U);
}

TEST(ReplaySet, ACopyDoesNotSeeWhatComesLater) {
    ReplaySet before;
    before.insert({{testkit::id_of<TxId>("a"), kNow}});
    ReplaySet after = before;
    after.insert({{testkit::id_of<TxId>("b"), kNow}});
    EXPECT_TRUE(after.contains(testkit::id_of<TxId>("a"), kNow));
    EXPECT_TRUE(after.contains(testkit::id_of<TxId>("b"), kNow));
    EXPECT_FALSE(before.contains(testkit::id_of<TxId>("b"), kNow));
}

TEST(ReplaySet, IsMadeAgainFromStoredBlocks) {
    testkit::World world;
    const auto tx = world.by(world.net.payer, audit::Payload{audit::FileRoot{1, {}}});
    auto result = world.run({tx});
    ReplaySet set;
    set.insert(ReplaySet::ids_of(*result.block).value());
    EXPECT_TRUE(set.contains(tx.id, tx.body.valid_until_ms));
    result.block->transactions[0].pop_back();
    EXPECT_EQ(ReplaySet::ids_of(*result.block).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace salus::execution
