#include "model/login.hpp"

#include "base/printable.hpp"
#include "model/wallet_keys.hpp"

namespace salus {
namespace {

/// A clock may be ahead of another by so much.
constexpr TimeMs kSkewMs = 60'000;

/// What is meant for one organisation of one network.
Bytes addressed(std::string_view tag, const NetworkId& network, const AccountId& organisation, ByteView content) {
    Bytes out = to_bytes(tag);
    append(out, network);
    append(out, organisation);
    append(out, content);
    return out;
}

}  // namespace

Bytes login_signed_bytes(const NetworkId& network, const AccountId& organisation, ByteView challenge) {
    return addressed("salus.login.v1", network, organisation, challenge);
}

Bytes order_signed_bytes(const NetworkId& network, const AccountId& custodian, ByteView body) {
    return addressed("salus.order.v1", network, custodian, body);
}

void sign_staff_credential(StaffCredential& credential, const NetworkId& network,
                           const crypto::SigningKey& organisation_key) {
    credential.key = Signer::of(organisation_key.public_key());
    credential.signature = organisation_key.sign(credential.signed_bytes(network));
}

Status check_staff_credential(const StaffCredential& credential, const NetworkId& network, TimeMs now_ms) {
    if (credential.until_ms <= credential.from_ms || credential.until_ms - credential.from_ms > kStaffCredentialMs)
        return fail(ErrorCode::kUnauthenticated, "a staff credential is good for 12 hours at most");
    if (now_ms < credential.from_ms || now_ms >= credential.until_ms)
        return fail(ErrorCode::kUnauthenticated, "the staff credential is not in force now");
    if (credential.id.empty() || credential.role.empty())
        return fail(ErrorCode::kUnauthenticated, "the staff credential names no person or no role");
    // They are shown to patients and regulators by other programs too.
    if (!is_printable(credential.id) || !is_printable(credential.name) || !is_printable(credential.role))
        return fail(ErrorCode::kUnauthenticated, "name, role or id of the staff credential holds a control character");
    if (!crypto::verify(credential.key.key(), credential.signed_bytes(network), credential.signature))
        return fail(ErrorCode::kUnauthenticated, "the staff credential's signature is not good");
    return {};
}

Bytes BindOffer::signed_bytes() const {
    BindOffer unsigned_offer = *this;
    unsigned_offer.signature.clear();
    Bytes out = to_bytes("salus.bind.v1");
    append(out, codec::encode(unsigned_offer));
    return out;
}

BindOffer make_bind_offer(const crypto::Key256& entropy, const NetworkId& network, const AccountId& custodian,
                          TimeMs now_ms) {
    const crypto::SigningKey login = wallet_login_key(entropy, network, custodian);
    BindOffer offer;
    offer.network_id = network;
    offer.custodian = custodian;
    offer.login_key = Signer::of(login.public_key());
    offer.sealing_key = wallet_sealing_key(entropy, network, custodian).public_key();
    offer.made_ms = now_ms;
    offer.signature = login.sign(offer.signed_bytes());
    return offer;
}

Status check_bind_offer(const BindOffer& offer, const NetworkId& network, const AccountId& custodian, TimeMs now_ms) {
    if (offer.version != 1 || offer.network_id != network)
        return fail(ErrorCode::kUsage, "the wallet's offer is for another network");
    if (offer.custodian != custodian) return fail(ErrorCode::kUsage, "the wallet's offer is for another custodian");
    if (offer.made_ms > now_ms + kSkewMs || offer.made_ms + kBindOfferMs <= now_ms)
        return fail(ErrorCode::kUsage, "the wallet's offer is not of the last hour: make it anew");
    if (!crypto::verify(offer.login_key.key(), offer.signed_bytes(), offer.signature))
        return fail(ErrorCode::kUsage, "the wallet's offer does not bear the signature of its login key");
    return {};
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(BindOffer)
}  // namespace salus
