#include "application/access/gate.hpp"

#include <gtest/gtest.h>

#include "application/testing/hospital.hpp"
#include "model/wallet_keys.hpp"

namespace salus::application {
namespace {

struct GateTest : ::testing::Test, testing::Hospital {
    LoginAnswer signed_by(const crypto::SigningKey& key, Caller::Kind kind, const AccountId& organisation) {
        LoginAnswer out;
        out.kind = kind;
        out.challenge = gate->challenge();
        out.key = Signer::of(key.public_key());
        out.signature = key.sign(login_signed_bytes(ledger.net().network, organisation, out.challenge));
        return out;
    }
    LoginAnswer machine() { return signed_by(stores.party.key, Caller::Kind::kMachine, stores.id); }
    LoginAnswer physician() {
        LoginAnswer out = signed_by(stores.party.key, Caller::Kind::kStaff, stores.id);
        out.staff = staff(stores.party, "physician");
        return out;
    }
    LoginAnswer wallet(const crypto::Key256& entropy) {
        return signed_by(wallet_login_key(entropy, ledger.net().network, stores.id), Caller::Kind::kWallet, stores.id);
    }
    void bind(const SubjectId& subject, const crypto::Key256& entropy) {
        ASSERT_TRUE(bindings->bind(subject, make_bind_offer(entropy, ledger.net().network, stores.id, now()), "desk"));
    }
    ErrorCode refused(const LoginAnswer& answer) {
        const auto token = gate->login(answer);
        return token ? ErrorCode::kOk : token.error().code;
    }
    ErrorCode refused(std::string_view token) {
        const auto caller = gate->check(token);
        return caller ? ErrorCode::kOk : caller.error().code;
    }

