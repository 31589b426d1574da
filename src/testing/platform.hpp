#pragma once

#include <atomic>
#include <stdexcept>
#include <string>

#include "base/platform/clock.hpp"
#include "base/platform/executor.hpp"
#include "base/platform/process.hpp"
#include "base/platform/random.hpp"

namespace salus::testing {

/// Both clocks of one imaginary machine: time passes only when the test says so. May be read from any thread.
class ManualClock final : public WallClock, public SteadyClock {
public:
    /// 2026-01-01T00:00:00Z
    static constexpr TimeMs kStartMs = 1'767'225'600'000;

    explicit ManualClock(TimeMs wall_ms = kStartMs) : wall_ms_(wall_ms) {}
    [[nodiscard]] TimeMs now_ms() const override { return wall_ms_.load(); }
    [[nodiscard]] std::chrono::nanoseconds now() const override { return std::chrono::nanoseconds(steady_ns_.load()); }

    /// Time passes: both clocks advance.
    void advance(std::chrono::milliseconds by);
    /// The wall clock jumps, either way; the steady clock knows nothing of it.
    void set_wall_ms(TimeMs wall_ms) { wall_ms_ = wall_ms; }

private:
    std::atomic<TimeMs> wall_ms_;
    std::atomic<std::int64_t> steady_ns_{0};
};

/// The same bytes for the same seed, on every machine (xoshiro256**). FOR TESTS ONLY: whoever sees 32 bytes of it knows
/// all the rest. Not thread-safe.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed = 1);
    void fill(std::span<std::uint8_t> out) override;
    std::uint64_t next();
    /// Pre: bound > 0. A number in [0, bound), nearly uniform.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
    std::uint64_t state_[4];
};

/// Runs everything in the caller, at once and in order.
class InlineExecutor final : public Executor {
public:
    void post(std::function<void()> job) override { job(); }
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override;
    [[nodiscard]] std::size_t threads() const override { return 1; }
};

/// What DyingProcess throws.
struct ProcessDied : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Dies by throwing ProcessDied, and keeps the reason: the test goes on where a process would not.
class DyingProcess final : public Process {
public:
    [[noreturn]] void die(std::string_view reason) override;
    /// Empty while it lives.
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
    std::string reason_;
};

}  // namespace salus::testing
