#include "application/breakglass/patient_restrictions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "application/testing/hospital.hpp"

namespace salus::application {
namespace {

struct PatientRestrictionsTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    PatientRestrictions rules{*house, *consents, *policies, *openings};

    Caller physician(std::string id = "staff|physician") {
        Caller out;
        out.kind = Caller::Kind::kStaff;
        out.organisation = stores.id;
        out.staff = staff(stores.party, "physician");
        out.staff->id = std::move(id);
        return out;
    }
    bool sees(const Caller& caller, const SubjectId& whom) { return rules.sees(caller, whom).value(); }
    /// The patient closes her chart to this house's physicians.
    GrantId deny() {
        GrantTerms terms = paper(subject);
        terms.decide = Decide::kDeny;
        terms.scope.organisations = {stores.id};
        terms.scope.roles = {"physician"};
        return consents->attest(std::move(terms)).value().terms.grant;
    }
    void break_glass(const Caller& caller, TimeMs open_ms) {
        const auto policy = policies->in_force(*ledger.view(), stores.id, ledger.view()->header().height + 1).value();
        ASSERT_TRUE(openings->break_glass(
            *policy, {subject, stores.id, *caller.staff, Purpose::kBreakGlass, "unconscious", open_ms}));
    }
};

TEST_F(PatientRestrictionsTest, InsideTheHouseARoleSeesWhatNobodyClosed) {
    EXPECT_TRUE(sees(physician(), subject));
    permit(subject);
    EXPECT_TRUE(sees(physician(), subject)) << "a grant to another house closes nothing here";
}

TEST_F(PatientRestrictionsTest, AChartThatIsClosedToARoleIsHiddenFromIt) {
    const GrantId grant = deny();
    EXPECT_FALSE(sees(physician(), subject));
    EXPECT_TRUE(sees(physician(), patient("p2"))) << "another patient's";
    Caller nurse = physician();
    nurse.staff->role = "nurse";
    EXPECT_TRUE(sees(nurse, subject)) << "another role";
    Caller machine = physician();
    machine.kind = Caller::Kind::kMachine;
    machine.staff.reset();
    EXPECT_TRUE(sees(machine, subject)) << "imports go on";
    EXPECT_TRUE(sees(physician(), stores.vault->own_subject())) << "what is the organisation's own";
    ASSERT_TRUE(consents->revoke(grant));
    EXPECT_TRUE(sees(physician(), subject));
}

TEST_F(PatientRestrictionsTest, OnlyWhoHasAConsentIsAskedAboutBeforeASearch) {
    using Subjects = std::vector<SubjectId>;
    const SubjectId agreed = patient("p2");
    const SubjectId silent = patient("p3");
    EXPECT_TRUE(rules.unseen(physician(), {}).value().empty());
    deny();
    permit(agreed);
    Subjects expected{subject, agreed};
    std::ranges::sort(expected);
    Subjects with = consents->subjects({}).value();
    std::ranges::sort(with);
    EXPECT_EQ(with, expected);
    EXPECT_EQ(consents->subjects(Subjects{silent, agreed}).value(), Subjects{agreed});
    EXPECT_EQ(consents->subjects(Subjects{agreed}).value(), Subjects{agreed});
    EXPECT_TRUE(consents->subjects(Subjects{silent}).value().empty());
    EXPECT_TRUE(consents->subjects(Subjects{}).value().empty());

    EXPECT_EQ(rules.unseen(physician(), {}).value(), Subjects{subject});
    EXPECT_EQ(rules.unseen(physician(), Subjects{agreed, silent, subject}).value(), Subjects{subject});
    EXPECT_TRUE(rules.unseen(physician(), Subjects{agreed, silent}).value().empty());
    Caller machine = physician();
    machine.staff.reset();
    EXPECT_TRUE(rules.unseen(machine, {}).value().empty());
}

TEST_F(PatientRestrictionsTest, GlassOpensAClosedChartToWhoBrokeItAndForATime) {
    deny();
    const Caller caller = physician();
    break_glass(caller, 60'000);
    EXPECT_TRUE(sees(caller, subject));
    EXPECT_FALSE(sees(physician("staff|another"), subject)) << "another person's glass";
    ledger.idle(59'999);
    EXPECT_TRUE(sees(caller, subject));
    ledger.idle(1);
    EXPECT_FALSE(sees(caller, subject));
}

}  // namespace
}  // namespace salus::application
