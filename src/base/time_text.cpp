#include "base/time_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace salus {
namespace {

struct Civil {
    int year;
    unsigned month;
    unsigned day;
    std::uint64_t ms_of_day;
};

constexpr std::uint64_t kDayMs = 86'400'000;
/// ISO 8601 has years of four digits; times from elsewhere may lie anywhere.
constexpr TimeMs kYear10000Ms = 253'402'300'800'000;
constexpr const char* kBeyond = "after 9999";

Civil civil(TimeMs time_ms) {
    const std::chrono::sys_days day{std::chrono::days(static_cast<int>(time_ms / kDayMs))};
    const std::chrono::year_month_day date(day);
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
            time_ms % kDayMs};
}

/// Eats exactly `digits` digits at the head of `text`.
std::optional<int> number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool eat(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

/// From 1970 on in UTC; before it, less than 0.
struct SignedSpan {
    std::int64_t from_ms;
    std::int64_t until_ms;
};

/// "10:00:00.25+01:00" in milliseconds of the day in UTC, which may be the one before or after.
std::optional<SignedSpan> time_of_day(std::string_view text) {
    const auto hour = number(text, 2);
    if (!hour || *hour > 23 || !eat(text, ':')) return std::nullopt;
    const auto minute = number(text, 2);
    if (!minute || *minute > 59 || !eat(text, ':')) return std::nullopt;
    const auto second = number(text, 2);
    if (!second || *second > 60) return std::nullopt;
    std::int64_t ms = (*hour * 3600LL + *minute * 60LL + *second) * 1000;
    std::int64_t length_ms = 1000;
    if (eat(text, '.')) {
        length_ms = 1;
        std::int64_t unit = 100;
        std::size_t digits = 0;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits, unit /= 10, text.remove_prefix(1))
            ms += (text.front() - '0') * unit;
        if (digits == 0) return std::nullopt;
    }
    if (text == "Z") return SignedSpan{ms, ms + length_ms};
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const bool east = text.front() == '+';
    text.remove_prefix(1);
    const auto zone_hour = number(text, 2);
    if (!zone_hour || *zone_hour > 14 || !eat(text, ':')) return std::nullopt;
    const auto zone_minute = number(text, 2);
    if (!zone_minute || *zone_minute > (*zone_hour == 14 ? 0 : 59) || !text.empty()) return std::nullopt;
    const std::int64_t zone_ms = (*zone_hour * 60LL + *zone_minute) * 60'000;
    ms += east ? -zone_ms : zone_ms;
    return SignedSpan{ms, ms + length_ms};
}

std::int64_t begin_ms(const std::chrono::year_month_day& date) {
    return std::chrono::sys_days(date).time_since_epoch().count() * static_cast<std::int64_t>(kDayMs);
}

std::optional<SignedSpan> parse_iso(std::string_view text) {
    const auto given_year = number(text, 4);
    if (!given_year || *given_year == 0) return std::nullopt;
    const std::chrono::year year(*given_year);
    const auto january = year / std::chrono::January / 1;
    if (text.empty()) return SignedSpan{begin_ms(january), begin_ms(january + std::chrono::years(1))};
    if (!eat(text, '-')) return std::nullopt;
    const auto given_month = number(text, 2);
    if (!given_month) return std::nullopt;
    const auto first = year / std::chrono::month(static_cast<unsigned>(*given_month)) / 1;
    if (!first.ok()) return std::nullopt;
    if (text.empty()) return SignedSpan{begin_ms(first), begin_ms(first + std::chrono::months(1))};
    if (!eat(text, '-')) return std::nullopt;
    const auto given_day = number(text, 2);
    if (!given_day) return std::nullopt;
    const auto date = year / first.month() / std::chrono::day(static_cast<unsigned>(*given_day));
    if (!date.ok()) return std::nullopt;
    const std::int64_t day_ms = begin_ms(date);
    if (text.empty()) return SignedSpan{day_ms, day_ms + static_cast<std::int64_t>(kDayMs)};
    if (!eat(text, 'T')) return std::nullopt;
    const auto time = time_of_day(text);
    if (!time) return std::nullopt;
    return SignedSpan{day_ms + time->from_ms, day_ms + time->until_ms};
}

}  // namespace

std::string to_iso_time(TimeMs time_ms) {
    if (time_ms >= kYear10000Ms) return kBeyond;
    const Civil c = civil(time_ms);
    const std::uint64_t second = c.ms_of_day / 1000;
    std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, second / 3600,
                                  second / 60 % 60, second % 60);
    if (c.ms_of_day % 1000 != 0) out += fmt::format(".{:03}", c.ms_of_day % 1000);
    return out + "Z";
}

std::string to_iso_date(TimeMs time_ms) {
    if (time_ms >= kYear10000Ms) return kBeyond;
    const Civil c = civil(time_ms);
    return fmt::format("{:04}-{:02}-{:02}", c.year, c.month, c.day);
}

std::optional<TimeSpan> iso_time_span(std::string_view text) {
    const auto span = parse_iso(text);
    if (!span) return std::nullopt;
    const std::int64_t from_ms = std::max<std::int64_t>(span->from_ms, 0);
    return TimeSpan{static_cast<TimeMs>(from_ms), static_cast<TimeMs>(std::max(span->until_ms, from_ms + 1))};
}

std::optional<TimeMs> from_iso_time(std::string_view text) {
    const auto span = parse_iso(text);
    if (!span || span->from_ms < 0) return std::nullopt;
    return static_cast<TimeMs>(span->from_ms);
}

}  // namespace salus
