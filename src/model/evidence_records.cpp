#include <algorithm>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/identity.hpp"
#include "model/enum_names.hpp"
#include "model/evidence_verifier.hpp"
#include "model/login.hpp"

namespace salus::evidence {
namespace {

constexpr std::uint64_t kActionRead = 1;

template <class List, class Value>
bool names(const List& list, const Value& value) {
    return std::ranges::find(list, value) != list.end();
}

/// An empty criterion matches all.
template <class List, class Value>
bool admits(const List& list, const Value& value) {
    return list.empty() || names(list, value);
}

std::string instance_of(const LeafContent& content) { return content.type + "/" + content.id; }

/// Who asked and what for; nothing said of the content.
Status check_asker(const Criteria& scope, const Manifest& manifest) {
    const auto* user = manifest.user ? &*manifest.user : nullptr;
    if (!admits(scope.organisations, manifest.requester)) return unproven("the requester is not one of the grantees");
    if (!scope.practitioners.empty() && (user == nullptr || !names(scope.practitioners, user->id)))
        return unproven("the user is not one of the practitioners that the terms name");
    if (!scope.roles.empty() && (user == nullptr || !names(scope.roles, user->role)))
        return unproven("the user has none of the roles that the terms name");
    if (!admits(scope.purposes, static_cast<std::uint64_t>(manifest.purpose)))
        return unproven("the terms do not allow the purpose");
    if (!admits(scope.actions, kActionRead)) return unproven("the terms do not allow to read");
    return {};
}

Status check_row(const disclosure::RowState& row, const Manifest& manifest) {
    if (manifest.version != 1) return unproven("a manifest of an unknown version");
    if (manifest.commitment() != row.manifest) return unproven("the row commits to another manifest");
    if (manifest.custodian != row.custodian) return unproven("the row was filed by another custodian");
    const auto first = manifest.grants.empty() ? std::optional<GrantId>{} : manifest.grants.front();
    if (first != row.grant) return unproven("the row names another grant than the manifest");
    if (manifest.policy_version != row.policy_version) return unproven("the row names another policy version");
    if (manifest.intent_height != row.intent_height) return unproven("the row is late from another block");
    if (manifest.intent_id.has_value() != (row.intent_height != 0))
        return unproven("an intent belongs to a late row and only to it");
    if (manifest.basis == Basis::kGrant && manifest.grants.empty())
        return unproven("the basis is a grant, and none is named");
    if ((manifest.basis == Basis::kLaw) == manifest.law.empty())
        return unproven("a law is named where it is the basis, and only there");
    return {};
}

/// i of the row's tag, where the file lets it be checked: by whoever has the view key.
Result<std::string> check_tag(const ProvenDisclosure& disclosure, ByteView tag) {
    const std::uint64_t named = disclosure.manifest.tag_index;
    if (disclosure.tag_index != 0 && (named != 0 || !disclosure.view_key))
        return unproven("the row's index is given twice, or without the key that it is checked by");
    if (!disclosure.view_key) return std::string();
    const std::uint64_t i = named != 0 ? named : disclosure.tag_index;
    if (i == 0) return unproven("the row has no index");
    if (!equal(disclosure::disclosure_tag(*disclosure.view_key, i), tag))
        return unproven("the row's tag is not made by this view key and index");
    return ", row " + std::to_string(i) + " of the patient's list";
}

std::string whom(const Manifest& manifest) {
    return organisation(manifest.requester) +
           (manifest.user ? " (" + manifest.user->name + ", " + manifest.user->role + ")" : "");
}

std::string basis_text(const Manifest& manifest) {
    std::string text = std::string(basis_name(manifest.basis));
    if (manifest.basis == Basis::kLaw) text += " " + manifest.law;
    if (!manifest.grants.empty()) text += " " + to_hex(manifest.grants.front());
    return text;
}

}  // namespace

Shown Verifier::check_record(const ProvenRecord& record) const {
    const LeafOpening& opening = record.opening;
    const LeafContent& content = opening.content;
    SALUS_TRY(const ProvenLeaf* leaf, proven_leaf(record.leaf));
    const ProvenState& log = evidence_.states[leaf->log];
    if (log.contract != Contract::kRecords || log.key != records::log_key(content.custodian))
        return unproven("the leaf does not stand in the log of the custodian that it names");
    if (opening.leaf() != leaf->leaf || opening.index != leaf->index) return unproven("the opening is of another leaf");
    if (content.digest_suite != kDigestSha256) return unproven("a digest of an unknown suite");
    if (record.resource && crypto::sha256(*record.resource) != content.digest)
        return unproven("the resource is not the one that the leaf stands for");
    if (record.chain && record.chain->hash() != opening.chain) return unproven("the chain is of another leaf");

    SALUS_TRY(const ProvenState* superseded, proven_state(record.superseded, Contract::kRecords));
    if (superseded->key != records::superseded_key(content.custodian, superseded_nullifier(content.salt)))
        return unproven("the state value does not tell whether this version was replaced");
    std::string currency = "not declared replaced by its custodian" + as_of();
    if (superseded->present) {
        SALUS_TRY(const auto place, decode_state<records::SupersededState>(*superseded));
        currency = "declared replaced by its custodian in block " + std::to_string(place.height) +
                   ", current up to block " + std::to_string(place.height - 1);
    }
    return instance_of(content) + " version " + std::to_string(content.version) + " (" +
           std::string(enum_name(content.op)) + ", " + to_iso_time(content.written_ms) + ", of " +
           organisation(content.custodian) +
           "): " + (record.resource ? "the bytes are those of the leaf; " : "the bytes are not in the file; ") +
           currency;
}

Status Verifier::check_user(const Manifest& manifest) const {
    if (!manifest.user) return {};
    const StaffCredential& user = *manifest.user;
    if (user.organisation != manifest.requester) return unproven("the user is not of the requester's staff");
    if (auto status = check_staff_credential(user, evidence_.header.network_id, manifest.decided_ms); !status)
        return unproven("when the data was disclosed, " + status.error().message);
    // The credential names its own key: only the state says whose that is.
    const Bytes key = identity::key_owner_key(user.key);
    for (std::size_t i = 0; i < evidence_.states.size(); ++i) {
        const ProvenState& state = evidence_.states[i];
        if (good_states_[i] == 0 || state.contract != Contract::kIdentity || state.key != key) continue;
        SALUS_TRY(const auto owner, decode_state<identity::KeyOwner>(state));
        if (owner.account == user.organisation) return {};
        return unproven("the user's credential is signed by a key of another account");
    }
    return unproven("nothing shows whose key signed the user's credential");
}

Result<TimeMs> Verifier::time_of(Height height) const {
    for (std::size_t i = 0; i < evidence_.blocks.size(); ++i)
        if (good_blocks_[i] != 0 && evidence_.blocks[i].header.height == height)
            return evidence_.blocks[i].header.time_ms;
    return unproven("nothing shows the time of block " + std::to_string(height));
}

/// The custodian says when it decided; the blocks say when that can have been. Where several nodes order, a block's
/// time is of the votes on the one before it: what it holds may have been decided after.
Status Verifier::check_decided(const disclosure::RowState& row, TimeMs decided_ms) const {
    SALUS_TRY(const TimeMs filed_ms, time_of(row.place.height));
    TimeMs earliest_ms = filed_ms - std::min(filed_ms, kWindowMs);
    if (row.intent_height != 0) {
        SALUS_TRY(earliest_ms, time_of(row.intent_height));
    }
    const bool too_late = decided_ms > filed_ms && decided_ms - filed_ms > kWindowMs;
    if (!too_late && decided_ms >= earliest_ms) return {};
    return unproven("the time of the decision does not fit the blocks of the row");
}

Shown Verifier::check_disclosure(const ProvenDisclosure& disclosure) const {
    const Manifest& manifest = disclosure.manifest;
    SALUS_TRY(const ProvenState* state, proven_state(disclosure.row, Contract::kDisclosure));
    SALUS_TRY(const auto row, decode_state<disclosure::RowState>(*state));
    const ByteView tag = ByteView(state->key).last(std::min<std::size_t>(32, state->key.size()));
    Hash tag_hash{};
    std::ranges::copy(tag, tag_hash.begin());
    if (state->key != disclosure::row_key(row.custodian, tag_hash))
        return unproven("the state value is not a disclosure row");
    SALUS_TRY_STATUS(check_row(row, manifest));
    SALUS_TRY_STATUS(check_user(manifest));
    SALUS_TRY_STATUS(check_decided(row, manifest.decided_ms));
    SALUS_TRY(const std::string index, check_tag(disclosure, tag));
    return organisation(manifest.custodian) + " disclosed " + std::to_string(manifest.leaves.size()) +
           " resource versions to " + whom(manifest) + " for " + std::string(purpose_code(manifest.purpose)) +
           " on the basis " + basis_text(manifest) + ", decided " + to_iso_time(manifest.decided_ms) +
           "; the row stands in block " + std::to_string(row.place.height) + index +
           (row.intent_height == 0 ? "" : ", late: the data left at block " + std::to_string(row.intent_height));
}

Shown Verifier::check_grant(const ProvenGrant& grant) const {
    const GrantTerms& terms = grant.terms;
    const Bytes key = consent::grant_key(terms.grant);
    SALUS_TRY(const ProvenState* head_state, proven_state(grant.head, Contract::kConsent));
    SALUS_TRY(const ProvenState* entry_state, proven_state(grant.entry, Contract::kConsent));
    if (head_state->key != key) return unproven("the head is of another grant");
    SALUS_TRY(const auto head, decode_state<DecisionHead>(*head_state));
    if (head.n == 0 || entry_state->key != decision_key(key, head.n))
        return unproven("the entry is not the grant's newest");
    SALUS_TRY(const auto entry, decode_state<DecisionEntry>(*entry_state));
    SALUS_TRY(const auto value, codec::decode<consent::GrantState>(entry.value));

    if (terms.version != 1) return unproven("terms of an unknown version");
    if (terms.commitment() != value.terms) return unproven("the grant commits to other terms");
    if (terms.custodian != value.custodian) return unproven("the grant is at another custodian");
    if (terms.not_after_ms() != value.not_after_ms) return unproven("the chain shows another end than the terms");
    if (terms.from_ms >= terms.until_ms) return unproven("the terms have no period");
    const bool by_wallet = value.attested_by == consent::AttestedBy::kWallet;
    if (by_wallet != value.control_key.has_value()) return unproven("a wallet attests by its control key");
    return to_hex(terms.grant) + " " + std::string(enum_name(terms.decide)) + "s from " + to_iso_time(terms.from_ms) +
           " until " + to_iso_time(terms.until_ms) + " at " + organisation(terms.custodian) + ", attested by the " +
           std::string(enum_name(value.attested_by)) +
           (value.status == consent::GrantStatus::kActive ? "; not revoked" + as_of()
                                                          : "; revoked in block " + std::to_string(entry.place.height));
}

const LeafContent* Verifier::opened(const DisclosedLeaf& leaf) const {
    const auto found = std::ranges::find_if(evidence_.records, [&](const ProvenRecord& record) {
        return record.opening.index == leaf.index && record.opening.leaf() == leaf.leaf;
    });
    return found == evidence_.records.end() ? nullptr : &found->opening.content;
}

/// Whether a disclosed leaf falls under `criteria` for certain. Codes, labels, author and the time of the data stand in
/// the resource, not in its leaf: where they are asked for, the file cannot tell.
bool Verifier::certainly_falls_under(const Criteria& criteria, const Manifest& manifest,
                                     const DisclosedLeaf& leaf) const {
    if (!check_asker(criteria, manifest)) return false;
    if (!criteria.codes.empty() || !criteria.labels.empty() || !criteria.author.empty() || criteria.data_from_ms != 0 ||
        criteria.data_until_ms != 0)
        return false;
    if (criteria.types.empty() && criteria.instances.empty()) return true;
    const LeafContent* content = opened(leaf);
    return content != nullptr && admits(criteria.types, content->type) &&
           admits(criteria.instances, instance_of(*content));
}

/// Whether it may: what the file does not show may be so.
bool Verifier::may_fall_under(const Criteria& criteria, const Manifest& manifest, const DisclosedLeaf& leaf) const {
    if (!check_asker(criteria, manifest)) return false;
    const LeafContent* content = opened(leaf);
    return content == nullptr ||
           (admits(criteria.types, content->type) && admits(criteria.instances, instance_of(*content)));
}

/// Whether a denial's scope holds this leaf for certain, and none of its exceptions may let it out.
bool Verifier::certainly_denied(const GrantTerms& terms, const Manifest& manifest, const DisclosedLeaf& leaf) const {
    return certainly_falls_under(terms.scope, manifest, leaf) &&
           std::ranges::none_of(terms.exceptions,
                                [&](const Criteria& exception) { return may_fall_under(exception, manifest, leaf); });
}

Status Verifier::check_exceptions(const Manifest& manifest, const GrantTerms& terms) const {
    for (const Criteria& exception : terms.exceptions)
        if (std::ranges::any_of(manifest.leaves, [&](const DisclosedLeaf& leaf) {
                return certainly_falls_under(exception, manifest, leaf);
            }))
            return unproven("what was disclosed falls under an exception of the terms");
    return {};
}

/// Whether the chain had the grant's revocation before the data left: of a late row, behind the intent's block.
Result<bool> Verifier::revoked_before(const ProvenDisclosure& disclosure, const ProvenGrant& grant) const {
    SALUS_TRY(const auto row, decode_state<disclosure::RowState>(evidence_.states[disclosure.row]));
    SALUS_TRY(const auto entry, decode_state<DecisionEntry>(evidence_.states[grant.entry]));
    SALUS_TRY(const auto newest, codec::decode<consent::GrantState>(entry.value));
    if (newest.status != consent::GrantStatus::kRevoked) return false;
    return row.intent_height != 0 ? entry.place.height <= row.intent_height : entry.place < row.place;
}

/// What the contract cannot see and the terms, opened, show. Named are the grants that decided, denials among them.
Shown Verifier::check_under_grant(const ProvenDisclosure& disclosure, const ProvenGrant& grant) const {
    const Manifest& manifest = disclosure.manifest;
    const GrantTerms& terms = grant.terms;
    if (terms.custodian != manifest.custodian) return unproven("the grant is at another custodian");
    const bool in_period = manifest.decided_ms >= terms.from_ms && manifest.decided_ms < terms.until_ms;
    SALUS_TRY(const bool revoked, revoked_before(disclosure, grant));
    if (terms.decide == Decide::kDeny) {
        if (revoked) return "a denial that was revoked before the data left";
        if (in_period && std::ranges::any_of(manifest.leaves, [&](const DisclosedLeaf& leaf) {
                return certainly_denied(terms, manifest, leaf);
            }))
            return unproven("what was disclosed is denied");
        return "a denial; nothing disclosed is seen to fall under it";
    }
    if (!in_period) return unproven("the decision lies outside the period of the grant");
    if (revoked) return unproven("the grant was revoked before the data left");
    SALUS_TRY_STATUS(check_asker(terms.scope, manifest));
    for (const DisclosedLeaf& leaf : manifest.leaves)
        if (const LeafContent* content = opened(leaf);
            content != nullptr &&
            (!admits(terms.scope.types, content->type) || !admits(terms.scope.instances, instance_of(*content))))
            return unproven(instance_of(*content) + " lies outside the scope of the grant");
    SALUS_TRY_STATUS(check_exceptions(manifest, terms));
    return "requester, user, purpose and time of the decision are within the terms";
}

}  // namespace salus::evidence
