#pragma once

#include <variant>

#include "model/account.hpp"
#include "model/state.hpp"

/// Consent: grants and denials whose terms are committed, not shown. Source: docs/protocol.md, "Consent"
namespace salus::consent {

enum class AttestedBy : std::uint32_t { kWallet = 1, kCustodian = 2 };
constexpr bool is_known(AttestedBy by) noexcept { return by == AttestedBy::kWallet || by == AttestedBy::kCustodian; }
enum class GrantStatus : std::uint32_t { kActive = 1, kRevoked = 2 };
constexpr bool is_known(GrantStatus status) noexcept {
    return status == GrantStatus::kActive || status == GrantStatus::kRevoked;
}

/// Sent by the custodian. With a control key, which is then among the signers, the wallet attests; without, the
/// custodian.
struct Create {
    GrantId grant;
    std::optional<Signer> control_key;
    Hash terms{};             ///< commitment to the GrantTerms
    TimeMs not_after_ms = 0;  ///< the exact end rounded up to the hour
    static constexpr std::string_view kName = "CreateGrant";
    static constexpr auto kFields =
        codec::table(codec::field<1>("grant", &Create::grant), codec::field<2>("control_key", &Create::control_key),
                     codec::field<3>("terms", &Create::terms), codec::field<4>("not_after_ms", &Create::not_after_ms));
};
/// Sent by the custodian, or by the grant itself under its control key.
struct Revoke {
    GrantId grant;
    static constexpr std::string_view kName = "RevokeGrant";
    static constexpr auto kFields = codec::table(codec::field<1>("grant", &Revoke::grant));
};
struct Payload {
    std::variant<Create, Revoke> action;
    static constexpr std::string_view kName = "ConsentPayload";
    static constexpr auto kFields = codec::table(codec::field<1>("action", &Payload::action));
};

/// Table 1, decision values by grant.
struct GrantState {
    AccountId custodian;
    std::optional<Signer> control_key;
    Hash terms{};
    TimeMs not_after_ms = 0;
    AttestedBy attested_by{};
    GrantStatus status{};
    static constexpr std::string_view kName = "GrantState";
    static constexpr auto kFields = codec::table(
        codec::field<1>("custodian", &GrantState::custodian), codec::field<2>("control_key", &GrantState::control_key),
        codec::field<3>("terms", &GrantState::terms), codec::field<4>("not_after_ms", &GrantState::not_after_ms),
        codec::field<5>("attested_by", &GrantState::attested_by), codec::field<6>("status", &GrantState::status));
    bool operator==(const GrantState&) const = default;
};

/// Table 2, by SHA-256 of suite and key: a control key controls one grant, for ever.
struct ControlKeyState {
    GrantId grant;
    static constexpr std::string_view kName = "ControlKeyState";
    static constexpr auto kFields = codec::table(codec::field<1>("grant", &ControlKeyState::grant));
};

Bytes grant_key(const GrantId& grant);
Bytes control_key_key(const Signer& key);

enum class EventKind : std::uint32_t { kCreated = 1, kRevoked = 2 };

}  // namespace salus::consent

namespace salus {
SALUS_DECLARE_CODEC(consent::Payload)
SALUS_DECLARE_CODEC(consent::GrantState)
SALUS_DECLARE_CODEC(consent::ControlKeyState)
}  // namespace salus
