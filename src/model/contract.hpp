#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace salus {

/// The frozen table of contract numbers. A number is the first part of every state key and of a contract's error codes.
enum class Contract : std::uint32_t {
    kSystem = 0,
    kGovernance = 1,
    kIdentity = 2,
    kRecords = 3,
    kConsent = 4,
    kDisclosure = 5,
    kAudit = 6,
    kSupply = 7,
    kTrials = 8,
    kClaims = 9,
    kTokens = 10,
    kAnalytics = 11,
};

/// Whether the number stands in the table. Whether this version executes it is for the engine to say.
constexpr bool is_known(Contract contract) noexcept { return static_cast<std::uint32_t>(contract) <= 11; }

constexpr std::string_view contract_name(Contract contract) noexcept {
    constexpr std::string_view kNames[] = {"system", "governance", "identity", "records", "consent", "disclosure",
                                           "audit",  "supply",     "trials",   "claims",  "tokens",  "analytics"};
    return is_known(contract) ? kNames[static_cast<std::uint32_t>(contract)] : "unknown";
}

}  // namespace salus
