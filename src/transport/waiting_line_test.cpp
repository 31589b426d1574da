#include "transport/waiting_line.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace salus::transport {
namespace {

class WaitingLineTest : public ::testing::Test {
protected:
    std::unique_ptr<WaitingLine::Wait> wait(char name) {
        return std::make_unique<WaitingLine::Wait>(line, [this, name] { gave_way += name; });
    }
    WaitingLine line;
    std::string gave_way;
};

TEST_F(WaitingLineTest, calls_out_who_has_waited_longest) {
    const auto a = wait('a');
    const auto b = wait('b');
    const auto c = wait('c');
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(line.call_out_first());
    EXPECT_EQ(gave_way, "abc");
    EXPECT_FALSE(line.call_out_first());
}

TEST_F(WaitingLineTest, leaves_alone_who_waits_no_more) {
    auto a = wait('a');
    const auto b = wait('b');
    const auto c = wait('c');
    EXPECT_TRUE(b->end());
    a.reset();
    EXPECT_TRUE(line.call_out_first());
    EXPECT_FALSE(line.call_out_first());
    EXPECT_EQ(gave_way, "c");
}

TEST_F(WaitingLineTest, tells_who_was_called_out_that_it_came_too_late) {
    const auto a = wait('a');
    EXPECT_TRUE(line.call_out_first());
    EXPECT_FALSE(a->end());
    const auto again = wait('b');
    EXPECT_TRUE(again->end());
    EXPECT_FALSE(again->end());
}

}  // namespace
}  // namespace salus::transport
