#include "model/terms.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "crypto/hash.hpp"
#include "model/limits.hpp"

namespace salus {
namespace {

constexpr auto kPurposeCodes = std::to_array<std::string_view>(
    {"TREAT", "ETREAT", "BTG", "HPAYMT", "HOPERAT", "HRESCH", "CLINTRCH", "PUBHLTH", "PATRQT", "FAMRQT"});

}  // namespace

std::string_view purpose_code(Purpose purpose) noexcept {
    return is_known(purpose) ? kPurposeCodes[static_cast<std::size_t>(purpose) - 1] : std::string_view{};
}

std::optional<Purpose> purpose_from_code(std::string_view code) noexcept {
    const auto* found = std::ranges::find(kPurposeCodes, code);
    if (found == kPurposeCodes.end()) return std::nullopt;
    return static_cast<Purpose>(found - kPurposeCodes.begin() + 1);
}

Hash GrantTerms::commitment() const { return crypto::tagged_hash("salus.terms.v1", {codec::encode(*this)}); }

TimeMs GrantTerms::not_after_ms() const noexcept {
    constexpr TimeMs kLastHour = std::numeric_limits<TimeMs>::max() / kHourMs * kHourMs;
    if (until_ms > kLastHour) return kLastHour;
    return until_ms / kHourMs * kHourMs + (until_ms % kHourMs == 0 ? 0 : kHourMs);
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(GrantTerms)
}  // namespace salus
