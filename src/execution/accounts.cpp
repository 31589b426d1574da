#include "execution/accounts.hpp"

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

}  // namespace

Result<bool> Accounts::active(const AccountId& id, const identity::AccountState& account) {
    if (account.status != identity::AccountStatus::kActive) return false;
    if (account.kind != AccountKind::kOrganisation) {
        if (!account.owner) return false;
        SALUS_TRY(const Known* owner, find(*account.owner));
        return owner != nullptr && owner->account.kind == AccountKind::kOrganisation && owner->active;
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

Result<std::optional<Standing>> Accounts::grant(const AccountId& id, const std::vector<Signer>& signers) {
    SALUS_TRY(const auto state,
              read_decision<consent::GrantState>(state_, Contract::kConsent, consent::grant_key(GrantId{id.bytes})));
    if (!state || !state->value.control_key) return std::optional<Standing>{};
    const auto own = own_signers(signers, [&](const Signer& key) { return key == *state->value.control_key; });
    if (own == 0) return std::optional<Standing>{};
    return std::optional<Standing>({std::nullopt, own});
}

Result<std::optional<Standing>> Accounts::sender(const Sender& sender, const std::vector<Signer>& signers) {
    if (sender.kind == AccountKind::kGrant) return grant(sender.id, signers);
    SALUS_TRY(const Known* known, find(sender.id));
    if (known == nullptr || !known->active || known->account.kind != sender.kind) return std::optional<Standing>{};
    const auto own = own_signers(signers, [&](const Signer& key) { return known->account.has_signing_key(key); });
    if (own == 0) return std::optional<Standing>{};
    return std::optional<Standing>({known->organisation, own});
}

Result<std::optional<AccountId>> Accounts::carrier(const Signer& key) {
    const AccountKey account_key{KeyUse::kSign, static_cast<std::uint32_t>(key.suite), key.public_key};
    SALUS_TRY(const auto owner,
              read_value<identity::KeyOwner>(state_, Contract::kIdentity, identity::key_owner_key(account_key)));
    if (!owner) return std::optional<AccountId>{};
    SALUS_TRY(const Known* known, find(owner->account));
    const bool carries = known != nullptr && known->active && known->account.kind != AccountKind::kDevice &&
                         known->account.has_signing_key(key);
    return carries ? std::optional<AccountId>(known->organisation) : std::nullopt;
}

}  // namespace salus::execution
