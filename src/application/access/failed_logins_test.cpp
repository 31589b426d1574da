#include <gtest/gtest.h>

#include "application/testing/hospital.hpp"
#include "model/wallet_keys.hpp"

/// A stranger who fails to log in writes no name into the audit, and no more than a line a minute.
namespace salus::application {
namespace {

struct FailedLoginsTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    const crypto::Key256 words{ByteArray<32>{7}};

    LoginAnswer signed_by(const crypto::SigningKey& key, Caller::Kind kind) {
        LoginAnswer out;
        out.kind = kind;
        out.challenge = gate->challenge();
        out.key = Signer::of(key.public_key());
        out.signature = key.sign(login_signed_bytes(ledger.net().network, stores.id, out.challenge));
        return out;
    }
    std::vector<AuditRecord> logins() {
        AuditQuery query;
        query.actions = {AuditAction::kLogin};
        return journal->list(query).value();
    }
};

TEST_F(FailedLoginsTest, ACredentialThatNobodyCheckedNamesNobody) {
    ASSERT_TRUE(bindings->bind(subject, make_bind_offer(words, ledger.net().network, stores.id, now()), "desk"));
    const auto stranger = crypto::SigningKey::from_seed(crypto::Key256(ByteArray<32>{9}));
    for (LoginAnswer answer :
         {signed_by(wallet_login_key(words, ledger.net().network, stores.id), Caller::Kind::kWallet),
          signed_by(stores.party.key, Caller::Kind::kMachine), signed_by(stranger, Caller::Kind::kStaff)}) {
        answer.staff = staff(stores.party, "physician");
        EXPECT_EQ(gate->login(answer).error().code, ErrorCode::kUnauthenticated);
    }
    for (const AuditRecord& record : logins()) {
        EXPECT_FALSE(record.user);
        EXPECT_FALSE(record.allowed);
    }
    LoginAnswer physician = signed_by(stores.party.key, Caller::Kind::kStaff);
    physician.staff = staff(stores.party, "physician");
    EXPECT_TRUE(gate->login(physician));
    EXPECT_EQ(logins().front().user, physician.staff);
    EXPECT_TRUE(
        gate->login(signed_by(wallet_login_key(words, ledger.net().network, stores.id), Caller::Kind::kWallet)));
}

TEST_F(FailedLoginsTest, AChallengeIsUsedUpByTheFirstAnswerAlsoABadOne) {
    const LoginAnswer good = signed_by(stores.party.key, Caller::Kind::kMachine);
    LoginAnswer bad = good;
    bad.signature.back() ^= 1;
    EXPECT_FALSE(gate->login(bad));
    EXPECT_FALSE(gate->login(good));
    EXPECT_TRUE(gate->login(signed_by(stores.party.key, Caller::Kind::kMachine)));
}

TEST_F(FailedLoginsTest, FailuresOfAMinuteAreOneEventThatCountsThem) {
    const auto stranger = crypto::SigningKey::from_seed(crypto::Key256(ByteArray<32>{9}));
    const auto fail_often = [&](int times) {
        for (int i = 0; i < times; ++i) EXPECT_FALSE(gate->login(signed_by(stranger, Caller::Kind::kMachine)));
    };
    fail_often(10);
    ASSERT_EQ(logins().size(), 1U) << "the first at once";
    ASSERT_TRUE(gate->tick());
    EXPECT_EQ(logins().size(), 1U);
    ledger.idle(kFailedLoginsMs - 1);
    fail_often(1);
    EXPECT_EQ(logins().size(), 1U);
    ledger.idle(1);
    ASSERT_TRUE(gate->tick());
    ASSERT_EQ(logins().size(), 2U) << "also where nobody comes any more";
    EXPECT_NE(logins().front().outcome.find("10"), std::string::npos);
    ASSERT_TRUE(gate->tick());
    EXPECT_EQ(logins().size(), 2U) << "nothing failed since";
}

}  // namespace
}  // namespace salus::application
