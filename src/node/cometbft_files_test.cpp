#include "node/cometbft_files.hpp"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <boost/json.hpp>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "testing/directory.hpp"
#include "testing/platform.hpp"

namespace salus::node {
namespace {

class CometBftFilesTest : public ::testing::Test {
protected:
    CometBftFilesTest() {
        era_.engine = EngineKind::kCometBft;
        era_.chain_id = "salus-0011223344556677-1";
        era_.validators = {{Signer::of(key_.public_key()), 7, {}}};
    }
    std::string text(const std::string& name) {
        return std::string(as_text(read_file(settings_.home / name, 1 << 20).value()));
    }
    boost::json::value parsed(const std::string& name) { return boost::json::parse(text(name)); }

    salus::testing::TestDirectory directory_;
    salus::testing::SeededRandom random_;
    crypto::SigningKey key_ = crypto::SigningKey::generate(random_);
    EraRecord era_;
    CometBftSettings settings_{directory_.path() / "cometbft", {}, "127.0.0.1:1001", "127.0.0.1:1002", "id@host:1003"};
};

TEST_F(CometBftFilesTest, TheGenesisIsThatOfTheEraAlikeOnEveryNode) {
    ASSERT_TRUE(write_cometbft_files(settings_, era_, 1'767'225'600'123, key_));
    const auto genesis = parsed("config/genesis.json");
    EXPECT_EQ(genesis.at("chain_id").as_string(), era_.chain_id);
    EXPECT_EQ(genesis.at("genesis_time").as_string(), "2026-01-01T00:00:00.123Z");
    ASSERT_EQ(genesis.at("validators").as_array().size(), 1U);
    const auto& validator = genesis.at("validators").as_array()[0];
    EXPECT_EQ(validator.at("power").as_string(), "7");
    EXPECT_EQ(validator.at("pub_key").at("value").as_string(), to_base64(key_.public_key().bytes));
    const std::string once = text("config/genesis.json");
    CometBftSettings other = settings_;
    other.home = directory_.path() / "other";
    ASSERT_TRUE(write_cometbft_files(other, era_, 1'767'225'600'123, crypto::SigningKey::generate(random_)));
    settings_.home = other.home;
    EXPECT_EQ(text("config/genesis.json"), once);
}

TEST_F(CometBftFilesTest, TheConfigurationKeepsAnIdleNetworkAtRestAndStrangersOut) {
    ASSERT_TRUE(write_cometbft_files(settings_, era_, 0, key_));
    const toml::table config = toml::parse(text("config/config.toml"));
    EXPECT_EQ(config["consensus"]["create_empty_blocks"].value<bool>(), false);
    EXPECT_EQ(config["consensus"]["create_empty_blocks_interval"].value<std::string>(), "5s");
    EXPECT_EQ(config["mempool"]["recheck"].value<bool>(), true);
    EXPECT_EQ(config["filter_peers"].value<bool>(), true);
    EXPECT_EQ(config["rpc"]["laddr"].value<std::string>(), "tcp://127.0.0.1:1001");
    EXPECT_EQ(config["p2p"]["laddr"].value<std::string>(), "tcp://127.0.0.1:1002");
    EXPECT_EQ(config["p2p"]["pex"].value<bool>(), true);
    EXPECT_EQ(config["p2p"]["persistent_peers"].value<std::string>(), "id@host:1003");
    EXPECT_EQ(config["proxy_app"].value<std::string>(), "unix://" + settings_.socket().string());
}

TEST_F(CometBftFilesTest, CallsNobodyElseWhereOnlyThoseThatAreNamedAreToBeCalled) {
    settings_.calls = PeersCalled::kNamed;
    ASSERT_TRUE(write_cometbft_files(settings_, era_, 0, key_));
    const toml::table config = toml::parse(text("config/config.toml"));
    EXPECT_EQ(config["p2p"]["pex"].value<bool>(), false);
}

TEST_F(CometBftFilesTest, KeysAreTheOwnersAloneAndTheNodesIsTheValidators) {
    ASSERT_TRUE(write_cometbft_files(settings_, era_, 0, key_));
    for (const char* name : {"config/priv_validator_key.json", "config/node_key.json"})
        EXPECT_TRUE(check_private(settings_.home / name)) << name;
    const auto validator = parsed("config/priv_validator_key.json");
    EXPECT_EQ(validator.at("address").as_string(), to_hex(validator_id(Signer::of(key_.public_key())).bytes));
    Bytes both = to_bytes(key_.seed().expose());
    append(both, key_.public_key().bytes);
    EXPECT_EQ(validator.at("priv_key").at("value").as_string(), to_base64(both));
    EXPECT_EQ(parsed("config/node_key.json").at("priv_key"), validator.at("priv_key"));
}

TEST_F(CometBftFilesTest, WhatWasSignedLastIsNeverBegunAnew) {
    ASSERT_TRUE(write_cometbft_files(settings_, era_, 0, key_));
    const std::string file = "data/priv_validator_state.json";
    const std::string later = R"({"height":"9","round":1,"step":3})";
    EXPECT_EQ(parsed(file).at("height").as_string(), "0");
    ASSERT_TRUE(write_file(settings_.home / file, as_bytes(later), FileMode::kPrivate));
    ASSERT_TRUE(write_cometbft_files(settings_, era_, 0, key_));
    EXPECT_EQ(text(file), later);
}

TEST_F(CometBftFilesTest, ThePeersThatAreNamedAreKnownByTheirIds) {
    const std::string a(40, 'a');
    const std::string b(40, 'b');
    settings_.peers = a + "@host:1," + b + "@[::1]:2,id@host:3,";
    EXPECT_EQ(settings_.peer_ids(), (std::vector{*id_from_hex<ValidatorId>(a), *id_from_hex<ValidatorId>(b)}));
    settings_.peers.clear();
    EXPECT_TRUE(settings_.peer_ids().empty());
}

}  // namespace
}  // namespace salus::node
