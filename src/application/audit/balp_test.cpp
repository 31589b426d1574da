#include "application/audit/balp.hpp"

#include <gtest/gtest.h>

#include "application/testing/ledger.hpp"

namespace salus::application {
namespace {

TEST(AccountingCsv, TakesTheMeaningFromANameThatASpreadsheetWouldRun) {
    DisclosureRow row;
    row.manifest.purpose = Purpose::kTreat;
    row.manifest.basis = Basis::kGrant;
    row.manifest.user.emplace();
    row.manifest.user->name = "=HYPERLINK(\"http://evil\")";
    row.manifest.user->role = "physician";
    const testing::TestLedger ledger;
    const std::string lines = accounting_csv({row}, *ledger.view());
    EXPECT_NE(lines.find(R"csv(,"'=HYPERLINK(""http://evil"") (physician)",)csv"), std::string::npos) << lines;
    row.manifest.user->name = "Nora Weiss";
    EXPECT_NE(accounting_csv({row}, *ledger.view()).find(R"csv(,"Nora Weiss (physician)",)csv"), std::string::npos);
}

TEST(AccountingCsv, NamesTheRecipient) {
    const testing::TestLedger ledger;
    DisclosureRow row;
    row.manifest.requester = ledger.net().hospital_b.id();
    row.manifest.purpose = Purpose::kTreat;
    row.manifest.basis = Basis::kGrant;
    const std::string address = to_address(AccountKind::kOrganisation, row.manifest.requester);
    const std::string lines = accounting_csv({row}, *ledger.view());
    const std::size_t at = lines.find(address);
    ASSERT_NE(at, std::string::npos) << lines;
    const std::size_t line = lines.rfind('\n', at);
    EXPECT_NE(lines.substr(line, at - line).find(ledger.net().hospital_b.account.name), std::string::npos) << lines;
}

}  // namespace
}  // namespace salus::application
