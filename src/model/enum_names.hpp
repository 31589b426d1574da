#pragma once

#include <array>
#include <optional>

#include "model/audit_record.hpp"
#include "model/cometbft/messages.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"
#include "model/genesis.hpp"
#include "model/manifest.hpp"

/// What the values of the enums on the wire are called, in JSON, in docs/salus.proto and in messages for people. One
/// table an enum; names are as stable as numbers.
namespace salus {

template <class Enum>
struct EnumNames;  // kType, kFirst (the number of the first name), kNames

#define SALUS_ENUM_NAMES(ENUM, TYPE, FIRST, ...)                                     \
    template <>                                                                      \
    struct EnumNames<ENUM> {                                                         \
        static constexpr std::string_view kType = TYPE;                              \
        static constexpr std::uint32_t kFirst = FIRST;                               \
        static constexpr auto kNames = std::to_array<std::string_view>(__VA_ARGS__); \
    }

SALUS_ENUM_NAMES(AccountKind, "AccountKind", 1, {"organisation", "node", "device", "grant"});
SALUS_ENUM_NAMES(KeyUse, "KeyUse", 1, {"sign", "seal", "tls"});
SALUS_ENUM_NAMES(crypto::SignatureSuite, "SignatureSuite", 1, {"ed25519"});
SALUS_ENUM_NAMES(Contract, "Contract", 0,
                 {"system", "governance", "identity", "records", "consent", "disclosure", "audit", "supply", "trials",
                  "claims", "tokens", "analytics"});
SALUS_ENUM_NAMES(EngineKind, "EngineKind", 1, {"embedded", "cometbft"});
SALUS_ENUM_NAMES(cometbft::VoteFlag, "CometBftVoteFlag", 1, {"absent", "commit", "nil"});
SALUS_ENUM_NAMES(NetworkMode, "NetworkMode", 1, {"private", "consortium", "public"});
SALUS_ENUM_NAMES(RecordOp, "RecordOp", 1, {"create", "update", "delete", "error", "link", "copy"});
SALUS_ENUM_NAMES(Purpose, "Purpose", 1,
                 {"TREAT", "ETREAT", "BTG", "HPAYMT", "HOPERAT", "HRESCH", "CLINTRCH", "PUBHLTH", "PATRQT", "FAMRQT"});
SALUS_ENUM_NAMES(Decide, "Decide", 1, {"permit", "deny"});
SALUS_ENUM_NAMES(Basis, "Basis", 1, {"grant", "treatment", "operations", "law", "emergency", "patient"});
SALUS_ENUM_NAMES(governance::OrganisationKind, "OrganisationKind", 1,
                 {"hospital", "laboratory", "pharmacy", "manufacturer", "sponsor", "payer", "regulator", "other"});
SALUS_ENUM_NAMES(governance::MemberStatus, "MemberStatus", 1, {"active", "suspended"});
SALUS_ENUM_NAMES(governance::Parameter, "Parameter", 1,
                 {"threshold-percent", "proposal-lifetime-ms", "recovery-wait-ms", "recovery-wait-blocks",
                  "audit-interval-ms", "member-bytes-per-block", "regulator-consent", "power-limit",
                  "engine-block-bytes"});
SALUS_ENUM_NAMES(governance::ProposalStatus, "ProposalStatus", 1, {"open", "passed", "rejected"});
SALUS_ENUM_NAMES(identity::AccountStatus, "AccountStatus", 1, {"active", "suspended"});
SALUS_ENUM_NAMES(consent::AttestedBy, "AttestedBy", 1, {"wallet", "custodian"});
SALUS_ENUM_NAMES(consent::GrantStatus, "GrantStatus", 1, {"active", "revoked"});
SALUS_ENUM_NAMES(AuditAction, "AuditAction", 1,
                 {"read", "vread", "history", "search", "create", "update", "batch", "disclose", "decision",
                  "break-glass", "review", "resend", "delivered", "login", "bind", "consent", "download"});
SALUS_ENUM_NAMES(disclosure::BreakGlassStatus, "BreakGlassStatus", 1, {"awaiting-review", "reviewed"});

#undef SALUS_ENUM_NAMES

/// Empty where the value is not known.
template <class Enum>
constexpr std::string_view enum_name(Enum value) noexcept {
    const std::uint32_t index = static_cast<std::uint32_t>(value) - EnumNames<Enum>::kFirst;
    return index < EnumNames<Enum>::kNames.size() ? EnumNames<Enum>::kNames[index] : std::string_view{};
}

template <class Enum>
constexpr std::optional<Enum> enum_from_name(std::string_view name) noexcept {
    for (std::uint32_t i = 0; i < EnumNames<Enum>::kNames.size(); ++i)
        if (EnumNames<Enum>::kNames[i] == name) return static_cast<Enum>(EnumNames<Enum>::kFirst + i);
    return std::nullopt;
}

}  // namespace salus
