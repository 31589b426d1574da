#include "execution/contracts/consent/consent.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using consent::Create;
using consent::GrantState;
using consent::GrantStatus;
using consent::Payload;
using consent::Revoke;
using testkit::hash_of;
using testkit::id_of;

class Consent : public ::testing::Test {
protected:
    [[nodiscard]] TimeMs next_hour() const { return (world.now_ms / kHourMs + 1) * kHourMs; }
    Create create(std::string_view name, bool by_wallet = true) {
        return {id_of<GrantId>(name), by_wallet ? std::optional(Signer::of(wallet(name).public_key())) : std::nullopt,
                hash_of("terms"), next_hour()};
    }
    static crypto::SigningKey wallet(std::string_view name) {
        return testkit::signing_key("wallet of " + std::string(name));
    }
    ErrorCode by_wallet(std::string_view name) {
        const auto key = wallet(name);
        return world.send(world.by(a, Payload{create(name)}, {&key}));
    }
    ErrorCode by(const testkit::Party& party, const Payload& what) { return world.send(world.by(party, what)); }
    ErrorCode by_grant(std::string_view name, const testkit::Action& what,
                       std::vector<const crypto::SigningKey*> others = {}) {
        const auto key = wallet(name);
        others.push_back(&key);
        return world.send(
            world.transaction({AccountKind::kGrant, AccountId{id_of<GrantId>(name).bytes}}, others, what));
    }
    std::optional<Decision<GrantState>> grant(std::string_view name) {
        return read_decision<GrantState>(world.state(), Contract::kConsent, consent::grant_key(id_of<GrantId>(name)))
            .value();
    }
    testkit::World world;
    const testkit::Party& a = world.net.hospital_a;
    const testkit::Party& b = world.net.hospital_b;
};

TEST_F(Consent, WalletAndCustodianCreateTogether) {
    const Create what = create("g");
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    EXPECT_EQ(grant("g")->value, (GrantState{a.id(), what.control_key, what.terms, what.not_after_ms,
                                             consent::AttestedBy::kWallet, GrantStatus::kActive}));
    EXPECT_EQ(grant("g")->place, (Place{1, 0}));
}

TEST_F(Consent, CustodianAttestsAloneAndItIsMarkedSo) {
    ASSERT_EQ(by(a, Payload{create("g", false)}), ErrorCode::kOk);
    EXPECT_EQ(grant("g")->value.attested_by, consent::AttestedBy::kCustodian);
    EXPECT_FALSE(grant("g")->value.control_key.has_value());
}

TEST_F(Consent, AControlKeyMustSign) {
    EXPECT_EQ(by(a, Payload{create("g")}), ErrorCode::kConsentPossession);
    const auto key = wallet("g");
    EXPECT_EQ(world.send(world.by(a, Payload{create("g", false)}, {&key})), ErrorCode::kConsentSigner)
        << "a key that signs but controls nothing is not expected";
}

TEST_F(Consent, AControlKeyIsNoAccountsKeyAndWellFormed) {
    Create what = create("g", false);
    what.control_key = Signer::of(b.key.public_key());
    EXPECT_EQ(world.send(world.by(a, Payload{what}, {&b.key})), ErrorCode::kConsentKeyUsed);
    what.control_key = Signer::of(a.key.public_key());
    EXPECT_EQ(by(a, Payload{what}), ErrorCode::kConsentKeyUsed);
    what.control_key->public_key.pop_back();
    EXPECT_EQ(by(a, Payload{what}), ErrorCode::kConsentControlKey);
}

TEST_F(Consent, AGrantsIdIsTakenOnce) {
    ASSERT_EQ(by(a, Payload{create("g", false)}), ErrorCode::kOk);
    EXPECT_EQ(by(b, Payload{create("g", false)}), ErrorCode::kConsentGrantExists);
}

TEST_F(Consent, ItsEndIsAFullHourThatLiesAhead) {
    Create what = create("g", false);
    what.not_after_ms += 1;
    EXPECT_EQ(by(a, Payload{what}), ErrorCode::kConsentHour);
    what.not_after_ms = next_hour();
    world.now_ms = next_hour();
    EXPECT_EQ(by(a, Payload{what}), ErrorCode::kConsentPast);
    what.not_after_ms = next_hour();
    world.now_ms = what.not_after_ms - 1;
    EXPECT_EQ(by(a, Payload{what}), ErrorCode::kOk);
}

