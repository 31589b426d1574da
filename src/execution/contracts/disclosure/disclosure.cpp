#include "execution/contracts/disclosure/disclosure.hpp"

#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"

namespace salus::execution {
namespace {

/// The version in force at `height` for the sender's jurisdiction: the newest published of those that have begun.
/// Nothing where none has.
Result<std::optional<std::uint64_t>> version_in_force(Context& context, const AccountId& custodian, Height height) {
    std::optional<std::uint64_t> version;
    SALUS_TRY(const auto member, context.facts().member(custodian));
    if (!member) return version;
    const Bytes key = disclosure::policy_key(member->jurisdiction);
    SALUS_TRY(auto newest, context.read_decision<disclosure::PolicyState>(key));
    if (!newest) return version;
    auto policy = *std::move(newest);
    while (policy.value.in_force > height) {
        if (policy.n == 1) return version;
        SALUS_TRY(auto older, context.read_decision_at<disclosure::PolicyState>(key, policy.n - 1));
        policy = std::move(older);
    }
    return std::optional<std::uint64_t>(policy.value.version);
}

/// As it stood at `height`. When a late row's data left, the chain does not know by time: its end is for the holders of
/// the terms to check, who know when it was decided.
Status check_grant(Context& context, const AccountId& custodian, const GrantId& id, Height height) {
    SALUS_TRY(const auto grant, context.facts().grant(id, height));
    if (!grant) return fail(ErrorCode::kDisclosureNoGrant, "no grant has the cited id");
    if (grant->custodian != custodian)
        return fail(ErrorCode::kDisclosureNotCustodian, "the sender is not the grant's custodian");
    if (grant->status != consent::GrantStatus::kActive)
        return fail(ErrorCode::kDisclosureGrantRevoked, "the grant is revoked");
    const bool late = height < context.place().height;
    if (!late && context.time_ms() >= grant->not_after_ms)
        return fail(ErrorCode::kDisclosureGrantEnded, "the grant has ended");
    return {};
}

/// The height at which the decision was made: this block's, or a late row's intent, which the chain had reached.
Result<Height> decided_at(const Context& context, Height intent) {
    const Height here = context.place().height;
    if (intent == 0) return here;
    if (intent >= here || here - intent > kLateBlocksMax)
        return fail(ErrorCode::kDisclosureIntent, "the intent's height lies ahead, or too far back");
    return intent;
}

/// Subject, grantee, purpose and basis stand inside the commitment: they are for its holders to check.
Status act(Context& context, const disclosure::File& file) {
    SALUS_TRY(const AccountId custodian, context.organisation());
    const Bytes key = disclosure::row_key(custodian, file.tag);
    SALUS_TRY(const auto before, context.read<disclosure::RowState>(key));
    if (before) return fail(ErrorCode::kDisclosureTagExists, "a row stands under that tag");
    SALUS_TRY(const Height height, decided_at(context, file.intent_height));
    if (file.grant) SALUS_TRY_STATUS(check_grant(context, custodian, *file.grant, height));
    SALUS_TRY(const auto version, version_in_force(context, custodian, height));
    if (version != file.policy_version) return fail(ErrorCode::kDisclosurePolicy, "another policy is in force");

    SALUS_TRY_STATUS(context.write(key, disclosure::RowState{custodian, file.grant, file.policy_version, file.manifest,
                                                             file.intent_height, context.place()}));
    context.emit(disclosure::EventKind::kFiled, file.tag);
    return {};
}

/// It may be filed after it has ended: the emergency did not wait for consensus.
Status act(Context& context, const disclosure::BreakGlass& glass) {
    SALUS_TRY(const AccountId custodian, context.organisation());
    const Bytes key = disclosure::break_glass_key(glass.opening);
    SALUS_TRY(const auto before, context.read_decision<disclosure::BreakGlassState>(key));
    if (before) return fail(ErrorCode::kDisclosureOpeningExists, "the opening's id is taken");
    if (glass.opened_ms > context.time_ms())
        return fail(ErrorCode::kDisclosureFuture, "the glass was broken later than block time");
    if (glass.until_ms <= glass.opened_ms || glass.until_ms - glass.opened_ms > kBreakGlassMs)
        return fail(ErrorCode::kDisclosureOpenTooLong, "broken glass stays open for four hours at most");

    SALUS_TRY_STATUS(
        context.decide(key, disclosure::BreakGlassState{custodian, glass.commitment, glass.opened_ms, glass.until_ms,
                                                        glass.opened_ms + kReviewDueMs,
                                                        disclosure::BreakGlassStatus::kAwaitingReview, std::nullopt}));
    context.emit(disclosure::EventKind::kGlassBroken, glass.opening);
    return {};
}

Status act(Context& context, const disclosure::Review& review) {
    SALUS_TRY(const AccountId custodian, context.organisation());
    const Bytes key = disclosure::break_glass_key(review.opening);
    SALUS_TRY(auto opening, context.read_decision<disclosure::BreakGlassState>(key));
    if (!opening) return fail(ErrorCode::kDisclosureNoOpening, "no opening has that id");
    if (opening->value.custodian != custodian)
        return fail(ErrorCode::kDisclosureNotYours, "another custodian filed the opening");
    if (opening->value.status == disclosure::BreakGlassStatus::kReviewed)
        return fail(ErrorCode::kDisclosureReviewed, "the opening is reviewed already");
    opening->value.status = disclosure::BreakGlassStatus::kReviewed;
    opening->value.finding = review.finding;
    SALUS_TRY_STATUS(context.decide(key, opening->value));
    context.emit(disclosure::EventKind::kReviewed, review.opening);
    return {};
}

/// A policy binds from the height that was voted, but never before the block after its publication.
Status act(Context& context, const disclosure::PublishPolicy& publish) {
    SALUS_TRY_STATUS(context.organisation());
    SALUS_TRY(const auto resolution, context.facts().resolution(publish.proposal));
    const auto* adopted = resolution ? std::get_if<governance::AdoptPolicy>(&resolution->action) : nullptr;
    if (adopted == nullptr) return fail(ErrorCode::kDisclosureNotAdopted, "no policy was adopted by that vote");
    if (crypto::sha256(publish.document) != adopted->document)
        return fail(ErrorCode::kDisclosureDocument, "the document is not the one that was voted on");
    const Bytes key = disclosure::policy_key(adopted->jurisdiction);
    SALUS_TRY(const auto newest, context.read_decision<disclosure::PolicyState>(key));
    if (newest && adopted->version <= newest->value.version)
        return fail(ErrorCode::kDisclosurePolicyVersion, "the jurisdiction has that version already");

    const Height in_force = std::max(adopted->in_force, context.place().height + 1);
    SALUS_TRY_STATUS(context.decide(key, disclosure::PolicyState{adopted->version, adopted->document, in_force}));
    context.emit(disclosure::EventKind::kPolicyPublished, as_bytes(adopted->jurisdiction),
                 to_bytes(big_endian(adopted->version)));
    return {};
}

}  // namespace

Status run_disclosure(Context& context, ByteView payload) {
    SALUS_TRY(const auto decoded, decode_payload<disclosure::Payload>(Contract::kDisclosure, payload));
    return std::visit([&](const auto& action) { return act(context, action); }, decoded.action);
}

}  // namespace salus::execution
