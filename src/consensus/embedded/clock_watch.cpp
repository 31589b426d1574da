#include "consensus/embedded/clock_watch.hpp"

namespace salus::consensus {

TimeMs ClockWatch::steady_ms() const {
    return static_cast<TimeMs>(std::chrono::duration_cast<std::chrono::milliseconds>(steady_.now()).count());
}

void ClockWatch::begin(TimeMs tip_ms) {
    const auto state = state_.lock();
    *state = {wall_.now_ms(), steady_ms(), {}};
    if (state->wall_ms > tip_ms + kIdleMax)
        state->unconfirmed = "clock: it stands " + std::to_string((state->wall_ms - tip_ms) / 86'400'000) +
                             " days past the newest block; an operator must confirm it";
}

ClockWatch::Reading ClockWatch::read(TimeMs tip_ms) {
    const auto state = state_.lock();
    const TimeMs wall_ms = wall_.now_ms();
    // Sums of unsigned times, so that a clock that went back makes nothing wrap around.
    const TimeMs is_ms = wall_ms + state->steady_ms;
    const TimeMs expected_ms = state->wall_ms + steady_ms();
    if (is_ms > expected_ms + kJumpMax && state->unconfirmed.empty())
        state->unconfirmed = "clock: it has jumped ahead; an operator must confirm it";
    if (!state->unconfirmed.empty()) return {wall_ms, state->unconfirmed};
    if (wall_ms + kBehindMax < tip_ms)
        return {wall_ms, "clock: it is " + std::to_string((tip_ms - wall_ms) / 1000) + " s behind the newest block"};
    // Under a clock that stands no grant would ever end.
    if (is_ms + kJumpMax < expected_ms)
        return {wall_ms, "clock: it stands, or was set back: it is " + std::to_string((expected_ms - is_ms) / 1000) +
                             " s behind this machine's timer"};
    return {wall_ms, {}};
}

void ClockWatch::confirm() {
    const auto state = state_.lock();
    *state = {wall_.now_ms(), steady_ms(), {}};
}

}  // namespace salus::consensus
