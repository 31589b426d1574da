#include "execution/accounts.hpp"

#include <algorithm>

#include "model/certificate.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/governance.hpp"

namespace salus::execution {
namespace {

template <class IsOwn>
std::uint32_t own_signers(const std::vector<Signer>& signers, const IsOwn& is_own) {
    std::uint32_t own = 0;
    for (std::size_t i = 0; i < signers.size(); ++i)
        if (is_own(signers[i])) own |= 1U << i;
    return own;
}

/// What a suspended organisation may do: its members may have suspended it to take it over.
bool stops_recovery(const TransactionBody& body) {
    if (body.sender.kind != AccountKind::kOrganisation || body.contract != Contract::kIdentity) return false;
    const auto payload = codec::decode<identity::Payload>(body.payload);
    return payload && std::holds_alternative<identity::StopRecovery>(payload->action);
}

}  // namespace

Result<bool> Accounts::active(const AccountId& id, const identity::AccountState& account) {
    if (account.status != identity::AccountStatus::kActive) return false;
    if (account.kind != AccountKind::kOrganisation) {
        if (!account.owner) return false;
        SALUS_TRY(const Known* owner, find(*account.owner));
        return owner != nullptr && owner->account.kind == AccountKind::kOrganisation && owner->active &&
               owner->account.recoveries == account.recoveries;
    }
    SALUS_TRY(const auto member,
              read_decision<governance::MemberState>(state_, Contract::kGovernance, governance::member_key(id)));
    return member && member->value.status == governance::MemberStatus::kActive;
}

Result<const Accounts::Known*> Accounts::find(const AccountId& id) {
    if (const auto found = known_.find(id); found != known_.end()) return found->second ? &*found->second : nullptr;
    SALUS_TRY(auto state,
              read_decision<identity::AccountState>(state_, Contract::kIdentity, identity::account_key(id)));
    std::optional<Known> known;
    if (state) {
        SALUS_TRY(const bool is_active, active(id, state->value));
        const AccountId organisation = state->value.owner.value_or(id);
        known = Known{std::move(state->value), organisation, is_active};
    }
    const auto& kept = known_.emplace(id, std::move(known)).first->second;
    return kept ? &*kept : nullptr;
}

Result<std::optional<Standing>> Accounts::grant(const TransactionBody& body, TimeMs time_ms) {
    const GrantId id{body.sender.id.bytes};
    if (body.contract != Contract::kConsent || body.payload != codec::encode(consent::Payload{consent::Revoke{id}}))
        return std::optional<Standing>{};
    SALUS_TRY(const auto state, read_decision<consent::GrantState>(state_, Contract::kConsent, consent::grant_key(id)));
    if (!state || state->value.status != consent::GrantStatus::kActive || time_ms >= state->value.not_after_ms)
        return std::optional<Standing>{};
    const auto& control_key = state->value.control_key;
    if (!control_key || body.signers != std::vector{*control_key}) return std::optional<Standing>{};
    return std::optional<Standing>({std::nullopt, 1});
}

Result<std::optional<Standing>> Accounts::sender(const TransactionBody& body, TimeMs time_ms) {
    const Sender& sender = body.sender;
    if (sender.kind == AccountKind::kGrant) return grant(body, time_ms);
    SALUS_TRY(const Known* known, find(sender.id));
    if (known == nullptr || known->account.kind != sender.kind) return std::optional<Standing>{};
    if (!known->active && !stops_recovery(body)) return std::optional<Standing>{};
    const auto own = own_signers(body.signers, [&](const Signer& key) { return known->account.has_signing_key(key); });
    if (own == 0) return std::optional<Standing>{};
    return std::optional<Standing>({known->active ? std::optional(known->organisation) : std::nullopt, own});
}

Result<bool> Accounts::is_active(const AccountId& id) {
    SALUS_TRY(const Known* known, find(id));
    return known != nullptr && known->active;
}

Result<std::optional<bool>> Accounts::node(const ValidatorId& id) {
    SALUS_TRY(const auto key, read_value<identity::NodeKey>(state_, Contract::kIdentity, identity::node_key_key(id)));
    if (!key) return std::optional<bool>{};
    SALUS_TRY(const Known* known, find(key->account));
    return known != nullptr && known->active && std::ranges::any_of(known->account.keys, [&](const AccountKey& own) {
               return own.use == KeyUse::kSign && validator_id(signer_of(own)) == id;
           });
}

Result<std::optional<AccountId>> Accounts::carrier(const Signer& key) {
    SALUS_TRY(const auto owner,
              read_value<identity::KeyOwner>(state_, Contract::kIdentity, identity::key_owner_key(key)));
    if (!owner) return std::optional<AccountId>{};
    SALUS_TRY(const Known* known, find(owner->account));
    const bool carries = known != nullptr && known->active && known->account.kind != AccountKind::kDevice &&
                         known->account.has_signing_key(key);
    return carries ? std::optional<AccountId>(known->organisation) : std::nullopt;
}

}  // namespace salus::execution
