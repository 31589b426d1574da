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

/// A FHIR date, dateTime or instant: "2026", "2026-01", "2026-01-01", "2026-01-01T10:00:00[.fraction](Z|+hh:mm)". A
/// shorter one stands for its beginning in UTC. Nothing for anything else, and before 1970.
std::optional<TimeMs> from_iso_time(std::string_view text);

}  // namespace salus
