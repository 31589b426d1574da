#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace salus {
namespace {

using ::testing::MatchesRegex;

constexpr const char* kTime = "20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z";

std::string logged(LogLevel level, LogFormat format, const std::function<void()>& body) {
    setup_log(level, format);
    ::testing::internal::CaptureStderr();
    body();
    std::string out = ::testing::internal::GetCapturedStderr();
    setup_log(LogLevel::kInfo, LogFormat::kText);
    return out;
}

TEST(Log, WritesALineOfText) {
    EXPECT_THAT(logged(LogLevel::kInfo, LogFormat::kText, [] { log_warning("store", "{} 100% slow"); }),
                MatchesRegex(std::string(kTime) + R"( warning \[store\] \{\} 100% slow)"
                                                  "\n"));
}

TEST(Log, WritesAJsonObjectALine) {
    EXPECT_THAT(logged(LogLevel::kInfo, LogFormat::kJson, [] { log_error("api", R"(a "b" \ c)"); }),
                MatchesRegex(R"(\{"time":")" + std::string(kTime) +
                             R"(","level":"error","component":"api","message":"a \\"b\\" \\\\ c"\})"
                             "\n"));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
    EXPECT_EQ(logged(LogLevel::kWarning, LogFormat::kText, [] { log_info("a", "no"); }), "");
    EXPECT_THAT(logged(LogLevel::kInfo, LogFormat::kText, [] { log_info("a", "yes"); }), ::testing::HasSubstr("yes"));
    EXPECT_THAT(logged(LogLevel::kDebug, LogFormat::kText, [] { log_debug("a", "all"); }), ::testing::HasSubstr("all"));
}

TEST(Log, LetsNoMessageForgeALine) {
    for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
        const auto out = logged(LogLevel::kInfo, format, [] { log_info("a", "x\n2026 error [b] forged\x1b[2J"); });
        EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
        EXPECT_THAT(out, ::testing::HasSubstr(R"(x\u000a2026 error [b] forged\u001b[2J)"));
    }
    EXPECT_THAT(logged(LogLevel::kInfo, LogFormat::kJson, [] { log_info("a", "\xff"); }),
                ::testing::HasSubstr("(not UTF-8) ff"));
}

}  // namespace
}  // namespace salus
