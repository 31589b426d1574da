#pragma once

#include <string>
#include <vector>

#include "model/leaf.hpp"

/// The terms of a grant, committed on the chain and opened only to whoever must judge them. Source: docs/protocol.md,
/// "Terms"
namespace salus {

/// HL7 v3 ActReason, the codes that IHE PCF names. Numbers are on the wire.
enum class Purpose : std::uint32_t {
    kTreat = 1,
    kEmergencyTreat = 2,
    kBreakGlass = 3,
    kPayment = 4,
    kOperations = 5,
    kResearch = 6,
    kClinicalTrial = 7,
    kPublicHealth = 8,
    kPatientRequest = 9,
    kFamilyRequest = 10
};
constexpr bool is_known(Purpose purpose) noexcept {
    return purpose >= Purpose::kTreat && purpose <= Purpose::kFamilyRequest;
}
/// "TREAT", "ETREAT", "BTG", "HPAYMT", "HOPERAT", "HRESCH", "CLINTRCH", "PUBHLTH", "PATRQT", "FAMRQT"
std::string_view purpose_code(Purpose purpose) noexcept;
std::optional<Purpose> purpose_from_code(std::string_view code) noexcept;

enum class Decide : std::uint32_t { kPermit = 1, kDeny = 2 };
constexpr bool is_known(Decide decide) noexcept { return decide == Decide::kPermit || decide == Decide::kDeny; }

/// What a provision matches; an empty criterion matches all.
struct Criteria {
    std::vector<AccountId> organisations;
    std::vector<std::string> practitioners;  ///< identifiers, "system|value"
    std::vector<std::string> roles;
    std::vector<std::uint64_t> purposes;  ///< Purpose
    std::vector<std::uint64_t> actions;   ///< 1 read (more later)
    std::vector<std::string> types;       ///< FHIR resource types
    std::vector<std::string> codes;       ///< "system|code"
    std::vector<std::string> labels;      ///< security labels: N R ETH ETHUD OPIOIDUD PSY SEX HIV
    std::vector<std::string> instances;   ///< "Type/id"
    std::string author;                   ///< "system|value"
    TimeMs data_from_ms = 0;              ///< 0: open
    TimeMs data_until_ms = 0;

    static constexpr std::string_view kName = "Criteria";
    static constexpr auto kFields = codec::table(
        codec::field<1>("organisations", &Criteria::organisations, 100),
        codec::field<2>("practitioners", &Criteria::practitioners, 100, 300),
        codec::field<3>("roles", &Criteria::roles, 100, 300), codec::field<4>("purposes", &Criteria::purposes, 32),
        codec::field<5>("actions", &Criteria::actions, 32), codec::field<6>("types", &Criteria::types, 200, 64),
        codec::field<7>("codes", &Criteria::codes, 200, 300), codec::field<8>("labels", &Criteria::labels, 32, 64),
        codec::field<9>("instances", &Criteria::instances, 1000, 130),
        codec::field<10>("author", &Criteria::author, 300), codec::field<11>("data_from_ms", &Criteria::data_from_ms),
        codec::field<12>("data_until_ms", &Criteria::data_until_ms));
    bool operator==(const Criteria&) const = default;
};

struct GrantTerms {
    std::uint32_t version = 1;
    Salt salt{};
    GrantId grant;
    AccountId custodian;
    SubjectId subject;
    Decide decide{};
    Criteria scope;
    std::vector<Criteria> exceptions;  ///< inside the scope, where the opposite holds
    TimeMs from_ms = 0;
    TimeMs until_ms = 0;  ///< the period is [from, until)
    std::vector<GrantId> supersedes;
    std::optional<Hash> paper;  ///< digest of the signed form, where the custodian attests
    std::string attested_by;    ///< who at the desk, where the custodian attests

    static constexpr std::string_view kName = "GrantTerms";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &GrantTerms::version), codec::field<2>("salt", &GrantTerms::salt),
        codec::field<3>("grant", &GrantTerms::grant), codec::field<4>("custodian", &GrantTerms::custodian),
        codec::field<5>("subject", &GrantTerms::subject), codec::field<6>("decide", &GrantTerms::decide),
        codec::field<7>("scope", &GrantTerms::scope), codec::field<8>("exceptions", &GrantTerms::exceptions, 100),
        codec::field<9>("from_ms", &GrantTerms::from_ms), codec::field<10>("until_ms", &GrantTerms::until_ms),
        codec::field<11>("supersedes", &GrantTerms::supersedes, 100), codec::field<12>("paper", &GrantTerms::paper),
        codec::field<13>("attested_by", &GrantTerms::attested_by, 300));
    bool operator==(const GrantTerms&) const = default;

    /// SHA-256("salus.terms.v1" || encoding)
    [[nodiscard]] Hash commitment() const;
    /// until_ms rounded up to the hour: what the chain shows
    [[nodiscard]] TimeMs not_after_ms() const noexcept;
};

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(GrantTerms)
}  // namespace salus
