#include "model/contracts/governance.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace salus::governance {
namespace {

constexpr TimeMs kDayMs = 24 * kHourMs;

/// The recovery's floors leave an organisation a working day to notice and stop it; the member's share leaves room for
/// the largest transaction.
constexpr auto kParameters = std::to_array<ParameterInfo>({
    {Parameter::kThresholdPercent, "threshold-percent", 51, 100, 67},
    {Parameter::kProposalLifetimeMs, "proposal-lifetime-ms", kHourMs, 90 * kDayMs, 14 * kDayMs},
    {Parameter::kRecoveryWaitMs, "recovery-wait-ms", 8 * kHourMs, 90 * kDayMs, 7 * kDayMs},
    {Parameter::kRecoveryWaitBlocks, "recovery-wait-blocks", 10, 1'000'000, 100},
    {Parameter::kAuditIntervalMs, "audit-interval-ms", 1'000, 15'000, 5'000},
    {Parameter::kMemberBytesPerBlock, "member-bytes-per-block", kTransactionBytesMax, kBlockBytesMax, 2'000'000},
    {Parameter::kRegulatorConsent, "regulator-consent", 0, 1, 1},
    {Parameter::kPowerLimit, "power-limit", 0, 1, 1},
    {Parameter::kEngineBlockBytes, "engine-block-bytes", 1'000'000, kEngineBlockBytesMax, kEngineBlockBytesMax},
});

}  // namespace

std::span<const ParameterInfo> parameter_table() noexcept { return kParameters; }

const ParameterInfo& parameter_info(Parameter parameter) noexcept {
    SALUS_CHECK(is_known(parameter));
    return kParameters[static_cast<std::size_t>(parameter) - 1];
}

bool is_jurisdiction(std::string_view text) noexcept {
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto letter_or_digit = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    if (text.size() < 2 || !std::ranges::all_of(text.substr(0, 2), letter)) return false;
    if (text.size() == 2) return true;
    return text[2] == '-' && text.size() >= 4 && text.size() <= 6 &&
           std::ranges::all_of(text.substr(3), letter_or_digit);
}

ProposalId Proposal::id() const { return {crypto::tagged_hash("salus.proposal.v1", {codec::encode(*this)})}; }

}  // namespace salus::governance

namespace salus {
SALUS_DEFINE_CODEC(governance::Proposal)
SALUS_DEFINE_CODEC(governance::Payload)
SALUS_DEFINE_CODEC(governance::MemberState)
SALUS_DEFINE_CODEC(governance::ParameterState)
SALUS_DEFINE_CODEC(governance::ProposalState)
SALUS_DEFINE_CODEC(governance::MemberList)
SALUS_DEFINE_CODEC(governance::NewestRecovery)
SALUS_DEFINE_CODEC(governance::OpenProposals)
SALUS_DEFINE_CODEC(governance::ValidatorSet)
}  // namespace salus
