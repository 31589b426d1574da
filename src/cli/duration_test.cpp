#include "cli/duration.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace salus::cli {
namespace {

/// What `--for text` gives, nothing where it is refused.
std::optional<std::uint64_t> seconds_of(const std::string& text, DurationRange range = {}) {
    CLI::App app("test");
    std::uint64_t seconds = 0;
    add_duration(app, "--for", seconds, "help", range);
    try {
        app.parse({text, "--for"});  // CLI11 takes them from behind
    } catch (const CLI::ParseError&) {
        return std::nullopt;
    }
    return seconds;
}

TEST(Duration, IsANumberWithItsUnit) {
    EXPECT_EQ(seconds_of("1s"), 1U);
    EXPECT_EQ(seconds_of("15m"), 900U);
    EXPECT_EQ(seconds_of("12h"), 43'200U);
    EXPECT_EQ(seconds_of("36525d"), 36'525U * 86'400ULL);
}

TEST(Duration, IsRefusedWithoutUnitOrSenseOrEnd) {
    for (const char* text : {"", "90", "h", "0h", "-1h", "1.5h", "1 h", "1w", "1hh", "36526d", "99999999999999999999s"})
        EXPECT_EQ(seconds_of(text), std::nullopt) << text;
}

TEST(Duration, LiesWithinItsRange) {
    const DurationRange range{60, 3600};
    EXPECT_EQ(seconds_of("59s", range), std::nullopt);
    EXPECT_EQ(seconds_of("1m", range), 60U);
    EXPECT_EQ(seconds_of("1h", range), 3600U);
    EXPECT_EQ(seconds_of("3601s", range), std::nullopt);
}

}  // namespace
}  // namespace salus::cli
