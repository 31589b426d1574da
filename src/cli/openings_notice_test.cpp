#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "cli/test_network.hpp"

namespace salus::cli {
namespace {

/// The patient is told of broken glass, whatever she came for.
struct OpeningsNotice : ::testing::Test, testing::Network {
    void break_glass(const std::string& physician) {
        const auto read =
            ask({"read", "--as", organisation("hospital-b"), "--staff",
                 credential("hospital-b", "emergency-physician", physician), "--purpose", "ETREAT", "--from",
                 "hospital-a", "--patient", "urn:mrn|1", "--break-glass", "unconscious", "--out", file("read")});
        ASSERT_TRUE(good(read)) << text(read, "message");
    }
    /// Once the custodian has filed the row of each emergency, which comes after what was read.
    boost::json::object when_filed(const std::vector<std::string>& arguments) {
        auto answer = with_wallet("mary", arguments);
        for (int tries = 0; tries < 600 && text(answer, "message").ends_with("is not decided yet"); ++tries) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            answer = with_wallet("mary", arguments);
        }
        EXPECT_TRUE(good(answer)) << text(answer, "message");
        return answer;
    }
    std::uint64_t unseen() { return number(with_wallet("mary", {"consent", "list"}), "openings_unseen"); }
};

TEST_F(OpeningsNotice, EveryLogInTellsOfThoseThatTheOwnerHasNotLookedAt) {
    patient_with_wallet("mary");
    EXPECT_EQ(unseen(), 0U);
    EXPECT_EQ(said, "");

    break_glass("1");
    EXPECT_EQ(unseen(), 1U);
    EXPECT_TRUE(said.starts_with("1 emergency opening since you last looked: salus audit patient --wallet ")) << said;
    EXPECT_EQ(number(when_filed({"patient", "download", "--out", file("record")}), "openings_unseen"), 1U);

    const auto list = when_filed({"audit", "patient"});
    ASSERT_TRUE(list.contains("openings"));
    ASSERT_EQ(list.at("openings").as_array().size(), 1U);
    EXPECT_EQ(list.at("openings").at(0).at("reason").as_string(), "unconscious");
    EXPECT_EQ(unseen(), 0U) << "she has looked";
    EXPECT_EQ(said, "");

    break_glass("2");
    EXPECT_EQ(unseen(), 1U) << "another one is new";
}

}  // namespace
}  // namespace salus::cli
