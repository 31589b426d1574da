#include "consensus/embedded/clock_watch.hpp"

#include <gtest/gtest.h>

#include "testing/platform.hpp"

namespace salus::consensus {
namespace {

using std::chrono::milliseconds;

class ClockWatchTest : public ::testing::Test {
protected:
    static constexpr TimeMs kStart = salus::testing::ManualClock::kStartMs;
    salus::testing::ManualClock clock_;
    ClockWatch watch_{clock_, clock_};
};

TEST_F(ClockWatchTest, TrustsAClockThatGoesWithTheSteadyOne) {
    watch_.begin(kStart);
    clock_.advance(milliseconds(TimeMs{30} * 24 * 3600 * 1000));
    EXPECT_EQ(watch_.problem(kStart), "");
}

TEST_F(ClockWatchTest, AsksAfterAJumpOfMoreThanAMinuteUntilItIsConfirmed) {
    watch_.begin(kStart);
    clock_.set_wall_ms(kStart + 60'000);
    EXPECT_EQ(watch_.problem(kStart), "");
    clock_.set_wall_ms(kStart + 60'001);
    EXPECT_TRUE(watch_.problem(kStart).starts_with("clock: it has jumped"));
    clock_.set_wall_ms(kStart);
    EXPECT_NE(watch_.problem(kStart), "") << "a jump stays until somebody has looked";
    watch_.confirm();
    EXPECT_EQ(watch_.problem(kStart), "");
    clock_.set_wall_ms(kStart + 60'001);
    EXPECT_NE(watch_.problem(kStart), "") << "the next jump is seen too";
}

TEST_F(ClockWatchTest, AClockThatGoesBackMakesNoJump) {
    watch_.begin(kStart);
    clock_.set_wall_ms(kStart - 5000);
    EXPECT_EQ(watch_.problem(kStart), "");
}

TEST_F(ClockWatchTest, AClockThatStandsIsNotBelievedForMoreThanAMinute) {
    watch_.begin(kStart);
    clock_.advance(milliseconds(60'000));
    clock_.set_wall_ms(kStart);
    EXPECT_EQ(watch_.problem(kStart), "");
    clock_.advance(milliseconds(1));
    clock_.set_wall_ms(kStart);
    EXPECT_TRUE(watch_.problem(kStart).starts_with("clock: it stands, or was set back: it is 60 s behind"));
    clock_.set_wall_ms(kStart + 60'001);
    EXPECT_EQ(watch_.problem(kStart), "") << "it was set right";
    clock_.set_wall_ms(kStart);
    EXPECT_NE(watch_.problem(kStart), "");
    watch_.confirm();
    EXPECT_EQ(watch_.problem(kStart), "") << "or it was right";
}

TEST_F(ClockWatchTest, AsksAtStartWhenTheTipIsMoreThanSevenDaysOld) {
    watch_.begin(kStart - ClockWatch::kIdleMax);
    EXPECT_EQ(watch_.problem(kStart), "");
    watch_.begin(kStart - ClockWatch::kIdleMax - 1);
    EXPECT_TRUE(watch_.problem(kStart).starts_with("clock: it stands 7 days past"));
    watch_.confirm();
    EXPECT_EQ(watch_.problem(kStart), "");
}

TEST_F(ClockWatchTest, IsNotReadyWhileTheClockIsMoreThanTenSecondsBehindTheTip) {
    watch_.begin(kStart);
    EXPECT_EQ(watch_.problem(kStart + 10'000), "");
    EXPECT_TRUE(watch_.problem(kStart + 10'001).starts_with("clock: it is 10 s behind"));
    clock_.advance(milliseconds(1));
    EXPECT_EQ(watch_.problem(kStart + 10'001), "") << "it caught up by itself";
}

}  // namespace
}  // namespace salus::consensus
