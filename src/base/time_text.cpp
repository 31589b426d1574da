#include "base/time_text.hpp"

#include <fmt/format.h>

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

/// "10:00:00.25+01:00" in milliseconds of the day in UTC, which may be the one before or after.
std::optional<std::int64_t> time_of_day(std::string_view text) {
    const auto hour = number(text, 2);
    if (!hour || *hour > 23 || !eat(text, ':')) return std::nullopt;
    const auto minute = number(text, 2);
    if (!minute || *minute > 59 || !eat(text, ':')) return std::nullopt;
    const auto second = number(text, 2);
    if (!second || *second > 60) return std::nullopt;
    std::int64_t ms = (*hour * 3600LL + *minute * 60LL + *second) * 1000;
    if (eat(text, '.')) {
        std::int64_t unit = 100;
        std::size_t digits = 0;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits, unit /= 10, text.remove_prefix(1))
            ms += (text.front() - '0') * unit;
        if (digits == 0) return std::nullopt;
    }
    if (text == "Z") return ms;
    if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    const bool east = text.front() == '+';
    text.remove_prefix(1);
    const auto zone_hour = number(text, 2);
    if (!zone_hour || *zone_hour > 14 || !eat(text, ':')) return std::nullopt;
    const auto zone_minute = number(text, 2);
    if (!zone_minute || *zone_minute > 59 || !text.empty()) return std::nullopt;
    const std::int64_t zone_ms = (*zone_hour * 60LL + *zone_minute) * 60'000;
    return east ? ms - zone_ms : ms + zone_ms;
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

std::optional<TimeMs> from_iso_time(std::string_view text) {
    const auto year = number(text, 4);
    if (!year) return std::nullopt;
    int month = 1;
    int day = 1;
    std::int64_t ms = 0;
    if (eat(text, '-')) {
        const auto given_month = number(text, 2);
        if (!given_month) return std::nullopt;
        month = *given_month;
        if (eat(text, '-')) {
            const auto given_day = number(text, 2);
            if (!given_day) return std::nullopt;
            day = *given_day;
            if (eat(text, 'T')) {
                const auto given_time = time_of_day(text);
                if (!given_time) return std::nullopt;
                ms = *given_time;
                text = {};
            }
        }
    }
    const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!text.empty() || !date.ok()) return std::nullopt;
    ms += std::chrono::sys_days(date).time_since_epoch().count() * static_cast<std::int64_t>(kDayMs);
    if (ms < 0) return std::nullopt;
    return static_cast<TimeMs>(ms);
}

}  // namespace salus
