#include "execution/contracts/disclosure/disclosure.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using disclosure::BreakGlass;
using disclosure::File;
using disclosure::Payload;
using disclosure::PublishPolicy;
using disclosure::Review;
using testkit::hash_of;
using testkit::id_of;

class Disclosure : public ::testing::Test {
protected:
    ErrorCode by(const testkit::Party& party, const testkit::Action& what) { return world.send(world.by(party, what)); }
    ErrorCode file(const File& row) { return by(a, Payload{row}); }
    File row(std::string_view tag) {
        return {hash_of(tag), std::nullopt, testkit::kPolicyVersion, hash_of("manifest"), 0};
    }
    GrantId grant(const testkit::Party& custodian) {
        const auto id = id_of<GrantId>(custodian.account.name);
        const consent::Create create{id, std::nullopt, hash_of("terms"), (world.now_ms / kHourMs + 1) * kHourMs};
        EXPECT_EQ(by(custodian, consent::Payload{create}), ErrorCode::kOk);
        return id;
    }
    /// Adopted by three of four.
    ProposalId adopt(std::uint64_t version, std::string_view document, Height in_force) {
        const governance::AdoptPolicy adopt{std::string(testkit::kJurisdiction), version,
                                            crypto::sha256(as_bytes(document)), in_force};
        const governance::Proposal proposal{adopt, world.now_ms + kHourMs, {}};
        EXPECT_EQ(by(a, governance::Payload{governance::Propose{proposal}}), ErrorCode::kOk);
        for (const auto* voter : {&world.net.payer, &world.net.regulator})
            EXPECT_EQ(by(*voter, governance::Payload{governance::Vote{proposal.id(), true}}), ErrorCode::kOk);
        return proposal.id();
    }
    testkit::World world;
    const testkit::Party& a = world.net.hospital_a;
    const testkit::Party& b = world.net.hospital_b;
};

TEST_F(Disclosure, ARowStandsUnderItsTagOnce) {
    ASSERT_EQ(file(row("t")), ErrorCode::kOk);
    const auto stored = read_value<disclosure::RowState>(world.state(), Contract::kDisclosure,
                                                         disclosure::row_key(a.id(), hash_of("t")));
    EXPECT_EQ(stored.value().value(),
              (disclosure::RowState{a.id(), std::nullopt, testkit::kPolicyVersion, hash_of("manifest"), 0, {1, 0}}));
    EXPECT_EQ(file(row("t")), ErrorCode::kDisclosureTagExists);
    EXPECT_EQ(by(b, Payload{row("t")}), ErrorCode::kOk) << "whoever saw the tag pending has taken it from nobody";
}

TEST_F(Disclosure, ACitedGrantIsTheSendersOwn) {
    File what = row("t");
    what.grant = id_of<GrantId>("none");
    EXPECT_EQ(file(what), ErrorCode::kDisclosureNoGrant);
    what.grant = grant(b);
    EXPECT_EQ(file(what), ErrorCode::kDisclosureNotCustodian);
    what.grant = grant(a);
    EXPECT_EQ(file(what), ErrorCode::kOk);
}

TEST_F(Disclosure, ACitedGrantHasNotEnded) {
    File what = row("t");
    what.grant = grant(a);
    const TimeMs end = (world.now_ms / kHourMs + 1) * kHourMs;
    world.now_ms = end;
    EXPECT_EQ(file(what), ErrorCode::kDisclosureGrantEnded);
}

TEST_F(Disclosure, ACitedGrantCountsToItsLastMillisecond) {
    File what = row("t");
    what.grant = grant(a);
    world.now_ms = (world.now_ms / kHourMs + 1) * kHourMs - 1;
    EXPECT_EQ(file(what), ErrorCode::kOk);
}

TEST_F(Disclosure, ARevokedGrantIsRefusedFromItsPlaceInTheOrder) {
    File what = row("t");
    what.grant = grant(a);
    const auto before = world.by(a, Payload{what});
    const auto revoke = world.by(a, consent::Payload{consent::Revoke{*what.grant}});
    what.tag = hash_of("u");
    const auto after = world.by(a, Payload{what});
    const auto result = world.run({before, revoke, after});
    EXPECT_EQ(testkit::code_of(result, before.id), ErrorCode::kOk);
    EXPECT_EQ(testkit::code_of(result, after.id), ErrorCode::kDisclosureGrantRevoked);
}

TEST_F(Disclosure, ThePolicyIsTheOneInForceOfTheCustodiansJurisdiction) {
    File what = row("t");
    what.policy_version = 2;
    EXPECT_EQ(file(what), ErrorCode::kDisclosurePolicy);

    const ProposalId proposal = adopt(2, "stricter", world.header().height + 8);
    EXPECT_EQ(by(b, Payload{PublishPolicy{proposal, to_bytes("stricter")}}), ErrorCode::kOk);
    const Height published = world.header().height;
    EXPECT_EQ(file(what), ErrorCode::kDisclosurePolicy) << "published, not yet in force";
    world.pass_blocks(2);  // three votes, the publication, the refusal, these: the next block is the eighth
    EXPECT_EQ(file(row("old")), ErrorCode::kDisclosurePolicy);
    EXPECT_EQ(file(what), ErrorCode::kOk);

    File late = row("late");
    late.intent_height = published;
    EXPECT_EQ(file(late), ErrorCode::kOk) << "a late row is judged at its intent";
    late = what;
    late.tag = hash_of("late too");
    late.intent_height = published;
    EXPECT_EQ(file(late), ErrorCode::kDisclosurePolicy);
}

