#include "application/vault/claims.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace salus::application {

struct Claims::State {
    struct Name {
        unsigned mode = 0;
        unsigned holders = 0;
    };
    std::mutex mutex;
    std::condition_variable released;
    std::map<std::string, Name> held;

    [[nodiscard]] bool free(const Names& names) const {
        for (const auto& [name, mode] : names) {
            const auto found = held.find(name);
            if (found == held.end()) continue;
            const unsigned both = found->second.mode | static_cast<unsigned>(mode);
            if (both == static_cast<unsigned>(ClaimMode::kExclusive)) return false;
        }
        return true;
    }
};

Claims::Claims() : state_(std::make_unique<State>()) {}
Claims::~Claims() = default;

Result<Claims::Held> Claims::take(Names names, std::chrono::milliseconds patience) {
    std::unique_lock lock(state_->mutex);
    if (!state_->released.wait_for(lock, patience, [&] { return state_->free(names); }))
        return fail(ErrorCode::kBusy, "another writer of the same resource is not decided yet");
    for (const auto& [name, mode] : names) {
        auto& held = state_->held[name];
        held.mode = static_cast<unsigned>(mode);
        ++held.holders;
    }
    return Held(this, std::move(names));
}

void Claims::add(Names& names, std::string name, ClaimMode mode) {
    const auto [entry, added] = names.emplace(std::move(name), mode);
    if (!added && entry->second != mode) entry->second = ClaimMode::kExclusive;
}

Claims::Held::Held(Held&& other) noexcept
    : claims_(std::exchange(other.claims_, nullptr)), names_(std::move(other.names_)) {}

Claims::Held& Claims::Held::operator=(Held&& other) noexcept {
    std::swap(claims_, other.claims_);
    std::swap(names_, other.names_);
    return *this;
}

Claims::Held::~Held() {
    if (claims_ == nullptr) return;
    {
        const std::lock_guard lock(claims_->state_->mutex);
        for (const auto& [name, mode] : names_) {
            const auto held = claims_->state_->held.find(name);
            if (--held->second.holders == 0) claims_->state_->held.erase(held);
        }
    }
    claims_->state_->released.notify_all();
}

}  // namespace salus::application
