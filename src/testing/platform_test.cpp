#include "testing/platform.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace salus::testing {
namespace {

using std::chrono::milliseconds;

TEST(ManualClock, MovesOnlyWhenTold) {
    ManualClock clock(1000);
    EXPECT_EQ(clock.now_ms(), 1000U);
    clock.advance(milliseconds(5));
    EXPECT_EQ(clock.now_ms(), 1005U);
    EXPECT_EQ(clock.now(), milliseconds(5));
    clock.set_wall_ms(7);
    EXPECT_EQ(clock.now_ms(), 7U);
    EXPECT_EQ(clock.now(), milliseconds(5));
}

TEST(SeededRandom, GivesTheSameBytesForTheSameSeed) {
    SeededRandom one(7), same(7), other(8);
    const auto bytes = one.bytes<40>();
    EXPECT_EQ(bytes, same.bytes<40>());
    EXPECT_NE(bytes, other.bytes<40>());
    EXPECT_NE(bytes, one.bytes<40>());
}

TEST(InlineExecutor, RunsInTheCallerInOrder) {
    InlineExecutor executor;
    std::string order;
    executor.post([&] { order += "posted "; });
    executor.parallel_for(3, [&](std::size_t i) { order += std::to_string(i); });
    EXPECT_EQ(order, "posted 012");
}

TEST(DyingProcess, ThrowsAndKeepsItsReason) {
    DyingProcess process;
    EXPECT_EQ(process.reason(), "");
    EXPECT_THROW(process.die("sync failed"), ProcessDied);
    EXPECT_EQ(process.reason(), "sync failed");
}

}  // namespace
}  // namespace salus::testing
