#include "execution/shares.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

const Share kA{AccountId{{1}}, false};
const Share kB{AccountId{{2}}, false};
const Share kOthersOfA{AccountId{{1}}, true};

TEST(Shares, AreTakenUpToTheirLimitEachForItself) {
    Shares shares(1000);
    EXPECT_TRUE(shares.take(kA, 999));
    EXPECT_TRUE(shares.take(kA, 1));
    EXPECT_FALSE(shares.take(kA, 1));
    EXPECT_TRUE(shares.take(kB, 1000));
    EXPECT_TRUE(shares.take(kOthersOfA, kObjectBytesPerBlock));
    EXPECT_FALSE(shares.take(kOthersOfA, 1));
}

TEST(Shares, WhatIsSmallDoesNotOvertakeWhatWasRefused) {
    Shares shares(1000);
    ASSERT_TRUE(shares.take(kA, 600));
    EXPECT_FALSE(shares.take(kA, 500));
    EXPECT_FALSE(shares.take(kA, 1));
}

TEST(Shares, ALoadIsTakenWhollyOrNotAtAll) {
    Shares shares(1000);
    ASSERT_TRUE(shares.take(Load{{kA, 400}}));
    EXPECT_FALSE(shares.take(Load{{kA, 601}, {kB, 1}}));
    EXPECT_TRUE(shares.take(Load{{kA, 600}, {kB, 1000}}));
    EXPECT_FALSE(shares.take(Load{{kB, 1}}));
}

TEST(Shares, ALoadThatIsTooLargeByItselfMayComeFirst) {
    Shares shares(1000);
    EXPECT_TRUE(shares.take(Load{{kA, 1001}}));
    EXPECT_FALSE(shares.take(Load{{kA, 1}}));
}

TEST(Shares, AreThoseOfTheParameterInForce) {
    const testkit::World initial;
    EXPECT_EQ(Shares::of(initial.state())->limit(kA), 2'000'000U);
    const testkit::World set(testkit::make_consortium([](Genesis& genesis) {
        genesis.parameters = {{governance::Parameter::kMemberBytesPerBlock, kTransactionBytesMax}};
    }));
    EXPECT_EQ(Shares::of(set.state())->limit(kA), kTransactionBytesMax);
    EXPECT_EQ(Shares::of(set.state())->limit(kOthersOfA), kObjectBytesPerBlock);
}

}  // namespace
}  // namespace salus::execution
