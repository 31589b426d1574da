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

class ChoiceTest : public ::testing::Test {
protected:
    static Item item(std::uint8_t id, std::uint64_t bytes, const Share& share = kA) {
        return {TxId{{id}}, share, bytes};
    }
    static constexpr AccountId kOne{{7}};
    static constexpr AccountId kOther{{8}};
    Choice choice_{Shares(1000)};
};

TEST_F(ChoiceTest, NoneOvertakesAnotherOfItsCarrierInAShare) {
    ASSERT_TRUE(choice_.take({kOne, {item(1, 800)}}));
    EXPECT_FALSE(choice_.take({kOne, {item(2, 201), item(3, 1, kB)}}));
    EXPECT_FALSE(choice_.take({kOne, {item(4, 1)}}));
    EXPECT_FALSE(choice_.take({kOne, {item(5, 1, kB)}})) << "of what was passed over with it too";
    EXPECT_TRUE(choice_.take({kOne, {item(6, 1, kOthersOfA)}})) << "in a share that need not wait";
    EXPECT_FALSE(choice_.take({kOne, {item(1, 800)}})) << "though it would use nothing";
}

TEST_F(ChoiceTest, WhoAsksForTooMuchHoldsUpNoOtherCarrier) {
    ASSERT_TRUE(choice_.take({kOther, {item(1, 800)}}));
    EXPECT_FALSE(choice_.take({kOther, {item(2, 201), item(3, 1, kB)}}));
    EXPECT_TRUE(choice_.take({kOne, {item(4, 200), item(5, 1000, kB)}}));
}

TEST_F(ChoiceTest, WhatIsCopiedCountsOnce) {
    EXPECT_TRUE(choice_.take({kOther, std::vector<Item>(2700, item(1, 600))}));
    EXPECT_TRUE(choice_.take({kOne, {item(1, 600), item(2, 400)}}));
    EXPECT_FALSE(choice_.take({kOther, {item(1, 600), item(3, 1)}}));
}

TEST_F(ChoiceTest, NothingCountsOfWhatWasNotTaken) {
    ASSERT_TRUE(choice_.take({kOther, {item(1, 800)}}));
    ASSERT_FALSE(choice_.take({kOther, {item(2, 201)}}));
    EXPECT_FALSE(choice_.take({kOne, {item(2, 201)}}));
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
