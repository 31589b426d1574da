#include "cli/demo/style.hpp"

#include <gtest/gtest.h>

namespace salus::cli::demo {
namespace {

TEST(DemoStyle, colours_only_a_terminal) {
    EXPECT_EQ(styled("holds", Look::kGood, false), "holds");
    EXPECT_EQ(styled("holds", Look::kGood, true), "\033[32mholds\033[0m");
    EXPECT_EQ(styled("holds", Look::kPlain, true), "holds");
}

TEST(DemoStyle, wraps_at_spaces_and_leaves_a_word_whole) {
    EXPECT_EQ(wrapped("one two three", 2, 9), "  one two\n  three\n");
    EXPECT_EQ(wrapped("one two three", 2, 80), "  one two three\n");
    EXPECT_EQ(wrapped("a-word-that-is-longer-than-the-line and", 2, 9),
              "  a-word-that-is-longer-than-the-line\n  and\n");
}

}  // namespace
}  // namespace salus::cli::demo