    const crypto::Key256 words{ByteArray<32>{7}};
};

TEST_F(GateTest, EachKindOfCallerIsKnownByItsToken) {
    const auto subject = patient("p1");
    bind(subject, words);
    const Caller own = gate->check(gate->login(machine()).value()).value();
    EXPECT_EQ(own.kind, Caller::Kind::kMachine);
    EXPECT_EQ(own.organisation, stores.id);
    const LoginAnswer answer = physician();
    const Caller doctor = gate->check(gate->login(answer).value()).value();
    EXPECT_EQ(doctor.kind, Caller::Kind::kStaff);
    EXPECT_EQ(doctor.staff, answer.staff);
    const Caller person = gate->check(gate->login(wallet(words)).value()).value();
    EXPECT_EQ(person.kind, Caller::Kind::kWallet);
    EXPECT_EQ(person.subject, subject);
    EXPECT_EQ(person.purpose, Purpose::kPatientRequest) << "whatever it claims";
    EXPECT_NE(own.session, doctor.session);
}

TEST_F(GateTest, ATokenLastsFiveMinutesAndNotAMillisecondMore) {
    const std::string token = gate->login(machine()).value();
    ledger.idle(kTokenMs - 1);
    EXPECT_EQ(refused(token), ErrorCode::kOk);
    ledger.idle(1);
    EXPECT_EQ(refused(token), ErrorCode::kUnauthenticated);
}

TEST_F(GateTest, AStaffTokenEndsWithItsCredential) {
    LoginAnswer answer = physician();
    answer.staff->until_ms = now() + 1000;
    sign_staff_credential(*answer.staff, ledger.net().network, stores.party.key);
    const std::string token = gate->login(answer).value();
    ledger.idle(999);
    EXPECT_EQ(refused(token), ErrorCode::kOk);
    ledger.idle(1);
    EXPECT_EQ(refused(token), ErrorCode::kUnauthenticated);
}

TEST_F(GateTest, ACredentialOfAnotherNetworkIsRefused) {
    LoginAnswer answer = physician();
    sign_staff_credential(*answer.staff, NetworkId{{9}}, stores.party.key);
    EXPECT_EQ(refused(answer), ErrorCode::kUnauthenticated);
}

TEST_F(GateTest, AChallengeIsAnsweredOnceAndWithinAMinute) {
    const LoginAnswer answer = machine();
    EXPECT_EQ(refused(answer), ErrorCode::kOk);
    EXPECT_EQ(refused(answer), ErrorCode::kUnauthenticated) << "once";
    const LoginAnswer slow = machine();
    ledger.idle(kChallengeMs - 1);
    EXPECT_EQ(refused(slow), ErrorCode::kOk);
    const LoginAnswer late = machine();
    ledger.idle(kChallengeMs);
    EXPECT_EQ(refused(late), ErrorCode::kUnauthenticated);
}

TEST_F(GateTest, EveryByteOfAChallengeCounts) {
    const LoginAnswer good = machine();
    for (std::size_t i = 0; i < good.challenge.size(); ++i) {
        LoginAnswer bad = good;
        bad.challenge[i] ^= 1;
        bad.signature = stores.party.key.sign(login_signed_bytes(ledger.net().network, stores.id, bad.challenge));
        EXPECT_EQ(refused(bad), ErrorCode::kUnauthenticated) << "byte " << i;
    }
    LoginAnswer cut = good;
    cut.challenge.pop_back();
    EXPECT_EQ(refused(cut), ErrorCode::kUnauthenticated);
}

TEST_F(GateTest, EveryByteOfATokenCounts) {
    const std::string token = gate->login(machine()).value();
    Bytes sealed = from_base64url(token).value();
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        sealed[i] ^= 1;
        EXPECT_EQ(refused(to_base64url(sealed)), ErrorCode::kUnauthenticated) << "byte " << i;
        sealed[i] ^= 1;
    }
    for (const char* no_token : {"", "?", "AAAA"}) EXPECT_EQ(refused(no_token), ErrorCode::kUnauthenticated);
}

TEST_F(GateTest, TokensAndChallengesOfAnotherOrganisationAreNothingHere) {
    application::House elsewhere = *house;
    elsewhere.organisation = b.id();
    Gate other(elsewhere, *bindings);
    LoginAnswer theirs;
    theirs.challenge = other.challenge();
    theirs.key = Signer::of(b.key.public_key());
    theirs.signature = b.key.sign(login_signed_bytes(ledger.net().network, b.id(), theirs.challenge));
    const std::string token = other.login(theirs).value();
    EXPECT_TRUE(other.check(token));
    EXPECT_EQ(refused(token), ErrorCode::kUnauthenticated);

    LoginAnswer carried = machine();
    carried.challenge = other.challenge();
    carried.signature = stores.party.key.sign(login_signed_bytes(ledger.net().network, stores.id, carried.challenge));
    EXPECT_EQ(refused(carried), ErrorCode::kUnauthenticated) << "another's challenge";
    EXPECT_EQ(refused(signed_by(stores.party.key, Caller::Kind::kMachine, b.id())), ErrorCode::kUnauthenticated)
        << "signed for another's door";
}

TEST_F(GateTest, OnlyTheOrganisationsOwnActiveKeyOpens) {
    EXPECT_EQ(refused(signed_by(b.key, Caller::Kind::kMachine, stores.id)), ErrorCode::kUnauthenticated);
    LoginAnswer lent = physician();
    lent.staff = staff(b, "physician");
    EXPECT_EQ(refused(lent), ErrorCode::kUnauthenticated) << "staff of another organisation";
    LoginAnswer nameless = physician();
    nameless.staff.reset();
    EXPECT_EQ(refused(nameless), ErrorCode::kUnauthenticated);
    ledger.suspend(stores.party);
    EXPECT_EQ(refused(machine()), ErrorCode::kUnauthenticated) << "for a suspended member too, with the same words";
}

TEST_F(GateTest, AWalletThatIsNotBoundOrNoLongerIsNobody) {
    const auto subject = patient("p1");
    EXPECT_EQ(refused(wallet(words)), ErrorCode::kUnauthenticated);
    bind(subject, words);
    const std::string token = gate->login(wallet(words)).value();
    EXPECT_EQ(refused(token), ErrorCode::kOk);
    ledger.idle(1);
    bind(subject, crypto::Key256(ByteArray<32>{8}));
    EXPECT_EQ(refused(token), ErrorCode::kUnauthenticated) << "taken over: at once";
    EXPECT_EQ(refused(wallet(words)), ErrorCode::kUnauthenticated);
    const std::string newer = gate->login(wallet(crypto::Key256(ByteArray<32>{8}))).value();
    ASSERT_TRUE(bindings->release(subject));
    EXPECT_EQ(refused(newer), ErrorCode::kUnauthenticated) << "reported lost";
}

TEST_F(GateTest, EveryAnsweredChallengeIsRecordedAndNothingWithout) {
    ASSERT_EQ(refused(machine()), ErrorCode::kOk);
    LoginAnswer bad = machine();
    bad.signature.back() ^= 1;
    EXPECT_EQ(refused(bad), ErrorCode::kUnauthenticated);
    const auto records = journal->list({}).value();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_FALSE(records[0].allowed);
    EXPECT_TRUE(records[1].allowed);
    audit.broken = true;
    EXPECT_EQ(refused(machine()), ErrorCode::kIo);
}

TEST(Roles, AreForThoseWhoHaveThem) {
    Caller machine;
    EXPECT_TRUE(require_role(machine, "registrar"));
    EXPECT_EQ(require_staff(machine).error().code, ErrorCode::kForbidden);
    EXPECT_EQ(require_wallet(machine).error().code, ErrorCode::kForbidden);
    Caller nurse;
    nurse.kind = Caller::Kind::kStaff;
    nurse.staff.emplace().role = "nurse";
    EXPECT_TRUE(require_role(nurse, "nurse"));
    EXPECT_EQ(require_role(nurse, "registrar").error().code, ErrorCode::kForbidden);
    EXPECT_TRUE(require_staff(nurse));
    Caller wallet;
    wallet.kind = Caller::Kind::kWallet;
    wallet.subject = testkit::id_of<SubjectId>("p1");
    EXPECT_EQ(require_wallet(wallet).value(), wallet.subject);
    EXPECT_EQ(require_role(wallet, "nurse").error().code, ErrorCode::kForbidden);
}

}  // namespace
}  // namespace salus::application
