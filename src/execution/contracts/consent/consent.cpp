#include "execution/contracts/consent/consent.hpp"

namespace salus::execution {
namespace {

/// Takes a fresh key, whose holder consents to this grant by signing: one that controlled another grant would link the
/// two.
Status take_control_key(Context& context, const GrantId& grant, const Signer& key) {
    const AccountKey account_key{KeyUse::kSign, static_cast<std::uint32_t>(key.suite), key.public_key};
    if (auto status = check_key(account_key); !status)
        return fail(ErrorCode::kConsentControlKey, status.error().message);
    if (!context.take_signer(key)) return fail(ErrorCode::kConsentPossession, "the control key has not signed");
    SALUS_TRY(const bool taken, context.facts().key_taken(key));
    if (taken) return fail(ErrorCode::kConsentKeyUsed, "the control key has a use already");
    return context.write(consent::control_key_key(key), consent::ControlKeyState{grant});
}

Status act(Context& context, const consent::Create& create) {
    SALUS_TRY(const AccountId custodian, context.organisation());
    const Bytes key = consent::grant_key(create.grant);
    SALUS_TRY(const auto before, context.read_decision<consent::GrantState>(key));
    if (before) return fail(ErrorCode::kConsentGrantExists, "the grant's id is taken");
    if (create.not_after_ms % kHourMs != 0) return fail(ErrorCode::kConsentHour, "not_after is not a full hour");
    if (create.not_after_ms <= context.time_ms())
        return fail(ErrorCode::kConsentPast, "not_after lies at or before block time");
    if (create.control_key) SALUS_TRY_STATUS(take_control_key(context, create.grant, *create.control_key));

    const auto by = create.control_key ? consent::AttestedBy::kWallet : consent::AttestedBy::kCustodian;
    SALUS_TRY_STATUS(context.decide(key, consent::GrantState{custodian, create.control_key, create.terms,
                                                             create.not_after_ms, by, consent::GrantStatus::kActive}));
    context.emit(consent::EventKind::kCreated, create.grant);
    return {};
}

bool may_revoke(const Sender& sender, const GrantId& grant, const consent::GrantState& state) {
    if (sender.kind == AccountKind::kGrant) return sender.id.bytes == grant.bytes;
    return sender.kind == AccountKind::kOrganisation && sender.id == state.custodian;
}

Status act(Context& context, const consent::Revoke& revoke) {
    const AccountKind kind = context.sender().kind;
    if (kind != AccountKind::kGrant && kind != AccountKind::kOrganisation)
        return fail(ErrorCode::kConsentSender, "nodes and devices revoke nothing");
    const Bytes key = consent::grant_key(revoke.grant);
    SALUS_TRY(auto grant, context.read_decision<consent::GrantState>(key));
    if (!grant) return fail(ErrorCode::kConsentNoGrant, "no grant has that id");
    if (!may_revoke(context.sender(), revoke.grant, grant->value))
        return fail(ErrorCode::kConsentNotYours, "the sender is neither the grant nor its custodian");
    if (grant->value.status == consent::GrantStatus::kRevoked)
        return fail(ErrorCode::kConsentRevoked, "the grant is revoked already");
    grant->value.status = consent::GrantStatus::kRevoked;
    SALUS_TRY_STATUS(context.decide(key, grant->value));
    context.emit(consent::EventKind::kRevoked, revoke.grant);
    return {};
}

}  // namespace

Status run_consent(Context& context, ByteView payload) {
    SALUS_TRY(const auto decoded, decode_payload<consent::Payload>(Contract::kConsent, payload));
    return std::visit([&](const auto& action) { return act(context, action); }, decoded.action);
}

}  // namespace salus::execution
