#pragma once

#include <chrono>

#include "base/strong_types.hpp"

namespace salus {

/// Civil time as the machine believes it; may jump either way.
class WallClock {
public:
    virtual ~WallClock() = default;
    [[nodiscard]] virtual TimeMs now_ms() const = 0;
};

/// Time that only advances, at one rate, also while the machine is suspended (CLOCK_BOOTTIME).
class SteadyClock {
public:
    virtual ~SteadyClock() = default;
    [[nodiscard]] virtual std::chrono::nanoseconds now() const = 0;
};

}  // namespace salus
