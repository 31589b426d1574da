#include "application/consent/consents.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "application/testing/hospital.hpp"
#include "model/wallet_keys.hpp"

namespace salus::application {
namespace {

using testing::Fault;

struct ConsentsTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    const crypto::Key256 entropy{ByteArray<32>{7}};
    const crypto::SigningKey control = wallet_control_key(entropy, ledger.net().network, stores.id, 0);

    /// As a wallet makes it; `change` may spoil the transaction before it is signed.
    GrantSubmission submission(
        const GrantTerms& terms,
        const std::function<void(TransactionBody&, consent::Create&)>& change = [](auto&, auto&) {}) {
        TransactionBody body = grant_body(terms, control);
        auto create = std::get<consent::Create>(codec::decode<consent::Payload>(body.payload)->action);
        change(body, create);
        body.payload = codec::encode(consent::Payload{create});
        GrantSubmission out{terms, codec::encode(body), {}};
        out.signature = control.sign(signed_bytes(out.body));
        return out;
    }
    ErrorCode create(const GrantSubmission& what) {
        const auto made = consents->create(subject, what);
        return made ? static_cast<ErrorCode>(made->receipt.code) : made.error().code;
    }
    ErrorCode attest(const GrantTerms& terms) {
        const auto made = consents->attest(terms);
        return made ? ErrorCode::kOk : made.error().code;
    }
    ErrorCode revoke(const GrantId& grant) {
        const Status status = consents->revoke(grant);
        return status ? ErrorCode::kOk : status.error().code;
    }
    KnownConsent known(const GrantId& grant) { return consents->find(*ledger.view(), grant).value().value(); }
};

TEST_F(ConsentsTest, AWalletAndItsCustodianMakeAGrantTogether) {
    const GrantTerms terms = this->terms(subject);
    const GrantSubmission sent = submission(terms);
    EXPECT_EQ(create(sent), ErrorCode::kOk);
    EXPECT_EQ(known(terms.grant).terms, terms);
    EXPECT_TRUE(known(terms.grant).active());
    EXPECT_EQ(known(terms.grant).state.attested_by, consent::AttestedBy::kWallet);
    EXPECT_EQ(create(sent), ErrorCode::kConflict) << "an id is taken once";
    restart();
    EXPECT_EQ(consents->of_subject(*ledger.view(), subject)->size(), 1U);
}

TEST_F(ConsentsTest, APaperIsAttestedAndMarkedSo) {
    const GrantId grant = permit(subject);
    EXPECT_EQ(known(grant).state.attested_by, consent::AttestedBy::kCustodian);
    GrantTerms formless = paper(subject);
    formless.paper.reset();
    EXPECT_EQ(attest(formless), ErrorCode::kTermsInvalid);
    GrantTerms unseen = paper(subject);
    unseen.attested_by.clear();
    EXPECT_EQ(attest(unseen), ErrorCode::kTermsInvalid);
}

TEST_F(ConsentsTest, TermsThatDoNotFitAreRefusedAndNeverStored) {
    const auto spoilt = [&](const std::function<void(GrantTerms&)>& change) {
        GrantTerms terms = this->terms(subject);
        change(terms);
        return create(submission(terms));
    };
    const std::vector<std::function<void(GrantTerms&)>> mistakes{
        [](GrantTerms& t) { t.version = 2; },
        [&](GrantTerms& t) { t.custodian = b.id(); },
        [](GrantTerms& t) { t.until_ms = t.from_ms; },
        [&](GrantTerms& t) { t.until_ms = now(), t.from_ms = now() - 1; },
        [](GrantTerms& t) { t.scope.purposes = {77}; },
        [](GrantTerms& t) { t.scope.actions = {9}; },
        [](GrantTerms& t) { t.scope.labels = {"SECRET"}; },
        [](GrantTerms& t) { t.scope.types = {"Chart"}; },
        [](GrantTerms& t) { t.exceptions.emplace_back().labels = {"SECRET"}; },
        [](GrantTerms& t) { t.scope.data_from_ms = 5, t.scope.data_until_ms = 5; },
        [](GrantTerms& t) { t.subject = testkit::id_of<SubjectId>("nobody"); },
        [](GrantTerms& t) { t.attested_by = "staff|1"; }};
    for (std::size_t i = 0; i < mistakes.size(); ++i)
        EXPECT_EQ(spoilt(mistakes[i]), ErrorCode::kTermsInvalid) << "mistake " << i;
    const SubjectId other = patient("p2");
    EXPECT_EQ(spoilt([&](GrantTerms& t) { t.subject = other; }), ErrorCode::kTermsInvalid) << "another patient's";
    EXPECT_TRUE(consents->of_subject(*ledger.view(), subject)->empty());
    EXPECT_EQ(spoilt([](GrantTerms&) {}), ErrorCode::kOk) << "what is not spoilt is taken";
}

TEST_F(ConsentsTest, TheTransactionIsWhollyThatOfTheTerms) {
    const GrantTerms terms = this->terms(subject);
    const std::vector<std::function<void(TransactionBody&, consent::Create&)>> mistakes{
        [](TransactionBody& body, auto&) { body.network_id = NetworkId{{1}}; },
        [&](TransactionBody& body, auto&) { body.sender = b.sender(); },
        [](TransactionBody& body, auto&) { body.contract = Contract::kRecords; },
        [&](TransactionBody& body, auto&) { body.signers.pop_back(); },
        [&](TransactionBody& body, auto&) {
            body.signers.push_back(Signer::of(b.key.public_key()));
            std::ranges::sort(body.signers);
        },
        [](auto&, consent::Create& create) { create.grant = GrantId{{1}}; },
        [](auto&, consent::Create& create) { create.terms = Hash{1}; },
        [](auto&, consent::Create& create) { create.not_after_ms += kHourMs; },
        [](auto&, consent::Create& create) { create.control_key.reset(); },
        [&](auto&, consent::Create& create) { create.control_key = Signer::of(stores.party.key.public_key()); }};
    for (std::size_t i = 0; i < mistakes.size(); ++i)
        EXPECT_EQ(create(submission(terms, mistakes[i])), ErrorCode::kTermsInvalid) << "mistake " << i;
    GrantSubmission forged = submission(terms);
    forged.signature = stores.party.key.sign(signed_bytes(forged.body));
    EXPECT_EQ(create(forged), ErrorCode::kTermsInvalid);
    GrantSubmission garbled = submission(terms);
    garbled.body.push_back(0);
    EXPECT_EQ(create(garbled), ErrorCode::kTermsInvalid);
    EXPECT_EQ(create(submission(terms)), ErrorCode::kOk);
}

TEST_F(ConsentsTest, AGrantThatExpiredOnItsWayLeavesRoomForASecondAttempt) {
    const GrantTerms terms = this->terms(subject);
    const GrantSubmission late = submission(terms, [&](TransactionBody& body, auto&) { body.valid_until_ms = now(); });
    EXPECT_EQ(create(late), ErrorCode::kTermsInvalid);
    EXPECT_FALSE(consents->find(*ledger.view(), terms.grant).value());
    EXPECT_TRUE(consents->of_subject(*ledger.view(), subject)->empty()) << "terms that nothing refers to count nowhere";
    EXPECT_EQ(create(submission(terms)), ErrorCode::kOk);
}

TEST_F(ConsentsTest, ARevocationCountsInTheHouseAtOnceAndIsFiledUntilItStands) {
    const GrantId grant = permit(subject);
    ledger.inject(Fault::kLost, 1'000'000);
    EXPECT_EQ(revoke(grant), ErrorCode::kOk);
    EXPECT_FALSE(known(grant).active());
    EXPECT_EQ(known(grant).state.status, consent::GrantStatus::kActive) << "the chain does not have it yet";
    EXPECT_EQ(revoke(grant), ErrorCode::kConflict);
    tick();
    ledger.pass(61'000);  // the copy that was sent has expired
    restart();
    EXPECT_FALSE(known(grant).active());
    ledger.inject(Fault::kNone, 0);
    tick();
    EXPECT_EQ(known(grant).state.status, consent::GrantStatus::kRevoked);
    EXPECT_EQ(stores.outbox->waiting("consent").value(), 0U);
    EXPECT_EQ(revoke(testkit::id_of<GrantId>("none")), ErrorCode::kNotFound);
}

TEST_F(ConsentsTest, TheWalletRevokesByTheGrantItself) {
    const GrantTerms terms = this->terms(subject);
    ASSERT_EQ(create(submission(terms)), ErrorCode::kOk);
    TransactionBody body;
    body.network_id = ledger.net().network;
    body.sender = {AccountKind::kGrant, AccountId{terms.grant.bytes}};
    body.valid_until_ms = now() + 60'000;
    body.contract = Contract::kConsent;
    body.payload = codec::encode(consent::Payload{consent::Revoke{terms.grant}});
    ASSERT_TRUE(ledger.submit({sign(body, {&control}).bytes},
                              [](auto answers) { EXPECT_EQ(answers.front().value().receipt.code, 0U); }));
    EXPECT_FALSE(known(terms.grant).active());
    EXPECT_EQ(revoke(terms.grant), ErrorCode::kConflict);
}

TEST_F(ConsentsTest, ConsentsAreListedInTheOrderOfTheirBlocks) {
    std::vector<GrantId> made;
    for (int i = 0; i < 4; ++i) made.push_back(permit(subject));
    std::vector<GrantId> listed;
    const auto known = consents->of_subject(*ledger.view(), subject).value();
    for (const KnownConsent& one : known) listed.push_back(one.terms.grant);
    EXPECT_EQ(listed, made) << "whatever their random ids are";
}

TEST_F(ConsentsTest, TermsThatTheChainDoesNotCommitToCountAsADenial) {
    const GrantId first = permit(subject);
    const GrantId second = permit(subject, 2 * kHourMs);
    const auto sealed = stores.database->read([&](Reading& reading) {
        return reading.query_value<Bytes>("SELECT sealed FROM consents WHERE grant_id = :grant", second);
    });
    ASSERT_TRUE(stores.database->transaction([&](Writing& writing) {
        return writing.run("UPDATE consents SET sealed = :sealed WHERE grant_id = :grant", sealed->value(), first);
    }));
    EXPECT_FALSE(known(first).readable);
    EXPECT_TRUE(known(second).readable);
    const ReadRequest request = ask(refer(subject));
    EXPECT_EQ(answer(request).error().code, ErrorCode::kReadRefused) << "a failure to evaluate discloses nothing";
    EXPECT_FALSE(rows->find(request.requester, request.request_id).value());
}

}  // namespace
}  // namespace salus::application
