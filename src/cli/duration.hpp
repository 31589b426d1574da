#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace salus::cli {

/// The lengths that an option takes, in seconds.
struct DurationRange {
    std::uint64_t min = 1;
    std::uint64_t max = 36'525ULL * 86'400;  ///< 100 years: what is larger is a slip of the hand
};

/// An option that takes a length of time as people write it, "90s", "15m", "12h", "3d", and gives it in seconds.
/// Refused: one without a unit, and one outside `range`.
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::uint64_t& seconds, const std::string& help,
                          DurationRange range = {});

}  // namespace salus::cli