TEST_F(Consent, RevokedByTheCustodianOnce) {
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    const Payload revoke{Revoke{id_of<GrantId>("g")}};
    EXPECT_EQ(by(b, revoke), ErrorCode::kConsentNotYours);
    EXPECT_EQ(by(a, revoke), ErrorCode::kOk);
    EXPECT_EQ(by(a, revoke), ErrorCode::kConsentRevoked);
    EXPECT_EQ(by_grant("g", revoke), ErrorCode::kInadmissibleSender) << "a grant that is no more sends nothing";
    EXPECT_EQ(grant("g")->value.status, GrantStatus::kRevoked);
    EXPECT_EQ(grant("g")->n, 2U);
    EXPECT_EQ(by(a, Payload{Revoke{id_of<GrantId>("none")}}), ErrorCode::kConsentNoGrant);
}

TEST_F(Consent, RevokedByTheGrantItself) {
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    ASSERT_EQ(by_wallet("h"), ErrorCode::kOk);
    const Payload revoke{Revoke{id_of<GrantId>("g")}};
    EXPECT_EQ(by_grant("g", revoke), ErrorCode::kOk);
    EXPECT_EQ(grant("g")->value.status, GrantStatus::kRevoked);
    EXPECT_EQ(by_grant("g", revoke), ErrorCode::kInadmissibleSender);
}

TEST_F(Consent, AGrantSendsItsOwnRevocationAndNothingElse) {
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    ASSERT_EQ(by_wallet("h"), ErrorCode::kOk);
    const Payload revoke{Revoke{id_of<GrantId>("h")}};
    const auto other = testkit::signing_key("other");
    EXPECT_EQ(by_grant("h", Payload{Revoke{id_of<GrantId>("g")}}), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(by_grant("h", Payload{create("i", false)}), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(by_grant("h", {Contract::kConsent, Bytes(600)}), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(by_grant("h", {Contract::kAudit, codec::encode(revoke)}), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(by_grant("h", revoke, {&other}), ErrorCode::kInadmissibleSender) << "it would fail, and could come again";
    EXPECT_EQ(by_grant("h", revoke), ErrorCode::kOk);
}

TEST_F(Consent, AGrantThatHasEndedSendsNothing) {
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    ASSERT_EQ(by_wallet("h"), ErrorCode::kOk);
    const TimeMs end = next_hour();
    world.now_ms = end - 1;
    EXPECT_EQ(by_grant("g", Payload{Revoke{id_of<GrantId>("g")}}), ErrorCode::kOk);
    world.now_ms = end;
    EXPECT_EQ(by_grant("h", Payload{Revoke{id_of<GrantId>("h")}}), ErrorCode::kInadmissibleSender);
}

TEST_F(Consent, AControlKeyControlsOneGrantAndBecomesNoAccountsKey) {
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    const auto key = wallet("g");
    Create again = create("h");
    again.control_key = Signer::of(key.public_key());
    EXPECT_EQ(world.send(world.by(b, Payload{again}, {&key})), ErrorCode::kConsentKeyUsed);
    ASSERT_EQ(by(a, Payload{Revoke{id_of<GrantId>("g")}}), ErrorCode::kOk);
    EXPECT_EQ(world.send(world.by(a, Payload{again}, {&key})), ErrorCode::kConsentKeyUsed) << "for ever";
    const identity::RotateKeys rotate{a.id(), {testkit::account_key(key)}, {}};
    EXPECT_EQ(world.send(world.by(a, identity::Payload{rotate}, {&key})), ErrorCode::kIdentityKeyUsed);
}

TEST_F(Consent, AGrantWithoutControlKeySendsNothing) {
    ASSERT_EQ(by(a, Payload{create("g", false)}), ErrorCode::kOk);
    EXPECT_EQ(by_grant("g", Payload{Revoke{id_of<GrantId>("g")}}), ErrorCode::kInadmissibleSender);
}

TEST_F(Consent, AWalletRevokesWhileItsCustodianIsSuspended) {
    ASSERT_EQ(by_wallet("g"), ErrorCode::kOk);
    const governance::Proposal proposal{governance::Suspend{a.id()}, world.now_ms + kHourMs, {}};
    ASSERT_EQ(world.send(world.by(b, governance::Payload{governance::Propose{proposal}})), ErrorCode::kOk);
    ASSERT_EQ(world.send(world.by(world.net.payer, governance::Payload{governance::Vote{proposal.id(), true}})),
              ErrorCode::kOk);
    ASSERT_EQ(world.send(world.by(world.net.regulator, governance::Payload{governance::Vote{proposal.id(), true}})),
              ErrorCode::kOk);
    const Payload revoke{Revoke{id_of<GrantId>("g")}};
    const auto key = wallet("g");
    const auto tx = world.transaction({AccountKind::kGrant, AccountId{id_of<GrantId>("g").bytes}}, {&key}, revoke);
    const auto result = world.execute({world.envelope({world.by(a, revoke), tx}, b.key)});
    ASSERT_EQ(result.inadmissible.size(), 1U);
    EXPECT_EQ(testkit::code_of(result, tx.id), ErrorCode::kOk);
}

}  // namespace
}  // namespace salus::execution
