#include "application/check/check_house.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "application/check/check_accounts.hpp"
#include "application/check/tables.hpp"
#include "application/testing/hospital.hpp"

namespace salus::application {
namespace {

/// A hospital with a row of every kind: a bound wallet, a referral, a consent, broken glass that waits to be filed.
struct CheckHouseTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    const GrantId grant = permit(subject);

    void SetUp() override {
        ASSERT_TRUE(bindings->bind(subject, offer(), "staff|1"));
        (void)refer(subject);
        const auto view = ledger.view();
        const auto policy = policies->in_force(*view, stores.id, view->header().height + 1).value();
        ASSERT_TRUE(openings->break_glass(
            *policy, {subject, b.id(), staff(b, "emergency-physician"), Purpose::kEmergencyTreat, "unconscious", 0}));
        ASSERT_TRUE(journal->record(entry()));
    }
    static BindOffer offer() {
        BindOffer out;
        out.login_key = Signer{crypto::SignatureSuite::kEd25519, Bytes(32, 7)};
        return out;
    }
    AuditEntry entry() const {
        AuditEntry out;
        out.action = AuditAction::kRead;
        out.organisation = stores.id;
        out.subjects = {subject};
        return out;
    }
    std::vector<Finding> check() {
        CheckReport report;
        const auto view = ledger.view();
        check_accounts(*stores.vault, *view, *view->log(Contract::kAudit, stores.id), report);
        check_house(*stores.vault, ledger.net().network, report);
        return report.findings;
    }
    /// How many findings there are of what begins so, after `sql`.
    long found(std::string_view what, std::string_view sql) {
        EXPECT_TRUE(stores.database->transaction([&](Writing& writing) { return writing.run(sql); })) << sql;
        return std::ranges::count_if(check(), [&](const Finding& one) { return one.what.starts_with(what); });
    }
};

TEST_F(CheckHouseTest, AnUntouchedHouseIsWhole) {
    const auto findings = check();
    EXPECT_TRUE(findings.empty()) << findings.front().what << ": " << findings.front().why;
    EXPECT_TRUE(damage_of(*stores.database).empty());
}

TEST_F(CheckHouseTest, EveryTableIsLookedAt) {
    std::vector<std::string_view> looked_at;
    const auto add = [&](const auto& tables) { looked_at.insert(looked_at.end(), tables.begin(), tables.end()); };
    add(std::span(kRecordTables));
    add(std::span(kAccountTables));
    add(std::span(kHouseTables));
    add(std::span(kOpeningTables));
    const auto tables = stores.database->read([](Reading& reading) {
        return reading.query<std::string>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    });
    ASSERT_TRUE(tables);
    EXPECT_EQ(tables->size(), looked_at.size());
    for (const auto& [table] : *tables)
        EXPECT_NE(std::ranges::find(looked_at, table), looked_at.end())
            << table << ": see application/check/tables.hpp";
}

TEST_F(CheckHouseTest, ASealedRowThatDoesNotOpenIsNamedAndHidesNoOther) {
    EXPECT_EQ(found("bound wallet", "UPDATE bindings SET sealed = zeroblob(60)"), 1);
    EXPECT_EQ(found("referral", "UPDATE referrals SET sealed = zeroblob(60)"), 1);
    EXPECT_EQ(found("consent", "UPDATE consents SET sealed = zeroblob(60)"), 1);
    EXPECT_EQ(found("broken glass", "UPDATE openings SET sealed = zeroblob(60)"), 1);
    EXPECT_EQ(found("view key", "UPDATE view_keys SET sealed = zeroblob(60)"), 1);
    EXPECT_EQ(found("audit event 1", "UPDATE audit_events SET sealed = zeroblob(60) WHERE number = 1"), 1);
    EXPECT_EQ(check().size(), 6U);
}

TEST_F(CheckHouseTest, ARowThatSaysAnotherThingThanItHoldsIsNamed) {
    EXPECT_EQ(found("bound wallet", "UPDATE bindings SET subject = zeroblob(16)"), 1);
    EXPECT_EQ(found("referral", "UPDATE referrals SET until_ms = until_ms + 1"), 1);
    EXPECT_EQ(found("consent", "UPDATE consents SET subject = zeroblob(16)"), 1);
    EXPECT_EQ(found("broken glass", "UPDATE openings SET opened_ms = opened_ms + 1"), 1);
    EXPECT_EQ(found("audit event", "UPDATE audit_events SET time_ms = time_ms + 1 WHERE number = 1"), 1);
    EXPECT_EQ(found("audit event", "UPDATE audit_subjects SET subject = zeroblob(16) WHERE number = 1"), 2);
}

TEST_F(CheckHouseTest, AMarkOfARevocationThatNobodyFiledIsNamed) {
    EXPECT_EQ(found("consent", "UPDATE consents SET revoked = 1"), 1);
    EXPECT_EQ(found("consent", "UPDATE consents SET revoked = 64"), 2) << "it is no answer, either";
    EXPECT_EQ(found("consent", "UPDATE consents SET revoked = 0"), 0);
    ASSERT_TRUE(consents->revoke(grant));
    EXPECT_EQ(found("consent", "SELECT 1"), 0) << "it waits in the outbox";
}

TEST_F(CheckHouseTest, AnEntryOfTheOutboxIsWhatWasSigned) {
    EXPECT_EQ(found("entry 1 ", "SELECT 1"), 0);
    EXPECT_GE(found("entry", "UPDATE outbox SET valid_until_ms = valid_until_ms + 1"), 1);
    EXPECT_GE(found("entry", "UPDATE outbox SET bytes = zeroblob(80)"), 1);
}

TEST_F(CheckHouseTest, ATableThatCannotBeReadIsNamedAndHidesNoOther) {
    EXPECT_EQ(found("the table of referrals", "UPDATE referrals SET handle = zeroblob(3)"), 1);
    EXPECT_GE(found("entry", "UPDATE outbox SET bytes = zeroblob(80)"), 1);
}

}  // namespace
}  // namespace salus::application
