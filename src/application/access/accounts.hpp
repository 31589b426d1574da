#pragma once

#include <set>

#include "crypto/hpke.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"
#include "model/manifest.hpp"

/// What the chain says of organisations and their keys.
namespace salus::application {

struct ActiveOrganisation {
    identity::AccountState account;
    governance::MemberState member;
};
/// Errors: kForbidden where it is no member, or suspended; kIo, kCorrupt
Result<ActiveOrganisation> active_organisation(const StateReader& state, const AccountId& id);

/// Errors: as above; kUnauthenticated where `key` is no active signing key of it
Status check_organisation_key(const StateReader& state, const AccountId& id, const Signer& key);

/// Errors: as above; kForbidden where it has none
Result<crypto::SealingPublicKey> sealing_key_of(const StateReader& state, const AccountId& id);

/// Errors: as active_organisation; kForbidden where `key` is no TLS key of it
Status check_tls_key(const StateReader& state, const AccountId& id, ByteView key);
/// Those of all active members. Errors: kIo, kCorrupt
Result<std::set<Bytes>> member_tls_keys(const StateReader& state);

/// A staff credential wholly: form, period, signature for this network, and that its key is the organisation's.
/// Errors: kUnauthenticated, kForbidden
Status check_staff(const StateReader& state, const StaffCredential& credential, const NetworkId& network,
                   const AccountId& organisation, TimeMs now_ms);

}  // namespace salus::application
