#include "node/config.hpp"

#include <gtest/gtest.h>

#include "model/account.hpp"

namespace salus::node {
namespace {

TEST(Config, NamesEveryMistakeAtOnce) {
    const auto config = parse_config(R"(
listen = "0.0.0.0:80"
log_level = "loud"
workers = 0
colour = "blue"
[[organisation]]
slug = "Hospital A"
account = "nobody"
)",
                                     "node.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, ErrorCode::kConfig);
    for (const char* part :
         {"7 mistakes", "listen names an address beyond", "public_url is needed: links cannot begin with 0.0.0.0",
          "log_level is one of", "workers is a whole number from 2", "colour is not a setting (line 5)",
          "organisation 1: slug", "organisation 1: account"})
        EXPECT_NE(config.error().message.find(part), std::string::npos) << part << "\n" << config.error().message;
}

TEST(Config, BoundsWhatAClientMayTakeUp) {
    const auto config = parse_config(
        "connections_max = 50\nbody_bytes_max = 1048576\nbody_bytes_total_max = 8388608\n"
        "answer_bytes_total_max = 4194304\nread_timeout_ms = 100\nwrite_timeout_ms = 200\nidle_timeout_ms = 3600000\n"
        "queue_transactions_max = 10000",
        "t");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->connections_max, 50U);
    EXPECT_EQ(config->body_bytes_total_max, 8388608U);
    EXPECT_EQ(config->answer_bytes_total_max, 4194304U);
    EXPECT_EQ(config->read_timeout_ms, 100U);
    EXPECT_EQ(config->write_timeout_ms, 200U);
    EXPECT_EQ(config->idle_timeout_ms, 3600000U);
    EXPECT_EQ(config->queue_transactions_max, 10000U);
    for (const char* wrong : {"read_timeout_ms = 99", "write_timeout_ms = 3600001", "idle_timeout_ms = 0",
                              "answer_bytes_total_max = 1", "queue_transactions_max = 9999"})
        EXPECT_FALSE(parse_config(wrong, "t")) << wrong;
}

TEST(Config, SaysTheLineOfASyntaxError) {
    const auto config = parse_config("listen = \n", "node.toml");
    ASSERT_FALSE(config);
    EXPECT_NE(config.error().message.find("node.toml, line 1"), std::string::npos) << config.error().message;
}

TEST(Config, ReadsBackWhatItWrites) {
    NodeConfig config;
    config.listen = "[::1]:0";
    config.public_url = "https://ehr.example.org";
    config.organisations.push_back(
        {"hospital-a", AccountId{{1, 2, 3}}, "orgs/hospital-a/passphrase", "/mnt/elsewhere/hospital-a.checkpoint"});
    const auto again = parse_config(to_toml(config), "node.toml");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->listen, config.listen);
    EXPECT_EQ(again->public_url, config.public_url);
    ASSERT_EQ(again->organisations.size(), 1U);
    EXPECT_EQ(again->organisations[0].account, config.organisations[0].account);
    EXPECT_EQ(again->organisations[0].checkpoint_file, config.organisations[0].checkpoint_file);
}

TEST(Config, TakesAnAddressBeyondThisMachineOnlyWithTls) {
    EXPECT_FALSE(parse_config("listen = \"192.0.2.1:443\"", "t"));
    EXPECT_TRUE(parse_config("listen = \"192.0.2.1:443\"\ntls_certificate = \"c\"\ntls_key = \"k\"", "t"));
}

TEST(Config, WantsToKnowHowItIsReachedWhereTheAddressDoesNotSay) {
    const std::string tls = "tls_certificate = \"c\"\ntls_key = \"k\"\n";
    for (const char* listen : {"0.0.0.0:443", "[::]:443", "[0:0::0]:443"}) {
        const std::string text = tls + "listen = \"" + listen + "\"\n";
        EXPECT_FALSE(parse_config(text, "t")) << listen;
        EXPECT_TRUE(parse_config(text + "public_url = \"https://ehr.example.org:8443\"", "t")) << listen;
    }
    for (const char* bad : {"ehr.example.org", "https://", "ftp://a", "https://a/", "https://a/b", "https://a b",
                            "https://me@a", "https://a?b"})
        EXPECT_FALSE(parse_config("public_url = \"" + std::string(bad) + "\"", "t")) << bad;
    EXPECT_TRUE(parse_config("public_url = \"http://[::1]:80\"", "t"));
}

