#include "application/audit/balp.hpp"

#include <gtest/gtest.h>

namespace salus::application {
namespace {

TEST(AccountingCsv, TakesTheMeaningFromANameThatASpreadsheetWouldRun) {
    DisclosureRow row;
    row.manifest.purpose = Purpose::kTreat;
    row.manifest.basis = Basis::kGrant;
    row.manifest.user.emplace();
    row.manifest.user->name = "=HYPERLINK(\"http://evil\")";
    row.manifest.user->role = "physician";
    const std::string lines = accounting_csv({row});
    EXPECT_NE(lines.find(R"csv(,"'=HYPERLINK(""http://evil"") (physician)",)csv"), std::string::npos) << lines;
    row.manifest.user->name = "Nora Weiss";
    EXPECT_NE(accounting_csv({row}).find(R"csv(,"Nora Weiss (physician)",)csv"), std::string::npos);
}

}  // namespace
}  // namespace salus::application
