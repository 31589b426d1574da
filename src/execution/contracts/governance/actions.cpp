#include "execution/contracts/governance/actions.hpp"

#include <algorithm>

namespace salus::execution {
namespace {

using governance::MemberState;
using governance::MemberStatus;

bool all(std::string_view text, bool (*wanted)(char)) { return std::ranges::all_of(text, wanted); }

/// "DE", "US-CA". Source: ISO 3166-1 and 3166-2
bool is_jurisdiction(std::string_view text) {
    const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto letter_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    if (text.size() < 2 || !all(text.substr(0, 2), letter)) return false;
    if (text.size() == 2) return true;
    return text[2] == '-' && text.size() >= 4 && text.size() <= 6 && all(text.substr(3), letter_or_digit);
}

Status check_jurisdiction(std::string_view text) {
    if (is_jurisdiction(text)) return {};
    return fail(ErrorCode::kGovernanceJurisdiction, "that is no jurisdiction");
}

Status check(const Context&, const Members& members, const governance::Admit& admit) {
    if (find_member(members, admit.account) != nullptr)
        return fail(ErrorCode::kGovernanceMemberExists, "that organisation is a member");
    if (members.size() >= kMembersMax) return fail(ErrorCode::kGovernanceMembersFull, "there are as many as can be");
    return check_jurisdiction(admit.jurisdiction);
}

Status check_status(const Members& members, const AccountId& account, MemberStatus from) {
    const Member* member = find_member(members, account);
    if (member == nullptr) return fail(ErrorCode::kGovernanceNoMember, "that organisation is not a member");
    if (member->state.status != from) return fail(ErrorCode::kGovernanceMemberStatus, "the member is so already");
    return {};
}

Status check(const Context&, const Members& members, const governance::Suspend& suspend) {
    SALUS_TRY_STATUS(check_status(members, suspend.account, MemberStatus::kActive));
    if (count_active(members) == 1) return fail(ErrorCode::kGovernanceLastMember, "it is the last active member");
    return {};
}

Status check(const Context&, const Members& members, const governance::Reinstate& reinstate) {
    return check_status(members, reinstate.account, MemberStatus::kSuspended);
}

Status check(const Context&, const Members&, const governance::SetParameter& set) {
    const auto& info = governance::parameter_info(set.parameter);
    if (set.value >= info.floor && set.value <= info.ceiling) return {};
    return fail(ErrorCode::kGovernanceParameterRange, std::string(info.name) + " lies outside its floor and ceiling");
}

Status check(const Context& context, const Members& members, const governance::RecoverOrganisation& recover) {
    if (find_member(members, recover.account) == nullptr)
        return fail(ErrorCode::kGovernanceNoMember, "that organisation is not a member");
    const AccountKey key{KeyUse::kSign, static_cast<std::uint32_t>(recover.new_key.suite), recover.new_key.public_key};
    if (auto status = check_key(key); !status) return fail(ErrorCode::kGovernanceKey, status.error().message);
    SALUS_TRY(const bool owned, context.facts().key_owned(key));
    if (owned) return fail(ErrorCode::kGovernanceKey, "the new key has an owner");
    return {};
}

Status check(const Context&, const Members&, const governance::AdoptPolicy& adopt) {
    if (adopt.version == 0) return fail(ErrorCode::kGovernancePolicyVersion, "versions count from 1");
    return check_jurisdiction(adopt.jurisdiction);
}

Status execute(Context& context, const Members& members, const governance::Admit& admit) {
    SALUS_TRY_STATUS(
        context.decide(governance::member_key(admit.account),
                       MemberState{admit.kind, admit.licences, admit.jurisdiction, MemberStatus::kActive, 0}));
    governance::MemberList list;
    for (const Member& member : members) list.accounts.push_back(member.account);
    list.accounts.insert(std::ranges::lower_bound(list.accounts, admit.account), admit.account);
    return context.write(governance::member_list_key(), list);
}

Status execute(Context& context, const Members& members, const governance::Suspend& suspend) {
    MemberState state = find_member(members, suspend.account)->state;
    state.status = MemberStatus::kSuspended;
    state.suspended_ms = context.time_ms();
    return context.decide(governance::member_key(suspend.account), state);
}

Status execute(Context& context, const Members& members, const governance::Reinstate& reinstate) {
    MemberState state = find_member(members, reinstate.account)->state;
    state.status = MemberStatus::kActive;
    state.suspended_ms = 0;
    return context.decide(governance::member_key(reinstate.account), state);
}

Status execute(Context& context, const Members&, const governance::SetParameter& set) {
    return context.decide(governance::parameter_key(set.parameter), governance::ParameterState{set.value});
}

Status execute(Context&, const Members&, const governance::RecoverOrganisation&) { return {}; }

Status execute(Context&, const Members&, const governance::AdoptPolicy&) { return {}; }

}  // namespace

Status check_action(const Context& context, const Members& members, const governance::Action& action) {
    return std::visit([&](const auto& what) { return check(context, members, what); }, action);
}

Status execute_action(Context& context, const Members& members, const governance::Action& action) {
    return std::visit([&](const auto& what) { return execute(context, members, what); }, action);
}

}  // namespace salus::execution
