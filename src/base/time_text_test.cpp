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

TEST(TimeText, TakesWhatFhirPermitsAtItsEdges) {
    EXPECT_EQ(from_iso_time("2026-01-01T14:00:00+14:00"), 1'767'225'600'000U);
    EXPECT_EQ(from_iso_time("2025-12-31T12:00:00-12:00"), 1'767'225'600'000U);
    EXPECT_EQ(from_iso_time("2025-12-31T10:00:00-14:00"), 1'767'225'600'000U);
    EXPECT_EQ(from_iso_time("2016-12-31T23:59:60Z"), from_iso_time("2017-01-01T00:00:00Z")) << "a leap second";
    EXPECT_EQ(from_iso_time("2017-01-01T00:59:60.5+01:00"), *from_iso_time("2017-01-01") + 500);
    EXPECT_EQ(from_iso_time("9999-12-31T23:59:60Z"), 253'402'300'800'000U);
    for (const char* text : {"2026-01-01T00:00:00+14:01", "2026-01-01T00:00:00-14:30", "2026-01-01T00:00:00+15:00",
                             "2026-01-01T00:00:61Z", "2026-01-01T23:60:00Z", "2026-01-01T24:00:00+01:00", "0000",
                             "0000-01-01", "2025-02-29", "2026-00", "2026-01-00", "-001", "10000"})
        EXPECT_FALSE(iso_time_span(text)) << text;
}

TEST(TimeText, OneInstantIsOneTimeWhateverTheHourIsCalled) {
    // Central Europe, 2026-10-25: the hour from 02:00 to 03:00 comes twice.
    const auto summer = iso_time_span("2026-10-25T02:30:00+02:00");
    const auto winter = iso_time_span("2026-10-25T02:30:00+01:00");
    EXPECT_EQ(summer, iso_time_span("2026-10-25T00:30:00Z"));
    EXPECT_EQ(winter->from_ms, summer->from_ms + 3'600'000);
    // 2026-03-29: behind 01:59:59+01:00 comes 03:00:00+02:00.
    EXPECT_EQ(iso_time_span("2026-03-29T01:59:59+01:00")->until_ms,
              iso_time_span("2026-03-29T03:00:00+02:00")->from_ms);
}

TEST(TimeText, WhatIsShortStandsForAllThatItMayBe) {
    const auto at = [](std::string_view text) { return *from_iso_time(text); };
    EXPECT_EQ(iso_time_span("2024"), (TimeSpan{at("2024-01-01"), at("2025-01-01")}));
    EXPECT_EQ(iso_time_span("2024-02"), (TimeSpan{at("2024-02-01"), at("2024-03-01")}));
    EXPECT_EQ(iso_time_span("2024-12"), (TimeSpan{at("2024-12-01"), at("2025-01-01")}));
    EXPECT_EQ(iso_time_span("2024-02-29"), (TimeSpan{at("2024-02-29"), at("2024-03-01")}));
    EXPECT_EQ(iso_time_span("2024-02-29T10:00:00Z"),
              (TimeSpan{at("2024-02-29") + 36'000'000, at("2024-02-29") + 36'001'000}));
    EXPECT_EQ(iso_time_span("2024-02-29T10:00:00.0Z"),
              (TimeSpan{at("2024-02-29") + 36'000'000, at("2024-02-29") + 36'000'001}));
    EXPECT_EQ(iso_time_span("9999")->until_ms, 253'402'300'800'000U);
}

TEST(TimeText, WhatLiesBefore1970IsItsFirstMillisecondAsASpan) {
    for (const char* text : {"0001", "1969-12-31", "1950-06", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+14:00"}) {
        EXPECT_EQ(iso_time_span(text), (TimeSpan{0, 1})) << text;
        EXPECT_FALSE(from_iso_time(text)) << text;
    }
    EXPECT_EQ(iso_time_span("1970-01-01"), (TimeSpan{0, 86'400'000}));
    EXPECT_EQ(from_iso_time("1970"), 0U);
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
