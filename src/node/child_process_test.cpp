#include "node/child_process.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace salus::node {
namespace {

using namespace std::chrono_literals;

TEST(ChildProcess, HandsItsLinesOver) {
    auto child = ChildProcess::start("/bin/sh", {"-c", "printf 'one\\ntw'; printf 'o\\n'; exit 3"}, "/dev/null");
    ASSERT_TRUE(child);
    EXPECT_EQ(child->line(60s).value(), "one");
    EXPECT_EQ(child->line(60s).value(), "two");
    EXPECT_EQ(child->line(60s).error().code, ErrorCode::kIo);
    EXPECT_EQ(child->stop(60s), 3);
}

TEST(ChildProcess, IsKilledWhereItWillNotEnd) {
    auto child =
        ChildProcess::start("/bin/sh", {"-c", "trap '' TERM; echo ready; while :; do sleep 1; done"}, "/dev/null");
    ASSERT_TRUE(child);
    ASSERT_EQ(child->line(60s).value(), "ready");
    EXPECT_TRUE(child->running());
    EXPECT_EQ(child->stop(100ms), 128 + SIGKILL);
    EXPECT_FALSE(child->running());
}

TEST(ChildProcess, EndsWhenItsOwnerGoes) {
    pid_t pid = 0;
    {
        auto child = ChildProcess::start("/bin/sleep", {"1000"}, "/dev/null");
        ASSERT_TRUE(child);
        pid = child->pid();
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

TEST(ChildProcess, SaysThatAProgramIsNotThere) {
    auto child = ChildProcess::start("/no/such/program", {}, "/dev/null");
    ASSERT_TRUE(child);
    EXPECT_FALSE(child->line(60s));
    EXPECT_EQ(child->stop(60s), 127);
}

}  // namespace
}  // namespace salus::node
