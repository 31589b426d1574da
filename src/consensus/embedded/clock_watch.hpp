#pragma once

#include <string>

#include "base/mutex.hpp"
#include "base/platform/clock.hpp"

namespace salus::consensus {

/// Whether the clock may be believed. Time in the chain never goes back, so a block made under a wrong clock would end
/// grants and windows for everybody. Any thread. Source: docs/operator.md, "Start and stop"
class ClockWatch {
public:
    /// At start the clock may stand so far past the tip.
    static constexpr TimeMs kIdleMax = TimeMs{7} * 24 * 3600 * 1000;
    /// During a run it may have advanced so much more than the steady clock, or so much less.
    static constexpr TimeMs kJumpMax = 60'000;
    /// So far behind the tip the node is not ready.
    static constexpr TimeMs kBehindMax = 10'000;

    ClockWatch(const WallClock& wall, const SteadyClock& steady) : wall_(wall), steady_(steady) {}

    /// The run begins on a chain that ends at `tip_ms`.
    void begin(TimeMs tip_ms);
    /// The time, and why no block of that time may be made; empty where one may. One reading, so that what is judged is
    /// what is used. What begin and a jump have found stays until confirmed; a clock that is behind, because it stands
    /// or was set back, catches up by itself or is confirmed.
    struct Reading {
        TimeMs now_ms = 0;
        std::string problem;
    };
    [[nodiscard]] Reading read(TimeMs tip_ms);
    [[nodiscard]] std::string problem(TimeMs tip_ms) { return read(tip_ms).problem; }
    /// An operator has looked: the clock is right.
    void confirm();

private:
    struct State {
        TimeMs wall_ms = 0;    ///< when the run began, or was confirmed
        TimeMs steady_ms = 0;  ///< at the same moment
        std::string unconfirmed;
    };
    [[nodiscard]] TimeMs steady_ms() const;

    const WallClock& wall_;
    const SteadyClock& steady_;
    Guarded<State> state_;
};

}  // namespace salus::consensus
