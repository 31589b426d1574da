#pragma once

#include <string>
#include <variant>

#include "model/account.hpp"
#include "model/state.hpp"

/// Disclosure: one row for each hand-over of data, break-glass openings, and the policies they stand under.
/// What the contract can check and what only the holder of an opening can is said in docs/protocol.md, "Disclosure".
namespace salus::disclosure {

/// Sent by the custodian before the data leaves; late only for an emergency.
struct File {
    Hash tag{};  ///< HMAC-SHA256(view key, "salus.disclosure.v1" || u64 i), i from 1
    std::optional<GrantId> grant;
    std::uint64_t policy_version = 0;  ///< of the custodian's jurisdiction
    Hash manifest{};                   ///< commitment
    Height intent_height = 0;          ///< not 0: late; the chain's height when the data left
    static constexpr std::string_view kName = "FileDisclosure";
    static constexpr auto kFields = codec::table(
        codec::field<1>("tag", &File::tag), codec::field<2>("grant", &File::grant),
        codec::field<3>("policy_version", &File::policy_version), codec::field<4>("manifest", &File::manifest),
        codec::field<5>("intent_height", &File::intent_height));
};
/// Sent by the custodian whose patient was opened.
struct BreakGlass {
    BreakGlassId opening;
    Hash commitment{};    ///< to requester, subject, reason (BreakGlassTerms)
    TimeMs until_ms = 0;  ///< at most 4 h after opened_ms
    TimeMs opened_ms = 0;
    static constexpr std::string_view kName = "BreakGlass";
    static constexpr auto kFields = codec::table(
        codec::field<1>("opening", &BreakGlass::opening), codec::field<2>("commitment", &BreakGlass::commitment),
        codec::field<3>("until_ms", &BreakGlass::until_ms), codec::field<4>("opened_ms", &BreakGlass::opened_ms));
};
/// The custodian's privacy officer has reviewed an opening; the finding stands in the commitment.
struct Review {
    BreakGlassId opening;
    Hash finding{};
    static constexpr std::string_view kName = "ReviewBreakGlass";
    static constexpr auto kFields =
        codec::table(codec::field<1>("opening", &Review::opening), codec::field<2>("finding", &Review::finding));
};
/// Publishes a document that a passed AdoptPolicy names. Any member may carry it.
struct PublishPolicy {
    ProposalId proposal;
    Bytes document;
    static constexpr std::string_view kName = "PublishPolicy";
    static constexpr auto kFields =
        codec::table(codec::field<1>("proposal", &PublishPolicy::proposal),
                     codec::field<2>("document", &PublishPolicy::document, kPolicyBytesMax));
};
struct Payload {
    std::variant<File, BreakGlass, Review, PublishPolicy> action;
    static constexpr std::string_view kName = "DisclosurePayload";
    static constexpr auto kFields = codec::table(codec::field<1>("action", &Payload::action));
};

/// Table 1, by custodian and tag: a pending row shows its tag to all, and nobody else may take it first.
struct RowState {
    AccountId custodian;
    std::optional<GrantId> grant;
    std::uint64_t policy_version = 0;
    Hash manifest{};
    Height intent_height = 0;
    Place place;
    static constexpr std::string_view kName = "RowState";
    static constexpr auto kFields = codec::table(
        codec::field<1>("custodian", &RowState::custodian), codec::field<2>("grant", &RowState::grant),
        codec::field<3>("policy_version", &RowState::policy_version), codec::field<4>("manifest", &RowState::manifest),
        codec::field<5>("intent_height", &RowState::intent_height), codec::field<6>("place", &RowState::place));
    bool operator==(const RowState&) const = default;
};
enum class BreakGlassStatus : std::uint32_t { kAwaitingReview = 1, kReviewed = 2 };
constexpr bool is_known(BreakGlassStatus status) noexcept {
    return status == BreakGlassStatus::kAwaitingReview || status == BreakGlassStatus::kReviewed;
}
/// Table 2, decision values by opening.
struct BreakGlassState {
    AccountId custodian;
    Hash commitment{};
    TimeMs opened_ms = 0;
    TimeMs until_ms = 0;
    TimeMs review_due_ms = 0;
    BreakGlassStatus status{};
    std::optional<Hash> finding;
    static constexpr std::string_view kName = "BreakGlassState";
    static constexpr auto kFields = codec::table(codec::field<1>("custodian", &BreakGlassState::custodian),
                                                 codec::field<2>("commitment", &BreakGlassState::commitment),
                                                 codec::field<3>("opened_ms", &BreakGlassState::opened_ms),
                                                 codec::field<4>("until_ms", &BreakGlassState::until_ms),
                                                 codec::field<5>("review_due_ms", &BreakGlassState::review_due_ms),
                                                 codec::field<6>("status", &BreakGlassState::status),
                                                 codec::field<7>("finding", &BreakGlassState::finding));
    bool operator==(const BreakGlassState&) const = default;
};
/// Table 3, decision values by jurisdiction.
struct PolicyState {
    std::uint64_t version = 0;
    Hash document{};  ///< SHA-256 of its bytes
    Height in_force = 0;
    static constexpr std::string_view kName = "PolicyState";
    static constexpr auto kFields = codec::table(codec::field<1>("version", &PolicyState::version),
                                                 codec::field<2>("document", &PolicyState::document),
                                                 codec::field<3>("in_force", &PolicyState::in_force));
    bool operator==(const PolicyState&) const = default;
};

Bytes row_key(const AccountId& custodian, const Hash& tag);
Bytes break_glass_key(const BreakGlassId& opening);
Bytes policy_key(std::string_view jurisdiction);

/// Tag i, from 1, of a subject's list. Source: docs/protocol.md, "The patient's list"
Hash disclosure_tag(ByteView view_key, std::uint64_t i);

enum class EventKind : std::uint32_t { kFiled = 1, kGlassBroken = 2, kReviewed = 3, kPolicyPublished = 4 };

}  // namespace salus::disclosure

namespace salus {
SALUS_DECLARE_CODEC(disclosure::Payload)
SALUS_DECLARE_CODEC(disclosure::RowState)
SALUS_DECLARE_CODEC(disclosure::BreakGlassState)
SALUS_DECLARE_CODEC(disclosure::PolicyState)
}  // namespace salus
