#include <chrono>
#include <thread>

#include "cli/test_wallets.hpp"

namespace salus::cli {
namespace {

/// The patient is told of broken glass, whatever she came for.
struct OpeningsNotice : WalletTest {
    void break_glass(const std::string& physician, const std::string& reason = "unconscious") {
        const Ran read =
            as("hospital-b",
               {"read", "--staff", credential("hospital-b", "emergency-physician", physician), "--purpose", "ETREAT",
                "--from", "hospital-a", "--patient", "urn:mrn|1", "--break-glass", reason, "--out", file("read")});
        ASSERT_EQ(read.exit, kExitGood) << read;
    }
    /// Once the custodian has filed the row of each emergency, which comes after what was read.
    Ran when_filed(const std::vector<std::string>& arguments) {
        Ran answer = with_wallet("mary", arguments);
        for (int tries = 0; tries < 600 && answer.text("error") == "busy"; ++tries) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            answer = with_wallet("mary", arguments);
        }
        EXPECT_EQ(answer.exit, kExitGood) << answer;
        return answer;
    }
};

TEST_F(OpeningsNotice, EveryLogInTellsOfThoseThatTheOwnerHasNotLookedAt) {
    patient_with_wallet("mary");
    const Ran before = with_wallet("mary", {"consent", "list"});
    EXPECT_EQ(before.number("openings_unseen"), 0U) << before;
    EXPECT_EQ(before.err, "");

    break_glass("1");
    const Ran told = with_wallet("mary", {"consent", "list"});
    EXPECT_EQ(told.number("openings_unseen"), 1U) << told;
    EXPECT_TRUE(told.err.starts_with("1 emergency opening since you last looked: salus audit patient --wallet "))
        << told;
    EXPECT_EQ(when_filed({"patient", "download", "--out", file("record")}).number("openings_unseen"), 1U);

    const Ran list = when_filed({"audit", "patient"});
    const auto openings = list.json().at("openings").as_array();
    ASSERT_EQ(openings.size(), 1U) << list;
    EXPECT_EQ(openings[0].at("reason").as_string(), "unconscious");
    const Ran after = with_wallet("mary", {"consent", "list"});
    EXPECT_EQ(after.number("openings_unseen"), 0U) << "she has looked: " << after;
    EXPECT_EQ(after.err, "");

    break_glass("2", "\x1b[2K\rnothing");
    EXPECT_EQ(with_wallet("mary", {"consent", "list"}).number("openings_unseen"), 1U) << "another one is new";
    when_filed({"audit", "patient"});
    const Ran plain = run_program({"audit", "patient", "--wallet", file("mary"), "--passphrase-file", passphrase_,
                                   "--at", "hospital-a", "--node", node_.node->url()});
    EXPECT_TRUE(plain.says("[2K")) << plain;
    EXPECT_FALSE(plain.says("\x1b") || plain.says("\r")) << "a terminal shows what others wrote, and obeys none of it";
}

}  // namespace
}  // namespace salus::cli
