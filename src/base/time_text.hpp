#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/strong_types.hpp"

namespace salus {

/// "2026-01-01T10:00:00.250Z"; milliseconds only where there are some. Source: RFC 3339
std::string to_iso_time(TimeMs time_ms);
/// "2026-01-01"
std::string to_iso_date(TimeMs time_ms);

/// From its first millisecond to the one behind its last.
struct TimeSpan {
    TimeMs from_ms = 0;
    TimeMs until_ms = 0;
    bool operator==(const TimeSpan&) const = default;
};
/// All that a FHIR date, dateTime or instant stands for: "2026", "2026-01", "2026-01-01" their year, month or day in
/// UTC, "2026-01-01T10:00:00(Z|+hh:mm)" its second, with ".fraction" its millisecond. A leap second is the one after
/// it. What lies before 1970 is the first millisecond of 1970. Nothing for anything else. Source: FHIR R4,
/// datatypes.html
std::optional<TimeSpan> iso_time_span(std::string_view text);
/// Where that begins. Nothing before 1970.
std::optional<TimeMs> from_iso_time(std::string_view text);

}  // namespace salus
