#include <gtest/gtest.h>

#include "cli/test_network.hpp"

namespace salus::cli {
namespace {

/// The whole way, by the program's commands.
struct RestoredWallet : ::testing::Test, testing::Network {
    void grant(const std::string& wallet, std::string& id) {
        const auto made = with_wallet(wallet, {"consent", "grant", "--to", "hospital-b", "--for-seconds", "3600"});
        ASSERT_TRUE(good(made)) << text(made, "message");
        id = text(made, "grant");
    }
    boost::json::object restore(const std::string& words, const std::string& wallet, bool online) {
        EXPECT_TRUE(write_file(file("words"), as_bytes(words + "\n"), FileMode::kPrivate));
        if (online) return with_wallet(wallet, {"keys", "restore", "--words-file", file("words")});
        return run({"keys", "restore", "--wallet", file(wallet), "--passphrase-file", file("pass"), "--words-file",
                    file("words")});
    }
};

TEST_F(RestoredWallet, RevokesAndGrantsAsTheOneThatWasLost) {
    const std::string words = patient_with_wallet("lost");
    std::string one;
    std::string two;
    std::string three;
    grant("lost", one);
    grant("lost", two);

    const auto restored = restore(words, "again", true);
    EXPECT_TRUE(good(restored)) << text(restored, "message");
    EXPECT_EQ(number(restored, "grants"), 2U);
    grant("again", three);
    for (const std::string& id : {one, three}) {
        const auto revoked = with_wallet("again", {"consent", "revoke", id});
        EXPECT_TRUE(good(revoked)) << text(revoked, "message");
    }

    // Made again without a node at hand: it asks when it is used.
    EXPECT_TRUE(good(restore(words, "later", false)));
    EXPECT_EQ(with_wallet("later", {"consent", "list"}).at("grants").as_array().size(), 3U);
    const auto revoked = with_wallet("later", {"consent", "revoke", two});
    EXPECT_TRUE(good(revoked)) << text(revoked, "message");
    grant("later", three);
    EXPECT_EQ(text(with_wallet("later", {"consent", "revoke", std::string(32, '0')}), "error"), "not-found");
}

}  // namespace
}  // namespace salus::cli
