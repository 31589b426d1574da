#include "cli/test_wallets.hpp"
#include "cli/wallet_file.hpp"

namespace salus::cli {
namespace {

/// The whole way, by the program's commands.
struct RestoredWallet : WalletTest {
    std::string grant(const std::string& wallet) {
        const Ran made = with_wallet(wallet, {"consent", "grant", "--to", "hospital-b", "--for", "1h"});
        EXPECT_EQ(made.exit, kExitGood) << made;
        return made.text("grant");
    }
    /// `where`: the custodians that give it the rest
    Ran restore(const std::string& words, const std::string& wallet, const std::vector<std::string>& where) {
        std::vector<std::string> arguments{"keys",
                                           "restore",
                                           "--wallet",
                                           file(wallet),
                                           "--passphrase-file",
                                           passphrase_,
                                           "--words-file",
                                           node_.files.write("words", words + "\n")};
        for (const std::string& slug : where) arguments.insert(arguments.end(), {"--at", slug});
        return at_node(std::move(arguments));
    }
    Ran revoke(const std::string& wallet, const std::string& id) {
        return with_wallet(wallet, {"consent", "revoke", id});
    }
};

TEST_F(RestoredWallet, RevokesAndGrantsAsTheOneThatWasLost) {
    const std::string words = patient_with_wallet("lost");
    const std::string one = grant("lost");
    const std::string two = grant("lost");

    const Ran restored = restore(words, "again", {"hospital-a"});
    EXPECT_EQ(restored.exit, kExitGood) << restored;
    EXPECT_EQ(restored.number("grants"), 2U);
    const std::string three = grant("again");
    for (const std::string& id : {one, three}) EXPECT_EQ(revoke("again", id).exit, kExitGood) << revoke("again", id);

    // Made again without a node at hand: it begins anew there, and asks when it is used.
    EXPECT_EQ(restore(words, "later", {}).exit, kExitGood);
    EXPECT_EQ(with_wallet("later", {"consent", "list"}).text("error"), "not-found") << "it has seen no network yet";
    EXPECT_EQ(restore(words, "later", {"hospital-a"}).exit, kExitGood) << "said again";
    EXPECT_EQ(with_wallet("later", {"consent", "list"}).json().at("grants").as_array().size(), 3U);
    EXPECT_EQ(revoke("later", two).exit, kExitGood) << revoke("later", two);
    grant("later");
    EXPECT_EQ(revoke("later", std::string(32, '0')).text("error"), "not-found");
    // The twin does not know of the keys that the other has used since.
    EXPECT_EQ(grant("again").size(), 32U);
}

TEST_F(RestoredWallet, GoesOnWhereACustodianDidNotAnswer) {
    const std::string words = patient_with_wallet("lost");
    grant("lost");
    const Ran half = restore(words, "again", {"payer", "hospital-a"});
    EXPECT_EQ(half.exit, kExitRefused) << half;
    EXPECT_EQ(half.number("grants"), 1U) << "the other one is asked all the same";
    EXPECT_TRUE(half.says("\"at\":\"payer\",\"ok\":false")) << half;
    EXPECT_EQ(restore(words, "again", {"hospital-a"}).exit, kExitGood) << "the same words again";
    const std::string others = patient_with_wallet("other");
    EXPECT_EQ(restore(others, "again", {"hospital-a"}).text("error"), "conflict") << "never overwritten";
}

TEST_F(RestoredWallet, TellsAGrantFromADenialAndSaysOfEachWhatItIs) {
    patient_with_wallet("mary");
    const std::string permitted = grant("mary");
    const Ran denied = with_wallet("mary", {"consent", "grant", "--deny", "--to", "payer", "--for", "2h", "--purpose",
                                            "HPAYMT", "--type", "Claim"});
    ASSERT_EQ(denied.exit, kExitGood) << denied;
    EXPECT_EQ(
        with_wallet("mary", {"consent", "grant", "--deny", "--to", "payer", "--for", "2h", "--referral", file("none")})
            .exit,
        kExitUsage)
        << "nobody is handed a denial";
    ASSERT_EQ(revoke("mary", permitted).exit, kExitGood);
    EXPECT_EQ(revoke("mary", permitted).text("error"), "consent-revoked");

    const Ran listed = with_wallet("mary", {"consent", "list"});
    const auto grants = listed.json().at("grants").as_array();
    ASSERT_EQ(grants.size(), 2U) << listed;
    for (const auto& one : grants) {
        const bool denial = one.at("grant").as_string() == denied.text("grant");
        EXPECT_EQ(one.at("decide").as_string(), denial ? "deny" : "permit") << listed;
        EXPECT_EQ(one.at("status").as_string(), denial ? "stands" : "revoked") << listed;
        EXPECT_EQ(one.at("purposes").at(0).as_string(), denial ? "HPAYMT" : "TREAT") << listed;
        EXPECT_EQ(one.at("types").as_array().size(), denial ? 1U : 0U) << listed;
        EXPECT_TRUE(one.at("addresses").at(0).as_string().starts_with("salusorg1")) << listed;
        EXPECT_FALSE(one.at("organisations").at(0).as_string().starts_with("salusorg1")) << "by its name: " << listed;
    }
}

TEST_F(RestoredWallet, ItsFolderHoldsOneAnswerAndIsHeldToItsProof) {
    patient_with_wallet("mary");
    const std::string folder = file("record");
    const auto download = [&] { return with_wallet("mary", {"patient", "download", "--out", folder}); };
    ASSERT_EQ(download().exit, kExitGood) << download();
    const std::string proof = folder + "/evidence.proof";
    const std::string patient = folder + "/Patient-" + patient_ + ".json";
    ASSERT_TRUE(std::filesystem::exists(patient));
    const Ran sound = run_program({"verify", proof});
    EXPECT_EQ(sound.exit, kExitGood) << sound;
    EXPECT_TRUE(sound.says("files beside it are the records")) << sound;
    std::ofstream(patient, std::ios::app) << " ";
    const Ran altered = run_program({"verify", proof});
    EXPECT_EQ(altered.exit, kExitRefused) << altered;
    EXPECT_TRUE(altered.says("Patient-" + patient_ + ".json")) << altered;
    std::filesystem::rename(patient, folder + "/kept.json");
    ASSERT_EQ(download().exit, kExitGood) << "again into the same folder";
    EXPECT_TRUE(std::filesystem::exists(folder + "/kept.json")) << "what is not of an answer stays";
    EXPECT_EQ(run_program({"verify", proof}).exit, kExitGood);
    const Ran none = with_wallet("mary", {"audit", "patient", "--csv", file("list.csv")});
    EXPECT_EQ(none.exit, kExitGood) << none;
}

TEST_F(RestoredWallet, IsReleasedAtTheDeskWhenItIsStolen) {
    patient_with_wallet("mary");
    const auto release = [&](const std::string& patient, const std::string& role) {
        return as("hospital-a", {"patient", "release", patient, "--staff", credential("hospital-a", role)});
    };
    EXPECT_EQ(release(patient_, "physician").text("error"), "forbidden");
    EXPECT_EQ(release("nobody", "registrar").text("error"), "not-found");
    const Ran released = release(patient_, "registrar");
    EXPECT_EQ(released.exit, kExitGood) << released;
    EXPECT_EQ(with_wallet("mary", {"consent", "list"}).exit, kExitRefused) << "it opens nothing any more";
}

TEST_F(RestoredWallet, KeepsNoGrantThatWasRefused) {
    patient_with_wallet("mary");
    const Ran refused =
        with_wallet("mary", {"consent", "grant", "--to", "hospital-b", "--for", "1h", "--type", "Chart"});
    EXPECT_EQ(refused.text("error"), "terms-invalid") << refused;
    const std::string made = grant("mary");
    const auto kept = read_wallet(file("mary"), as_bytes("correct horse"));
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->custodians.size(), 1U);
    ASSERT_EQ(kept->custodians[0].grants.size(), 1U);
    EXPECT_EQ(to_hex(kept->custodians[0].grants[0].terms.grant), made);
    EXPECT_EQ(kept->custodians[0].grants[0].control, 0U) << "the key of the refused one is free";
}

TEST_F(RestoredWallet, TakesNoOtherNetworkForTheOneThatItKnows) {
    patient_with_wallet("mary");
    grant("mary");
    const TestNode other;
    const std::vector<std::string> wallet{"--wallet",  file("mary"), "--passphrase-file",
                                          passphrase_, "--at",       "hospital-a",
                                          "--json",    "--node",     other.node->url()};
    const auto there = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), wallet.begin(), wallet.end());
        return run_program(arguments);
    };
    const Ran audit = there({"audit", "patient"});
    EXPECT_EQ(audit.exit, kExitRefused) << audit;
    EXPECT_EQ(audit.text("error"), "rolled-back") << audit;
    const Ran meant = there({"patient", "offer", "--out", file("offer")});
    EXPECT_EQ(meant.exit, kExitGood) << meant;
    EXPECT_EQ(there({"audit", "patient"}).text("error"), "unauthenticated") << "it does not know her";
    EXPECT_EQ(with_wallet("mary", {"audit", "patient"}).exit, kExitGood) << "the first one is as it was";
}

}  // namespace
}  // namespace salus::cli