TEST_F(Disclosure, ALateRowNamesAHeightThatTheChainHasReached) {
    world.pass_blocks(2);
    File late = row("t");
    late.intent_height = 3;  // the block that it stands in
    EXPECT_EQ(file(late), ErrorCode::kDisclosureIntent);
    late.intent_height = 3;
    EXPECT_EQ(file(late), ErrorCode::kOk);
}

TEST_F(Disclosure, ALateRowsGrantIsJudgedWhereItsDataLeft) {
    world.pass_blocks(1);
    const Height before = world.header().height;
    File late = row("t");
    late.grant = grant(a);
    const Height granted = world.header().height;
    ASSERT_EQ(by(a, consent::Payload{consent::Revoke{*late.grant}}), ErrorCode::kOk);
    const Height revoked = world.header().height;
    world.pass_blocks(1);
    EXPECT_EQ(file(late), ErrorCode::kDisclosureGrantRevoked);
    late.intent_height = revoked;
    EXPECT_EQ(file(late), ErrorCode::kDisclosureGrantRevoked);
    late.intent_height = before;
    EXPECT_EQ(file(late), ErrorCode::kDisclosureNoGrant) << "it was not there";
    late.intent_height = granted;
    world.now_ms += kHourMs;
    EXPECT_EQ(file(late), ErrorCode::kOk) << "revoked and ended later";
}

TEST_F(Disclosure, PoliciesArePublishedAsTheyWereAdopted) {
    const ProposalId proposal = adopt(2, "stricter", 0);
    EXPECT_EQ(by(b, Payload{PublishPolicy{id_of<ProposalId>("none"), to_bytes("stricter")}}),
              ErrorCode::kDisclosureNotAdopted);
    EXPECT_EQ(by(b, Payload{PublishPolicy{proposal, to_bytes("laxer")}}), ErrorCode::kDisclosureDocument);
    EXPECT_EQ(by(b, Payload{PublishPolicy{proposal, to_bytes("stricter")}}), ErrorCode::kOk);
    EXPECT_EQ(by(b, Payload{PublishPolicy{proposal, to_bytes("stricter")}}), ErrorCode::kDisclosurePolicyVersion);
    const auto policy = read_decision<disclosure::PolicyState>(world.state(), Contract::kDisclosure,
                                                               disclosure::policy_key(testkit::kJurisdiction));
    EXPECT_EQ(policy.value()->n, 2U);
    EXPECT_EQ(policy.value()->value.in_force, policy.value()->place.height + 1) << "never before it can be read";
    EXPECT_EQ(by(b, Payload{PublishPolicy{adopt(1, "older", 0), to_bytes("older")}}),
              ErrorCode::kDisclosurePolicyVersion);
}

TEST_F(Disclosure, BrokenGlassStaysOpenForFourHoursAtMost) {
    const auto glass = [&](std::string_view name, TimeMs opened, TimeMs until) {
        return by(a, Payload{BreakGlass{id_of<BreakGlassId>(name), hash_of("why"), until, opened}});
    };
    const TimeMs now = world.now_ms;
    EXPECT_EQ(glass("g", now, now + kBreakGlassMs + 1), ErrorCode::kDisclosureOpenTooLong);
    EXPECT_EQ(glass("g", now, now), ErrorCode::kDisclosureOpenTooLong);
    EXPECT_EQ(glass("g", world.now_ms + 1, world.now_ms + 2), ErrorCode::kDisclosureFuture);
    EXPECT_EQ(glass("g", now, now + kBreakGlassMs), ErrorCode::kOk);
    EXPECT_EQ(glass("g", now, now + 1), ErrorCode::kDisclosureOpeningExists);
    EXPECT_EQ(glass("filed late", now - 2 * kBreakGlassMs, now - kBreakGlassMs), ErrorCode::kOk);
}

TEST_F(Disclosure, AnOpeningIsReviewedOnceByItsCustodian) {
    const auto id = id_of<BreakGlassId>("g");
    const TimeMs opened = world.now_ms;
    ASSERT_EQ(by(a, Payload{BreakGlass{id, hash_of("why"), opened + 1, opened}}), ErrorCode::kOk);
    EXPECT_EQ(by(b, Payload{Review{id, hash_of("finding")}}), ErrorCode::kDisclosureNotYours);
    EXPECT_EQ(by(a, Payload{Review{id_of<BreakGlassId>("none"), hash_of("finding")}}), ErrorCode::kDisclosureNoOpening);
    EXPECT_EQ(by(a, Payload{Review{id, hash_of("finding")}}), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{Review{id, hash_of("finding")}}), ErrorCode::kDisclosureReviewed);
    const auto state = read_decision<disclosure::BreakGlassState>(world.state(), Contract::kDisclosure,
                                                                  disclosure::break_glass_key(id));
    EXPECT_EQ(state.value()->value.review_due_ms, opened + kReviewDueMs);
    EXPECT_EQ(state.value()->value.finding, hash_of("finding"));
}

}  // namespace
}  // namespace salus::execution
