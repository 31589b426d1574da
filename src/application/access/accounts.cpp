#include "application/access/accounts.hpp"

#include "model/login.hpp"

namespace salus::application {

Result<ActiveOrganisation> active_organisation(const StateReader& state, const AccountId& id) {
    SALUS_TRY(auto account,
              read_decision<identity::AccountState>(state, Contract::kIdentity, identity::account_key(id)));
    SALUS_TRY(auto member,
              read_decision<governance::MemberState>(state, Contract::kGovernance, governance::member_key(id)));
    if (!account || !member || account->value.kind != AccountKind::kOrganisation)
        return fail(ErrorCode::kForbidden, "that is not a member's account");
    if (account->value.status != identity::AccountStatus::kActive ||
        member->value.status != governance::MemberStatus::kActive)
        return fail(ErrorCode::kForbidden, "that organisation is suspended");
    return ActiveOrganisation{std::move(account->value), std::move(member->value)};
}

Status check_organisation_key(const StateReader& state, const AccountId& id, const Signer& key) {
    SALUS_TRY(const auto organisation, active_organisation(state, id));
    if (!organisation.account.has_signing_key(key))
        return fail(ErrorCode::kUnauthenticated, "that is not a key of the organisation");
    return {};
}

Result<crypto::SealingPublicKey> sealing_key_of(const StateReader& state, const AccountId& id) {
    SALUS_TRY(const auto organisation, active_organisation(state, id));
    const AccountKey* key = organisation.account.key_for(KeyUse::kSeal);
    crypto::SealingPublicKey out{};
    if (key == nullptr || key->public_key.size() != out.size())
        return fail(ErrorCode::kForbidden, "the organisation has no sealing key");
    std::copy(key->public_key.begin(), key->public_key.end(), out.begin());
    return out;
}

Status check_tls_key(const StateReader& state, const AccountId& id, ByteView key) {
    SALUS_TRY(const auto organisation, active_organisation(state, id));
    for (const AccountKey& known : organisation.account.keys)
        if (known.use == KeyUse::kTls && equal(known.public_key, key)) return {};
    return fail(ErrorCode::kForbidden, "that is not a TLS key of the organisation");
}

Result<std::set<Bytes>> member_tls_keys(const StateReader& state) {
    SALUS_TRY(const auto list,
              read_value<governance::MemberList>(state, Contract::kGovernance, governance::member_list_key()));
    std::set<Bytes> keys;
    if (!list) return keys;
    for (const AccountId& id : list->accounts) {
        const auto organisation = active_organisation(state, id);
        // Admitted and not founded yet, or suspended.
        if (!organisation && organisation.error().code == ErrorCode::kForbidden) continue;
        if (!organisation) return fail(organisation.error());
        for (const AccountKey& key : organisation->account.keys)
            if (key.use == KeyUse::kTls) keys.insert(key.public_key);
    }
    return keys;
}

Status check_staff(const StateReader& state, const StaffCredential& credential, const NetworkId& network,
                   const AccountId& organisation, TimeMs now_ms) {
    if (credential.organisation != organisation)
        return fail(ErrorCode::kUnauthenticated, "the staff credential is another organisation's");
    SALUS_TRY_STATUS(check_staff_credential(credential, network, now_ms));
    return check_organisation_key(state, organisation, credential.key);
}

}  // namespace salus::application