TEST(Config, KeepsCometBftsOwnInterfaceOnLoopback) {
    EXPECT_FALSE(parse_config("cometbft_rpc = \"0.0.0.0:26657\"", "t"));
    EXPECT_FALSE(parse_config("cometbft_rpc = \"26657\"", "t"));
    EXPECT_TRUE(parse_config("cometbft_rpc = \"[::1]:26657\"", "t"));
    EXPECT_FALSE(parse_config("cometbft_p2p = \"somewhere\"", "t"));
    NodeConfig config;
    config.cometbft_p2p = "0.0.0.0:26656";
    config.cometbft_peers = "id@host:1";
    config.cometbft_calls = PeersCalled::kNamed;
    const auto again = parse_config(to_toml(config), "node.toml");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->cometbft_p2p, config.cometbft_p2p);
    EXPECT_EQ(again->cometbft_peers, config.cometbft_peers);
    EXPECT_EQ(again->cometbft_calls, config.cometbft_calls);
}

TEST(Config, KnowsTheWayToCustodiansOfOtherNodes) {
    const std::string address = to_address(AccountKind::kOrganisation, AccountId{{1, 2, 3}});
    const std::string other = to_address(AccountKind::kOrganisation, AccountId{{4}});
    const auto custodian = [](const std::string& slug, const std::string& account, const std::string& url) {
        return "[[custodian]]\nslug = \"" + slug + "\"\naccount = \"" + account + "\"\nurl = \"" + url + "\"\n";
    };
    const std::string served =
        "exchange_listen = \"0.0.0.0:11480\"\nexchange_timeout_ms = 2000\n[[organisation]]\n"
        "slug = \"hospital-a\"\naccount = \"" +
        address + "\"\n";
    const auto config = parse_config(served + custodian("hospital-b", other, "https://b.example.org:11480"), "t");
    ASSERT_TRUE(config) << config.error().message;
    const auto again = parse_config(to_toml(*config), "t");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->exchange_listen, "0.0.0.0:11480");
    EXPECT_EQ(again->exchange_timeout_ms, 2000U);
    ASSERT_EQ(again->custodians.size(), 1U);
    EXPECT_EQ(again->custodians[0].slug, "hospital-b");
    EXPECT_EQ(again->custodians[0].account, (AccountId{{4}}));
    EXPECT_EQ(again->custodians[0].url, "https://b.example.org:11480");
    for (const std::string& wrong :
         {custodian("Hospital", other, "https://b"), custodian("b", "nobody", "https://b"),
          custodian("b", other, "http://b"), custodian("b", other, "https://b/orgs"),
          custodian("hospital-a", other, "https://b"), custodian("b", address, "https://b"),
          custodian("b", other, "https://b") + custodian("b", other, "https://b"), std::string("custodian = 7\n")})
        EXPECT_FALSE(parse_config(served + wrong, "t")) << wrong;
    EXPECT_FALSE(parse_config("exchange_listen = \"here\"", "t"));
    EXPECT_FALSE(parse_config("exchange_timeout_ms = 99", "t"));
}

TEST(ListenAddress, HoldsHostAndPort) {
    EXPECT_EQ(parse_listen("[::1]:8480")->host, "::1");
    EXPECT_TRUE(parse_listen("127.0.0.1:0")->is_loopback());
    EXPECT_FALSE(parse_listen("10.0.0.1:1")->is_loopback());
    for (const char* bad : {"", ":1", "host", "host:", "host:70000", "host:1x"}) EXPECT_FALSE(parse_listen(bad)) << bad;
}

}  // namespace
}  // namespace salus::node
