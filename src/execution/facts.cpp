#include "execution/facts.hpp"

namespace salus::execution {
namespace {

template <class Value>
std::optional<Value> value_of(std::optional<Decision<Value>> decision) {
    if (!decision) return std::nullopt;
    return std::move(decision->value);
}

}  // namespace

Result<std::optional<governance::MemberState>> Facts::member(const AccountId& organisation) const {
    SALUS_TRY(auto member, state_.read_decision<governance::MemberState>(Contract::kGovernance,
                                                                         governance::member_key(organisation)));
    return value_of(std::move(member));
}

Result<std::uint64_t> Facts::parameter(governance::Parameter parameter) const {
    SALUS_TRY(const auto value, state_.read_decision<governance::ParameterState>(Contract::kGovernance,
                                                                                 governance::parameter_key(parameter)));
    return value ? value->value.value : governance::parameter_info(parameter).initial;
}

Result<std::optional<Resolution>> Facts::resolution(const ProposalId& proposal) const {
    SALUS_TRY(auto state,
              state_.read<governance::ProposalState>(Contract::kGovernance, governance::proposal_key(proposal)));
    if (!state || state->status != governance::ProposalStatus::kPassed) return std::optional<Resolution>{};
    return std::optional<Resolution>({std::move(state->proposal.action), state->decided, state->decided_ms});
}

Result<std::optional<ProposalId>> Facts::newest_recovery(const AccountId& account) const {
    SALUS_TRY(const auto newest,
              state_.read<governance::NewestRecovery>(Contract::kGovernance, governance::newest_recovery_key(account)));
    return newest ? std::optional(newest->proposal) : std::nullopt;
}

Result<std::optional<identity::AccountState>> Facts::account(const AccountId& account) const {
    SALUS_TRY(auto state,
              state_.read_decision<identity::AccountState>(Contract::kIdentity, identity::account_key(account)));
    return value_of(std::move(state));
}

Result<std::optional<AccountId>> Facts::key_owner(const Signer& key) const {
    SALUS_TRY(const auto owner, state_.read<identity::KeyOwner>(Contract::kIdentity, identity::key_owner_key(key)));
    return owner ? std::optional(owner->account) : std::nullopt;
}

Result<bool> Facts::key_taken(const Signer& key) const {
    SALUS_TRY(const auto owner, key_owner(key));
    if (owner) return true;
    SALUS_TRY(const auto controls,
              state_.read<consent::ControlKeyState>(Contract::kConsent, consent::control_key_key(key)));
    return controls.has_value();
}

Result<std::optional<consent::GrantState>> Facts::grant(const GrantId& grant, Height height) const {
    const Bytes key = consent::grant_key(grant);
    SALUS_TRY(auto state, state_.read_decision<consent::GrantState>(Contract::kConsent, key));
    while (state && state->place.height > height) {
        if (state->n == 1) return std::optional<consent::GrantState>{};
        SALUS_TRY(auto older, state_.read_decision_at<consent::GrantState>(Contract::kConsent, key, state->n - 1));
        state = std::move(older);
    }
    return value_of(std::move(state));
}

}  // namespace salus::execution
