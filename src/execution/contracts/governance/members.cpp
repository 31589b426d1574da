#include "execution/contracts/governance/members.hpp"

#include <algorithm>

namespace salus::execution {
namespace {

using governance::MemberState;
using governance::MemberStatus;
using governance::OrganisationKind;
using governance::Parameter;

bool is_active(const MemberState& state) { return state.status == MemberStatus::kActive; }

bool is_counted(const MemberState& state, TimeMs now) {
    return is_active(state) || now - state.suspended_ms < kSuspendedCountsMs;
}

std::uint64_t count_votes(const Members& members, const std::vector<AccountId>& voters) {
    std::uint64_t count = 0;
    for (const AccountId& voter : voters) {
        const Member* member = find_member(members, voter);
        if (member != nullptr && is_active(member->state)) ++count;
    }
    return count;
}

/// What would take a right from a regulator: suspending one, giving its account to another key, admitting another that
/// could speak for it, and the rule itself.
bool touches_regulator(const governance::Action& action, const Members& members, bool consent) {
    if (const auto* set = std::get_if<governance::SetParameter>(&action))
        return set->parameter == Parameter::kRegulatorConsent;
    if (!consent) return false;
    if (const auto* admit = std::get_if<governance::Admit>(&action)) return admit->kind == OrganisationKind::kRegulator;
    const auto* suspend = std::get_if<governance::Suspend>(&action);
    const auto* recover = std::get_if<governance::RecoverOrganisation>(&action);
    const Member* target = suspend != nullptr   ? find_member(members, suspend->account)
                           : recover != nullptr ? find_member(members, recover->account)
                                                : nullptr;
    return target != nullptr && target->state.kind == OrganisationKind::kRegulator;
}

/// True also where no regulator is counted: the rule protects one that is there.
bool regulator_agrees(const Members& members, const governance::ProposalState& proposal, TimeMs now) {
    bool any = false;
    for (const auto& [account, state] : members) {
        if (state.kind != OrganisationKind::kRegulator || !is_counted(state, now)) continue;
        if (is_active(state) && std::ranges::binary_search(proposal.approvals, account)) return true;
        any = true;
    }
    return !any;
}

/// A change of the threshold needs the larger of the old and the new one.
std::uint64_t percent_needed(const governance::Action& action, std::uint64_t in_force) {
    const auto* set = std::get_if<governance::SetParameter>(&action);
    if (set == nullptr || set->parameter != Parameter::kThresholdPercent) return in_force;
    return std::max(in_force, set->value);
}

}  // namespace

Result<Members> read_members(Context& context) {
    SALUS_TRY(const auto list, context.read<governance::MemberList>(governance::member_list_key()));
    Members members;
    if (!list) return members;
    members.reserve(list->accounts.size());
    for (const AccountId& account : list->accounts) {
        SALUS_TRY(auto state, context.facts().member(account));
        if (!state) return fail(ErrorCode::kCorrupt, "the list of members names one that has no state");
        members.push_back({account, *std::move(state)});
    }
    return members;
}

const Member* find_member(const Members& members, const AccountId& account) noexcept {
    const auto found = std::ranges::lower_bound(members, account, {}, &Member::account);
    return found == members.end() || found->account != account ? nullptr : &*found;
}

std::size_t count_active(const Members& members) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(members, is_active, &Member::state));
}

Result<Verdict> tally(const Context& context, const Members& members, const governance::ProposalState& proposal) {
    const TimeMs now = context.time_ms();
    const governance::Action& action = proposal.proposal.action;
    SALUS_TRY(const auto threshold, context.facts().parameter(Parameter::kThresholdPercent));
    SALUS_TRY(const auto consent, context.facts().parameter(Parameter::kRegulatorConsent));
    const auto counted = static_cast<std::uint64_t>(
        std::ranges::count_if(members, [&](const Member& member) { return is_counted(member.state, now); }));
    const std::uint64_t needed = percent_needed(action, threshold) * counted;  // in hundredths of a vote

    if (100 * count_votes(members, proposal.approvals) >= needed &&
        (!touches_regulator(action, members, consent == 1) || regulator_agrees(members, proposal, now)))
        return Verdict::kPassed;
    return 100 * (counted - count_votes(members, proposal.rejections)) < needed ? Verdict::kRejected : Verdict::kOpen;
}

}  // namespace salus::execution
