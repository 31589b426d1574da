#include "testing/platform.hpp"

#include <bit>

namespace salus::testing {

void ManualClock::advance(std::chrono::milliseconds by) {
    wall_ms_ += static_cast<TimeMs>(by.count());
    steady_ns_ += std::chrono::nanoseconds(by).count();
}

SeededRandom::SeededRandom(std::uint64_t seed) {
    // splitmix64, as the authors of xoshiro advise for seeding.
    for (std::uint64_t& word : state_) {
        seed += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        word = mixed ^ (mixed >> 31);
    }
}

std::uint64_t SeededRandom::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % 8 == 0) word = next();
        out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
    }
}

void InlineExecutor::parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
    for (std::size_t i = 0; i < count; ++i) body(i);
}

void DyingProcess::die(std::string_view reason) {
    reason_ = reason;
    throw ProcessDied(reason_);
}

}  // namespace salus::testing
