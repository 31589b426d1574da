#include "execution/contracts/governance/actions.hpp"

#include <algorithm>

#include "execution/contracts/governance/validators.hpp"

namespace salus::execution {
namespace {

using governance::MemberState;
using governance::MemberStatus;

template <class Action>
concept ChangesValidators =
    std::same_as<Action, governance::AddValidator> || std::same_as<Action, governance::SetValidatorPower> ||
    std::same_as<Action, governance::RemoveValidator>;

Status check_jurisdiction(std::string_view text) {
    if (governance::is_jurisdiction(text)) return {};
    return fail(ErrorCode::kGovernanceJurisdiction, "that is no jurisdiction");
}

Status check(Context& context, const governance::Admit& admit) {
    SALUS_TRY(const auto member, context.facts().member(admit.account));
    if (member) return fail(ErrorCode::kGovernanceMemberExists, "that organisation is a member");
    SALUS_TRY(const auto list, context.read<governance::MemberList>(governance::member_list_key()));
    if (list && list->accounts.size() >= kMembersMax)
        return fail(ErrorCode::kGovernanceMembersFull, "there are as many as can be");
    return check_jurisdiction(admit.jurisdiction);
}

Status check_status(const Context& context, const AccountId& account, MemberStatus from) {
    SALUS_TRY(const auto member, context.facts().member(account));
    if (!member) return fail(ErrorCode::kGovernanceNoMember, "that organisation is not a member");
    if (member->status != from) return fail(ErrorCode::kGovernanceMemberStatus, "the member is so already");
    return {};
}

Status check(Context& context, const governance::Suspend& suspend) {
    SALUS_TRY_STATUS(check_status(context, suspend.account, MemberStatus::kActive));
    return check_change(context, suspend);
}

Status check(const Context& context, const governance::Reinstate& reinstate) {
    return check_status(context, reinstate.account, MemberStatus::kSuspended);
}

Status check(const Context&, const governance::SetParameter& set) {
    const auto& info = governance::parameter_info(set.parameter);
    if (set.value >= info.floor && set.value <= info.ceiling) return {};
    return fail(ErrorCode::kGovernanceParameterRange, std::string(info.name) + " lies outside its floor and ceiling");
}

Status check(const Context& context, const governance::RecoverOrganisation& recover) {
    SALUS_TRY(const auto member, context.facts().member(recover.account));
    if (!member) return fail(ErrorCode::kGovernanceNoMember, "that organisation is not a member");
    const AccountKey key{KeyUse::kSign, static_cast<std::uint32_t>(recover.new_key.suite), recover.new_key.public_key};
    if (auto status = check_key(key); !status) return fail(ErrorCode::kGovernanceKey, status.error().message);
    SALUS_TRY(const bool taken, context.facts().key_taken(recover.new_key));
    if (taken) return fail(ErrorCode::kGovernanceKey, "the new key has an owner");
    return {};
}

Status check(const Context&, const governance::AdoptPolicy& adopt) {
    if (adopt.version == 0) return fail(ErrorCode::kGovernancePolicyVersion, "versions count from 1");
    return check_jurisdiction(adopt.jurisdiction);
}

template <ChangesValidators Change>
Status check(Context& context, const Change& change) {
    return check_change(context, change);
}

Status execute(Context& context, const Members& members, const ProposalId&, const governance::Admit& admit) {
    SALUS_TRY_STATUS(
        context.decide(governance::member_key(admit.account),
                       MemberState{admit.kind, admit.licences, admit.jurisdiction, MemberStatus::kActive, 0}));
    governance::MemberList list;
    for (const Member& member : members) list.accounts.push_back(member.account);
    list.accounts.insert(std::ranges::lower_bound(list.accounts, admit.account), admit.account);
    return context.write(governance::member_list_key(), list);
}

Status execute(Context& context, const Members& members, const ProposalId&, const governance::Suspend& suspend) {
    MemberState state = find_member(members, suspend.account)->state;
    state.status = MemberStatus::kSuspended;
    state.suspended_ms = context.time_ms();
    SALUS_TRY_STATUS(context.decide(governance::member_key(suspend.account), state));
    return make_change(context, suspend);
}

Status execute(Context& context, const Members& members, const ProposalId&, const governance::Reinstate& reinstate) {
    MemberState state = find_member(members, reinstate.account)->state;
    state.status = MemberStatus::kActive;
    state.suspended_ms = 0;
    return context.decide(governance::member_key(reinstate.account), state);
}

Status execute(Context& context, const Members&, const ProposalId&, const governance::SetParameter& set) {
    return context.decide(governance::parameter_key(set.parameter), governance::ParameterState{set.value});
}

/// Identity executes it. There is one open recovery of an account at most: the newest.
Status execute(Context& context, const Members&, const ProposalId& id, const governance::RecoverOrganisation& recover) {
    return context.write(governance::newest_recovery_key(recover.account), governance::NewestRecovery{id});
}

Status execute(Context&, const Members&, const ProposalId&, const governance::AdoptPolicy&) { return {}; }

template <ChangesValidators Change>
Status execute(Context& context, const Members&, const ProposalId&, const Change& change) {
    return make_change(context, change);
}

}  // namespace

Status check_action(Context& context, const governance::Action& action) {
    return std::visit([&](const auto& what) { return check(context, what); }, action);
}

Status check_remaining(const Members& members, const governance::Action& action) {
    if (std::holds_alternative<governance::Suspend>(action) && count_active(members) == 1)
        return fail(ErrorCode::kGovernanceLastMember, "it is the last active member");
    return {};
}

Status execute_action(Context& context, const Members& members, const governance::Proposal& proposal) {
    const ProposalId id = proposal.id();
    return std::visit([&](const auto& what) { return execute(context, members, id, what); }, proposal.action);
}

}  // namespace salus::execution
