#pragma once

#include <gtest/gtest.h>

#include "cli/test_program.hpp"

/// For tests: patients and staff at a node of this process, by the program's commands. FOR TESTS ONLY.
namespace salus::cli {

class WalletTest : public ::testing::Test {
protected:
    Ran at_node(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--node", node_.node->url(), "--json"});
        return run_program(arguments);
    }
    Ran as(std::string_view slug, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--as", node_.organisation(slug)});
        return at_node(std::move(arguments));
    }
    /// With a wallet, at hospital A.
    Ran with_wallet(const std::string& wallet, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(),
                         {"--wallet", file(wallet), "--passphrase-file", passphrase_, "--at", "hospital-a"});
        return at_node(std::move(arguments));
    }
    /// Of one member of the staff, or by `number` of another with the same role.
    std::string credential(std::string_view slug, const std::string& role, const std::string& number = "1") {
        const std::string out = file(role + number + ".staff");
        const Ran made = run_program({"org", "staff", "--as", node_.organisation(slug), "--name", "Nora Weiss",
                                      "--role", role, "--id", "urn:salus:staff|" + role + number, "--out", out});
        EXPECT_EQ(made.exit, kExitGood) << made;
        return out;
    }
    /// A patient of hospital A with a wallet; returns the wallet's words.
    std::string patient_with_wallet(const std::string& wallet) {
        const std::string resource = node_.files.write(
            "patient.json", R"({"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"}]})");
        patient_ = as("hospital-a", {"patient", "register", resource}).text("patient");
        const Ran made =
            run_program({"keys", "wallet", "--wallet", file(wallet), "--passphrase-file", passphrase_, "--json"});
        const Ran offered = with_wallet(wallet, {"patient", "offer", "--out", file("offer")});
        EXPECT_EQ(offered.exit, kExitGood) << offered;
        const Ran bound = as("hospital-a", {"patient", "bind", patient_, "--staff",
                                            credential("hospital-a", "registrar"), "--offer", file("offer")});
        EXPECT_EQ(bound.exit, kExitGood) << bound;
        return made.text("words");
    }
    [[nodiscard]] std::string file(std::string_view name) const { return node_.files.at(name); }

    TestNode node_;
    std::string patient_;  ///< id of the last one
    std::string passphrase_ = node_.files.write("passphrase", "correct horse\n");
};

}  // namespace salus::cli
