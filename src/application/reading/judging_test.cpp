#include <gtest/gtest.h>

#include "application/fhir/search_query.hpp"
#include "application/testing/hospital.hpp"

/// An error on the way to a decision tells a stranger no more than a refusal, and stops nobody else.
namespace salus::application {
namespace {

struct JudgingTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");

    ErrorCode code(const ReadRequest& request) {
        const auto answered = answer(request);
        return answered ? ErrorCode::kOk : answered.error().code;
    }
    /// Stores what does not open in place of what does.
    template <class Id>
    void spoil(std::string_view sql, const Id& id) {
        ASSERT_EQ(stores.database->transaction([&](Writing& writing) { return writing.run(sql, id); }).value(), 1U);
    }
    void spoil_terms(const GrantId& grant) {
        spoil("UPDATE consents SET sealed = X'00' WHERE grant_id = :grant", grant);
    }
    std::vector<AuditRecord> events(AuditAction action) {
        AuditQuery query;
        query.actions = {action};
        query.subject = subject;
        return journal->list(query).value();
    }
};

TEST_F(JudgingTest, TermsThatCannotBeReadAreADenialAndNoError) {
    const GrantId lost = permit(subject);
    const GrantId later = permit(subject);
    spoil_terms(lost);
    const auto known = consents->of_subject(*ledger.view(), subject).value();
    ASSERT_EQ(known.size(), 2U);
    EXPECT_FALSE(known[0].readable);
    EXPECT_EQ(known[0].terms.decide, Decide::kDeny);
    EXPECT_TRUE(known[1].readable);

    const std::size_t before = events(AuditAction::kDecision).size();
    EXPECT_EQ(code(ask(refer(subject, later))), ErrorCode::kReadRefused) << "as to one who is not known here";
    EXPECT_EQ(events(AuditAction::kDecision).size(), before + 1) << "and it is an event";
    EXPECT_EQ(code(ask_in_emergency(refer(subject))), ErrorCode::kOk);

    ASSERT_TRUE(consents->revoke(lost)) << "the way out";
    EXPECT_EQ(code(ask(refer(subject, later))), ErrorCode::kOk);
}

TEST_F(JudgingTest, AConsentStoreThatFailsRefusesEverybodyButEmergencies) {
    const ReferralHandle known = refer(subject, permit(subject));
    const ReadRequest answered_before = ask(known);
    ASSERT_EQ(code(answered_before), ErrorCode::kOk);
    ASSERT_TRUE(stores.database->transaction(
        [](Writing& writing) { return writing.run("ALTER TABLE consents RENAME TO consents_away"); }));
    EXPECT_EQ(code(ask(known)), ErrorCode::kReadRefused);
    EXPECT_EQ(code(ask(ReferralHandle{1, 2, 3})), ErrorCode::kReadRefused);
    EXPECT_EQ(code(answered_before), ErrorCode::kReadRefused) << "also what was answered before";
    EXPECT_EQ(code(ask_in_emergency(known)), ErrorCode::kOk);
}

TEST_F(JudgingTest, GlassThatCannotBeReadIsBrokenAnew) {
    const ReferralHandle handle = refer(subject);
    ASSERT_EQ(code(ask_in_emergency(handle)), ErrorCode::kOk);
    spoil("UPDATE openings SET sealed = X'00' WHERE subject = :subject", subject);
    EXPECT_EQ(code(ask_in_emergency(handle)), ErrorCode::kOk);
}

TEST_F(JudgingTest, ALateRowThatDoesNotOpenHoldsUpNeitherOthersNorForgetting) {
    const SubjectId other = patient("p2");
    const ReadRequest first = ask_in_emergency(refer(subject));
    const ReadRequest second = ask_in_emergency(refer(other));
    ASSERT_EQ(code(first), ErrorCode::kOk);
    ASSERT_EQ(code(second), ErrorCode::kOk);
    spoil("UPDATE disclosures SET manifest = X'00' WHERE subject = :subject", subject);
    tick();
    EXPECT_EQ(row(second).phase, RowPhase::kFiled);
    ledger.pass(kReplyKeptMs);
    tick();
    EXPECT_TRUE(row(second).reply.empty());
}

TEST_F(JudgingTest, APatientIsFoundByAnIdentifierWithItsSystemOnly) {
    const auto barred = testkit::id_of<SubjectId>("barred");
    ASSERT_TRUE(stores.keys->create_subjects(std::vector{barred}));
    const std::string body =
        R"({"resourceType":"Patient","id":"p2","identifier":[{"system":"urn:mrn","value":"a|b"}]})";
    Write write;
    write.subjects = {{barred, "p2"}};
    write.versions = {{"Patient", "p2", 1, barred, RecordOp::kCreate, 1'000, {}, to_bytes(body), {}}};
    for (const SearchTerm& term : terms_of(Document::parse(to_bytes(body)).value().root()))
        write.versions.front().tokens.push_back(stores.vault->token(term.parameter, term.value));
    ASSERT_TRUE(stores.anchor->write_one(std::move(write)));
    permit(barred);
    const auto asked_by = [&](std::string_view identifier) {
        ReadRequest request = ask({});
        request.patient.who =
            identify_patient(identifier, request, stores.party.sealing.public_key(), stores.random).value();
        sign_read_request(request, b.key);
        return code(request);
    };
    EXPECT_EQ(asked_by("urn:mrn|a\\|b"), ErrorCode::kOk);
    EXPECT_EQ(asked_by("a\\|b"), ErrorCode::kReadRefused) << "a value of any system is no certain match";
    EXPECT_EQ(asked_by("|a\\|b"), ErrorCode::kReadRefused);
    EXPECT_EQ(asked_by("urn:mrn|"), ErrorCode::kReadRefused);
    EXPECT_EQ(asked_by("urn:mrn|a|b"), ErrorCode::kReadRefused);
    EXPECT_EQ(asked_by(""), ErrorCode::kReadRefused);
}

}  // namespace
}  // namespace salus::application
