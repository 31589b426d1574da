#pragma once

#include <string>
#include <vector>

#include "model/account.hpp"
#include "model/terms.hpp"

/// What a disclosure row commits to. Source: docs/protocol.md, "Manifest"
namespace salus {

enum class Basis : std::uint32_t {
    kGrant = 1,
    kTreatment = 2,
    kOperations = 3,
    kLaw = 4,
    kEmergency = 5,
    kPatient = 6
};
constexpr bool is_known(Basis basis) noexcept { return basis >= Basis::kGrant && basis <= Basis::kPatient; }
std::string_view basis_name(Basis basis) noexcept;
std::optional<Basis> basis_from_name(std::string_view name) noexcept;

/// A member of an organisation's staff, for at most 12 hours, as the organisation vouches. Shown inside commitments
/// only.
struct StaffCredential {
    AccountId organisation;
    std::string name;
    std::string role;  ///< "physician", "emergency-physician", "nurse", "registrar", "privacy-officer", "billing", ...
    std::string id;    ///< "system|value"
    TimeMs from_ms = 0;
    TimeMs until_ms = 0;
    Signer key;       ///< of the organisation
    Bytes signature;  ///< over "salus.staff.v1" || network id || encoding without signature

    static constexpr std::string_view kName = "StaffCredential";
    static constexpr auto kFields = codec::table(
        codec::field<1>("organisation", &StaffCredential::organisation),
        codec::field<2>("name", &StaffCredential::name, 200), codec::field<3>("role", &StaffCredential::role, 64),
        codec::field<4>("id", &StaffCredential::id, 300), codec::field<5>("from_ms", &StaffCredential::from_ms),
        codec::field<6>("until_ms", &StaffCredential::until_ms), codec::field<7>("key", &StaffCredential::key),
        codec::field<8>("signature", &StaffCredential::signature, kSignatureBytesMax));
    bool operator==(const StaffCredential&) const = default;
    /// Of one network: the same organisation may be a member of two, where its staff may do different things.
    [[nodiscard]] Bytes signed_bytes(const NetworkId& network) const;
};

/// A resource version that a disclosure hands over.
struct DisclosedLeaf {
    Hash leaf{};
    std::uint64_t index = 0;
    std::uint32_t form = 1;           ///< 1 whole and proven; 2 subsetted: derived, not proven
    std::vector<std::string> labels;  ///< security labels that the server assigned

    static constexpr std::string_view kName = "DisclosedLeaf";
    static constexpr auto kFields = codec::table(
        codec::field<1>("leaf", &DisclosedLeaf::leaf), codec::field<2>("index", &DisclosedLeaf::index),
        codec::field<3>("form", &DisclosedLeaf::form), codec::field<4>("labels", &DisclosedLeaf::labels, 32, 64));
    bool operator==(const DisclosedLeaf&) const = default;
};

struct Manifest {
    std::uint32_t version = 1;
    Salt salt{};
    AccountId custodian;
    ByteArray<16> request_id{};
    AccountId requester;  ///< an organisation; of a patient's own read, the custodian
    std::optional<StaffCredential> user;
    Purpose purpose{};
    Basis basis{};
    std::string law;  ///< code, where the basis is law
    std::string jurisdiction;
    std::uint64_t policy_version = 0;
    std::vector<GrantId> grants;  ///< those that decided; the row names the first
    std::uint64_t view_key_epoch = 0;
    std::uint64_t tag_index = 0;  ///< i of the row's tag
    TimeMs decided_ms = 0;
    std::vector<DisclosedLeaf> leaves;
    Hash answer{};  ///< SHA-256 of the sealed answer
    std::vector<std::string> obligations;
    std::optional<ByteArray<16>> intent_id;  ///< of a late row
    Height intent_height = 0;

    static constexpr std::string_view kName = "Manifest";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &Manifest::version), codec::field<2>("salt", &Manifest::salt),
        codec::field<3>("custodian", &Manifest::custodian), codec::field<4>("request_id", &Manifest::request_id),
        codec::field<5>("requester", &Manifest::requester), codec::field<6>("user", &Manifest::user),
        codec::field<7>("purpose", &Manifest::purpose), codec::field<8>("basis", &Manifest::basis),
        codec::field<9>("law", &Manifest::law, 100), codec::field<10>("jurisdiction", &Manifest::jurisdiction, 16),
        codec::field<11>("policy_version", &Manifest::policy_version),
        codec::field<12>("grants", &Manifest::grants, 100),
        codec::field<13>("view_key_epoch", &Manifest::view_key_epoch),
        codec::field<14>("tag_index", &Manifest::tag_index), codec::field<15>("decided_ms", &Manifest::decided_ms),
        codec::field<16>("leaves", &Manifest::leaves, 100'000), codec::field<17>("answer", &Manifest::answer),
        codec::field<18>("obligations", &Manifest::obligations, 100, 300),
        codec::field<19>("intent_id", &Manifest::intent_id),
        codec::field<20>("intent_height", &Manifest::intent_height));
    bool operator==(const Manifest&) const = default;

    /// SHA-256("salus.manifest.v1" || encoding)
    [[nodiscard]] Hash commitment() const;
};

/// What a break-glass opening commits to.
struct BreakGlassTerms {
    Salt salt{};
    AccountId custodian;
    AccountId requester;
    StaffCredential user;
    SubjectId subject;
    Purpose purpose{};
    std::string reason;
    TimeMs opened_ms = 0;
    TimeMs until_ms = 0;

    static constexpr std::string_view kName = "BreakGlassTerms";
    static constexpr auto kFields = codec::table(
        codec::field<1>("salt", &BreakGlassTerms::salt), codec::field<2>("custodian", &BreakGlassTerms::custodian),
        codec::field<3>("requester", &BreakGlassTerms::requester), codec::field<4>("user", &BreakGlassTerms::user),
        codec::field<5>("subject", &BreakGlassTerms::subject), codec::field<6>("purpose", &BreakGlassTerms::purpose),
        codec::field<7>("reason", &BreakGlassTerms::reason, 2000),
        codec::field<8>("opened_ms", &BreakGlassTerms::opened_ms),
        codec::field<9>("until_ms", &BreakGlassTerms::until_ms));
    bool operator==(const BreakGlassTerms&) const = default;
    /// SHA-256("salus.breakglass.v1" || encoding)
    [[nodiscard]] Hash commitment() const;
};

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(Manifest)
SALUS_DECLARE_CODEC(StaffCredential)
SALUS_DECLARE_CODEC(BreakGlassTerms)
}  // namespace salus
