#include "application/breakglass/openings.hpp"

#include <gtest/gtest.h>

#include "application/testing/hospital.hpp"
#include "model/limits.hpp"

namespace salus::application {
namespace {

using testing::Fault;

struct OpeningsTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");

    std::shared_ptr<const Policy> policy() {
        const auto view = ledger.view();
        return policies->in_force(*view, stores.id, view->header().height + 1).value();
    }
    Breaking breaking(TimeMs open_ms = 0) {
        return {subject, b.id(), staff(b, "emergency-physician"), Purpose::kEmergencyTreat, "unconscious", open_ms};
    }
    ErrorCode refusal(const Breaking& what) {
        const auto opening = openings->break_glass(*policy(), what);
        return opening ? ErrorCode::kOk : opening.error().code;
    }
    bool open_for(const SubjectId& whom, const AccountId& requester, std::string_view user) {
        return openings->open_now(whom, requester, user).value().has_value();
    }
    ErrorCode review(const BreakGlassId& id, std::string text = "justified by the record") {
        const Status status = openings->review(id, staff(stores.party, "privacy-officer"), true, std::move(text));
        return status ? ErrorCode::kOk : status.error().code;
    }
    Opening only() {
        const auto all = openings->list().value();
        EXPECT_EQ(all.size(), 1U);
        return all.front();
    }
};

TEST_F(OpeningsTest, ClinicalStaffBreakGlassInAnEmergencyWithAReason) {
    EXPECT_EQ(refusal(breaking()), ErrorCode::kOk);
    Breaking clerk = breaking();
    clerk.user.role = "billing";
    EXPECT_EQ(refusal(clerk), ErrorCode::kBreakGlassRefused);
    for (const Purpose purpose : {Purpose::kTreat, Purpose::kPayment, Purpose::kOperations, Purpose::kPatientRequest}) {
        Breaking other = breaking();
        other.purpose = purpose;
        EXPECT_EQ(refusal(other), ErrorCode::kBreakGlassRefused) << purpose_code(purpose);
    }
    Breaking forbidden_by_policy = breaking();
    std::string document = default_policy_document(testkit::kJurisdiction);
    const std::string_view always = R"("ETREAT", "rule": "always")";
    document.replace(document.find(always), always.size(), R"("ETREAT", "rule": "grant-needed")");
    EXPECT_EQ(openings->break_glass(*Policy::parse(as_bytes(document)), forbidden_by_policy).error().code,
              ErrorCode::kBreakGlassRefused);
}

TEST_F(OpeningsTest, AReasonHasOneTo2000Bytes) {
    for (const auto& [reason, expected] :
         std::vector<std::pair<std::string, ErrorCode>>{{"", ErrorCode::kBreakGlassRefused},
                                                        {" \t\r\n", ErrorCode::kBreakGlassRefused},
                                                        {"x", ErrorCode::kOk},
                                                        {std::string(2000, 'x'), ErrorCode::kOk},
                                                        {std::string(2001, 'x'), ErrorCode::kBreakGlassRefused}}) {
        Breaking what = breaking();
        what.reason = reason;
        EXPECT_EQ(refusal(what), expected) << reason.size();
    }
}

TEST_F(OpeningsTest, ItEndsByItselfAndAfterFourHoursAtMost) {
    ASSERT_EQ(refusal(breaking(8000)), ErrorCode::kOk);
    EXPECT_TRUE(open_for(subject, b.id(), "staff|emergency-physician"));
    ledger.idle(7999);
    EXPECT_TRUE(open_for(subject, b.id(), "staff|emergency-physician"));
    ledger.idle(1);
    EXPECT_FALSE(open_for(subject, b.id(), "staff|emergency-physician"));
    const auto longest = openings->break_glass(*policy(), breaking(kBreakGlassMs + 1)).value();
    EXPECT_EQ(longest.terms.until_ms, longest.terms.opened_ms + kBreakGlassMs);
    const auto unsaid = openings->break_glass(*policy(), breaking()).value();
    EXPECT_EQ(unsaid.terms.until_ms, unsaid.terms.opened_ms + policy()->break_glass_ms());
}

TEST_F(OpeningsTest, ItIsForOnePatientAndWhoBrokeItOnly) {
    const SubjectId other = patient("p2");
    ASSERT_EQ(refusal(breaking()), ErrorCode::kOk);
    EXPECT_TRUE(open_for(subject, b.id(), "staff|emergency-physician"));
    EXPECT_FALSE(open_for(other, b.id(), "staff|emergency-physician"));
    EXPECT_FALSE(open_for(subject, ledger.net().payer.id(), "staff|emergency-physician"));
    EXPECT_FALSE(open_for(subject, b.id(), "staff|nurse"));
    EXPECT_EQ(openings->list(subject)->size(), 1U);
    EXPECT_TRUE(openings->list(other)->empty());
}

TEST_F(OpeningsTest, ItIsDurableAtOnceAndFiledUntilItStands) {
    ledger.inject(Fault::kLost, 1'000'000);
    ASSERT_EQ(refusal(breaking()), ErrorCode::kOk);
    tick();
    EXPECT_FALSE(only().on_chain);
    ledger.pass(61'000);
    restart();
    ledger.inject(Fault::kNone, 0);
    tick();
    EXPECT_TRUE(only().on_chain);
}

TEST_F(OpeningsTest, AnOpeningAheadOfBlockTimeIsFiledAgain) {
    ledger.idle(5000);
    ASSERT_EQ(refusal(breaking()), ErrorCode::kOk);
    ledger.idle(TimeMs{0} - 5000);  // this machine's clock was ahead of the chain's
    tick();
    EXPECT_FALSE(only().on_chain);
    EXPECT_EQ(stores.outbox->waiting("break-glass").value(), 1U);
    ledger.idle(5000);
    tick();
    tick();
    EXPECT_TRUE(only().on_chain);
    EXPECT_EQ(stores.outbox->waiting("break-glass").value(), 0U);
}

TEST_F(OpeningsTest, ItIsReviewedOnceAndOverdueAfter72Hours) {
    ASSERT_EQ(refusal(breaking()), ErrorCode::kOk);
    tick();
    const Opening opening = only();
    EXPECT_FALSE(opening.overdue(opening.terms.opened_ms + kReviewDueMs - 1));
    EXPECT_TRUE(opening.overdue(opening.terms.opened_ms + kReviewDueMs));
    EXPECT_EQ(review(testkit::id_of<BreakGlassId>("none")), ErrorCode::kNotFound);
    EXPECT_EQ(review(opening.id, " "), ErrorCode::kUsage);
    EXPECT_EQ(review(opening.id, std::string(4001, 'x')), ErrorCode::kUsage);
    EXPECT_EQ(review(opening.id), ErrorCode::kOk);
    const Opening reviewed = only();
    ASSERT_TRUE(reviewed.finding);
    EXPECT_TRUE(reviewed.finding->justified);
    EXPECT_FALSE(reviewed.overdue(reviewed.review_due_ms)) << "late or not, it was reviewed";
    EXPECT_EQ(review(opening.id), ErrorCode::kConflict);
}

TEST_F(OpeningsTest, AReviewThatTheChainDidNotTakeMayBeGivenAgain) {
    ASSERT_EQ(refusal(breaking()), ErrorCode::kOk);
    EXPECT_EQ(review(only().id), ErrorCode::kDisclosureNoOpening) << "not filed yet";
    EXPECT_FALSE(only().finding);
    tick();
    EXPECT_EQ(review(only().id), ErrorCode::kOk);
}

}  // namespace
}  // namespace salus::application
