#pragma once

#include <string>

#include "model/manifest.hpp"

/// How people and machines show who they are: login challenges, staff credentials, a wallet's offer to be bound to a
/// chart. Source: docs/protocol.md, "Login"
namespace salus {

/// A staff credential and its use at most.
inline constexpr TimeMs kStaffCredentialMs = 12 * kHourMs;

/// What answers a login challenge: "salus.login.v1" || network id || organisation || challenge.
Bytes login_signed_bytes(const NetworkId& network, const AccountId& organisation, ByteView challenge);

/// What a wallet's login key signs of the transaction that makes a grant, so that nobody grants with a token alone
/// under a control key of his own: "salus.order.v1" || network id || custodian || body.
Bytes order_signed_bytes(const NetworkId& network, const AccountId& custodian, ByteView body);

/// Fills key and signature. Pre: until_ms - from_ms is at most kStaffCredentialMs
void sign_staff_credential(StaffCredential& credential, const NetworkId& network,
                           const crypto::SigningKey& organisation_key);
/// What needs no state: period in order and short enough, `now_ms` within it, names that can be printed, the signature
/// good on `network`. Whether `key` is one of the organisation's is for the state to say. Errors: kUnauthenticated
Status check_staff_credential(const StaffCredential& credential, const NetworkId& network, TimeMs now_ms);

/// Made by a wallet and shown at the desk (as a code to scan): its keys at this custodian, with proof that it holds the
/// login key. It names no patient: the registrar, who has seen a passport, says whose chart it is.
struct BindOffer {
    std::uint32_t version = 1;
    NetworkId network_id;
    AccountId custodian;
    Signer login_key;
    ByteArray<32> sealing_key{};
    TimeMs made_ms = 0;
    Bytes signature;  ///< by the login key over "salus.bind.v1" || encoding without signature

    static constexpr std::string_view kName = "BindOffer";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &BindOffer::version), codec::field<2>("network_id", &BindOffer::network_id),
        codec::field<3>("custodian", &BindOffer::custodian), codec::field<4>("login_key", &BindOffer::login_key),
        codec::field<5>("sealing_key", &BindOffer::sealing_key), codec::field<6>("made_ms", &BindOffer::made_ms),
        codec::field<7>("signature", &BindOffer::signature, kSignatureBytesMax));
    bool operator==(const BindOffer&) const = default;
    [[nodiscard]] Bytes signed_bytes() const;
};
/// An offer counts for so long after it was made.
inline constexpr TimeMs kBindOfferMs = kHourMs;

BindOffer make_bind_offer(const crypto::Key256& entropy, const NetworkId& network, const AccountId& custodian,
                          TimeMs now_ms);
/// Errors: kUsage, naming what does not fit
Status check_bind_offer(const BindOffer& offer, const NetworkId& network, const AccountId& custodian, TimeMs now_ms);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(BindOffer)
}  // namespace salus
