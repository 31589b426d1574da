#include "base/time_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace salus {
namespace {

TEST(TimeText, WritesSecondsAndMillisecondsOnlyWhereThereAreSome) {
    EXPECT_EQ(to_iso_time(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(to_iso_time(1'767'225'600'250), "2026-01-01T00:00:00.250Z");
    EXPECT_EQ(to_iso_date(1'709'164'800'000), "2024-02-29");
}

TEST(TimeText, ReadsWhatFhirWrites) {
    EXPECT_EQ(from_iso_time("2026"), 1'767'225'600'000U);
    EXPECT_EQ(from_iso_time("2026-01"), 1'767'225'600'000U);
    EXPECT_EQ(from_iso_time("2026-01-01"), 1'767'225'600'000U);
    EXPECT_EQ(from_iso_time("2026-01-01T01:00:00.25+01:00"), 1'767'225'600'250U);
    EXPECT_EQ(from_iso_time("2025-12-31T19:00:00-05:00"), 1'767'225'600'000U);
}

TEST(TimeText, RefusesWhatIsNoTime) {
    for (const char* text : {"", "26", "2026-", "2026-13", "2026-02-30", "2026-01-01T", "2026-01-01T10:00:00",
                             "2026-01-01T10:00Z", "2026-01-01T24:00:00Z", "2026-01-01T10:00:00.Z",
                             "2026-01-01T10:00:00Zx", "2026-01-01T10:00:00+1:00", "1969-12-31", "2026-01-01 10:00:00Z"})
        EXPECT_FALSE(from_iso_time(text)) << text;
}

TEST(TimeText, WhatIsPastYearsOfFourDigitsIsSaidToBe) {
    constexpr TimeMs kLast = 253'402'300'799'999;
    EXPECT_EQ(to_iso_time(kLast), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(to_iso_time(kLast + 1), "after 9999");
    EXPECT_EQ(to_iso_date(~TimeMs{0}), "after 9999");
}

RC_GTEST_PROP(TimeText, ReadsBackWhatItWrites, ()) {
    const auto time_ms = *rc::gen::inRange<TimeMs>(0, 253'402'300'800'000);  // the year 10000
    RC_ASSERT(from_iso_time(to_iso_time(time_ms)) == time_ms);
}

}  // namespace
}  // namespace salus
