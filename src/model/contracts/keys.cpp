#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/records.hpp"
#include "model/contracts/system.hpp"

/// The keys of all tables: one byte for the table, then parts of fixed width (docs/protocol.md, "State").
namespace salus {

namespace system_state {

Bytes era_key(Era era) { return KeyBuilder(1).number(era).take(); }
Bytes fault_key(const Fault& fault) {
    return KeyBuilder(2).fixed(fault.validator).number(fault.engine_height).number(fault.kind).take();
}

}  // namespace system_state

namespace governance {

Bytes member_key(const AccountId& account) { return KeyBuilder(1).fixed(account).take(); }
Bytes parameter_key(Parameter parameter) { return KeyBuilder(2).number(static_cast<std::uint64_t>(parameter)).take(); }
Bytes proposal_key(const ProposalId& proposal) { return KeyBuilder(3).fixed(proposal).take(); }
Bytes member_list_key() { return KeyBuilder(4).take(); }
Bytes newest_recovery_key(const AccountId& account) { return KeyBuilder(5).fixed(account).take(); }
Bytes open_proposals_key(const AccountId& organisation) { return KeyBuilder(6).fixed(organisation).take(); }
Bytes validator_set_key() { return KeyBuilder(7).take(); }

}  // namespace governance

namespace identity {

Bytes account_key(const AccountId& account) { return KeyBuilder(1).fixed(account).take(); }
Bytes key_owner_key(const Signer& key) {
    return KeyBuilder(2)
        .fixed(crypto::tagged_hash("salus.keyowner.v1",
                                   {big_endian(static_cast<std::uint32_t>(key.suite)), key.public_key}))
        .take();
}
Bytes recovery_key(const ProposalId& proposal) { return KeyBuilder(3).fixed(proposal).take(); }
Bytes node_key_key(const ValidatorId& id) { return KeyBuilder(4).fixed(id).take(); }

}  // namespace identity

namespace records {

Bytes log_key(const AccountId& custodian) { return KeyBuilder(1).fixed(custodian).take(); }
Bytes superseded_key(const AccountId& custodian, const Hash& nullifier) {
    return KeyBuilder(2).fixed(custodian).fixed(nullifier).take();
}

}  // namespace records

namespace consent {

Bytes grant_key(const GrantId& grant) { return KeyBuilder(1).fixed(grant).take(); }
Bytes control_key_key(const Signer& key) {
    return KeyBuilder(2)
        .fixed(crypto::tagged_hash("salus.controlkey.v1",
                                   {big_endian(static_cast<std::uint32_t>(key.suite)), key.public_key}))
        .take();
}

}  // namespace consent

namespace disclosure {

Bytes row_key(const AccountId& custodian, const Hash& tag) { return KeyBuilder(1).fixed(custodian).fixed(tag).take(); }
Bytes break_glass_key(const BreakGlassId& opening) { return KeyBuilder(2).fixed(opening).take(); }
Bytes policy_key(std::string_view jurisdiction) { return KeyBuilder(3).text(jurisdiction).take(); }

Hash disclosure_tag(ByteView view_key, std::uint64_t i) {
    return crypto::hmac_sha256(view_key, {as_bytes("salus.disclosure.v1"), big_endian(i)});
}

}  // namespace disclosure

namespace audit {

Bytes audit_key(const AccountId& organisation) { return KeyBuilder(1).fixed(organisation).take(); }

Hash audit_leaf(const ByteArray<16>& salt, std::uint64_t interval, const Hash& events_root) {
    Bytes leaf;
    append(leaf, salt);
    append(leaf, big_endian(interval));
    append(leaf, events_root);
    return crypto::merkle_leaf_hash(leaf);
}

}  // namespace audit

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(records::Payload)
SALUS_DEFINE_CODEC(consent::Payload)
SALUS_DEFINE_CODEC(consent::GrantState)
SALUS_DEFINE_CODEC(consent::ControlKeyState)
SALUS_DEFINE_CODEC(disclosure::Payload)
SALUS_DEFINE_CODEC(disclosure::RowState)
SALUS_DEFINE_CODEC(disclosure::BreakGlassState)
SALUS_DEFINE_CODEC(disclosure::PolicyState)
SALUS_DEFINE_CODEC(audit::Payload)
SALUS_DEFINE_CODEC(audit::AuditState)
}  // namespace salus
