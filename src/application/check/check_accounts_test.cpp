#include "application/check/check_accounts.hpp"

#include <gtest/gtest.h>

#include "application/audit/journal.hpp"
#include "application/testing/house.hpp"
#include "model/contracts/audit.hpp"

namespace salus::application {
namespace {

/// An audit of five events, three of which stand under a root on the chain.
struct CheckAccountsTest : ::testing::Test {
    testing::TestLedger ledger;
    testing::House house{ledger};
    std::unique_ptr<Journal> journal =
        Journal::open({*house.database, *house.vault, *house.outbox, ledger, house.random}).value();

    void SetUp() override {
        record(3);
        ledger.pass(2 * journal->interval_ms());
        ASSERT_TRUE(journal->tick());
        house.outbox->pump();
        house.outbox->pump();
        ASSERT_TRUE(journal->prove(2)) << "it is on the chain";
        record(2);
    }
    void record(int count) {
        for (int i = 0; i < count; ++i) {
            AuditEntry entry;
            entry.action = AuditAction::kRead;
            entry.organisation = house.id;
            ASSERT_TRUE(journal->record(entry));
        }
    }
    CheckReport check() {
        CheckReport report;
        const auto view = ledger.view();
        check_accounts(*house.vault, *view, *view->log(Contract::kAudit, house.id), report);
        return report;
    }
    void change(std::string_view sql) {
        ASSERT_TRUE(house.database->transaction([&](Writing& writing) { return writing.run(sql); }));
    }
    /// How many findings there are of that kind and name.
    std::size_t found(Finding::Kind kind, std::string_view what) {
        const CheckReport report = check();
        return static_cast<std::size_t>(std::ranges::count_if(report.findings, [&](const Finding& finding) {
            return finding.kind == kind && finding.what.starts_with(what);
        }));
    }
};

TEST_F(CheckAccountsTest, AnUntouchedAuditIsWhole) {
    const CheckReport report = check();
    EXPECT_TRUE(report.findings.empty()) << report.findings.front().what << ": " << report.findings.front().why;
    EXPECT_EQ(report.accounts, 5U);
}

TEST_F(CheckAccountsTest, AnAlteredEventIsNamedWhetherUnderARootOrNot) {
    change("UPDATE audit_events SET hash = zeroblob(32) WHERE number = 2");
    EXPECT_EQ(found(Finding::Kind::kAltered, "audit event 2"), 1U);
    EXPECT_EQ(found(Finding::Kind::kAltered, "audit root"), 1U);
    change("UPDATE audit_events SET sealed = (SELECT sealed FROM audit_events WHERE number = 4) WHERE number = 5");
    EXPECT_EQ(found(Finding::Kind::kAltered, "audit event 5"), 1U);
}

TEST_F(CheckAccountsTest, ADeletedEventIsMissing) {
    change("DELETE FROM audit_events WHERE number = 3");
    EXPECT_EQ(found(Finding::Kind::kMissing, "audit event 3 to 3"), 1U);
    EXPECT_EQ(found(Finding::Kind::kAltered, "audit root"), 1U);
}

TEST_F(CheckAccountsTest, ARootThatIsNotTheChainsIsNamed) {
    change("UPDATE audit_roots SET leaf = zeroblob(32)");
    EXPECT_EQ(found(Finding::Kind::kAltered, "audit root"), 2U) << "neither its own commitment nor the chain's leaf";
    change("DELETE FROM audit_roots");
    EXPECT_EQ(found(Finding::Kind::kMissing, "audit leaf 0"), 1U);
}

TEST_F(CheckAccountsTest, ARootThatTheChainNeverSawIsMissing) {
    change("UPDATE audit_roots SET log_index = 7");
    EXPECT_EQ(found(Finding::Kind::kMissing, "audit root"), 1U);
    EXPECT_EQ(found(Finding::Kind::kMissing, "audit leaf 0"), 1U);
}

}  // namespace
}  // namespace salus::application
