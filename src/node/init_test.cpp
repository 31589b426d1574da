#include "node/init.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "node/config.hpp"
#include "node/layout.hpp"
#include "node/organisation_keys.hpp"
#include "node/platform.hpp"
#include "testing/directory.hpp"

namespace salus::node {
namespace {

class InitNetwork : public ::testing::Test {
protected:
    InitNetwork() { options.engine = EngineKind::kCometBft; }
    [[nodiscard]] InitNode node(const std::string& slug, std::size_t port) const {
        const auto address = [](std::size_t p) { return "127.0.0.1:" + std::to_string(p); };
        return {directory.path() / slug,
                address(port),
                address(port + 1),
                address(port + 2),
                {{slug, slug, governance::OrganisationKind::kHospital, "US", {}}}};
    }
    Result<Initialised> made(const std::vector<InitNode>& nodes) {
        return initialise_network(options, nodes, random, clock);
    }

    OsRandom random;
    RealWallClock clock;
    const testing::TestDirectory directory;
    InitOptions options;
};

TEST_F(InitNetwork, EachNodeHasTheSameGenesisAndItsOwnOrganisationsAlone) {
    const std::vector nodes{node("a", 5000), node("b", 5010), node("c", 5020)};
    const auto network = made(nodes);
    ASSERT_TRUE(network) << network.error().to_string();
    EXPECT_EQ(network->genesis.members.size(), 3U);
    ASSERT_EQ(network->genesis.era.validators.size(), 3U);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        SCOPED_TRACE(nodes[i].directory);
        EXPECT_EQ(read_file(genesis_file(nodes[i].directory)).value(), codec::encode(network->genesis));
        const NodeConfig config = read_config(config_file(nodes[i].directory)).value();
        ASSERT_EQ(config.organisations.size(), 1U);
        EXPECT_EQ(config.organisations[0].account, network->genesis.members[i].account.id());
        EXPECT_EQ(config.cometbft_rpc, nodes[i].cometbft_rpc);
        std::size_t folders = 0;
        for (const auto& entry : std::filesystem::directory_iterator(nodes[i].directory / "orgs"))
            if (entry.is_directory()) ++folders;
        EXPECT_EQ(folders, 1U);
    }
}

TEST_F(InitNetwork, EachNodesPeersAreAllOthersByTheKeysThatTheyVoteWith) {
    const std::vector nodes{node("a", 5000), node("b", 5010), node("c", 5020)};
    const auto network = made(nodes);
    ASSERT_TRUE(network);
    const auto peer = [&](std::size_t i) {
        return to_hex(validator_id(network->genesis.era.validators[i].key).bytes) + "@" + nodes[i].cometbft_p2p;
    };
    EXPECT_EQ(read_config(config_file(nodes[1].directory))->cometbft_peers, peer(0) + "," + peer(2));
}

TEST_F(InitNetwork, EachNodeKnowsTheWayToTheOthersCustodiansWhoseTlsKeysStandInTheGenesis) {
    std::vector nodes{node("a", 5000), node("b", 5010), node("c", 5020)};
    nodes[0].exchange = "127.0.0.1:5003";
    nodes[1].exchange = "127.0.0.1:5013";
    const auto network = made(nodes);
    ASSERT_TRUE(network) << network.error().to_string();
    const NodeConfig config = read_config(config_file(nodes[1].directory)).value();
    EXPECT_EQ(config.exchange_listen, "127.0.0.1:5013");
    ASSERT_EQ(config.custodians.size(), 1U) << "c listens nowhere";
    EXPECT_EQ(config.custodians[0].slug, "a");
    EXPECT_EQ(config.custodians[0].account, network->genesis.members[0].account.id());
    EXPECT_EQ(config.custodians[0].url, "https://127.0.0.1:5003");
    const auto keys = open_organisation_folder(organisation_folder(nodes[0].directory, "a"), random).value();
    ASSERT_TRUE(keys.tls);
    const AccountKey key{KeyUse::kTls, 1, keys.tls->public_key().bytes};
    EXPECT_EQ(std::ranges::count(network->genesis.members[0].account.keys, key), 1);
}

TEST_F(InitNetwork, AFolderThatIsNotEmptyRefusesTheWholeNetwork) {
    ASSERT_TRUE(write_file(directory.path() / "file", as_bytes("x")));
    InitNode taken = node("b", 5010);
    taken.directory = directory.path();
    EXPECT_EQ(made({node("a", 5000), taken}).error().code, ErrorCode::kConflict);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "a"));
}

TEST_F(InitNetwork, OneSlugServesOneOrganisation) {
    InitNode twin = node("b", 5010);
    twin.organisations[0].slug = "a";
    EXPECT_EQ(made({node("a", 5000), twin}).error().code, ErrorCode::kUsage);
    EXPECT_EQ(made({{directory.path() / "n", "127.0.0.1:1", {}, {}, {}}}).error().code, ErrorCode::kUsage);
}

TEST_F(InitNetwork, ANodeThatJoinsHasTheGenesisItsOwnKeysAndPeersAndIsNoMember) {
    const auto network = made({node("a", 5000)});
    ASSERT_TRUE(network);
    const JoinOptions join{codec::encode(network->genesis), "id@host:1", node("b", 5010)};
    const auto joined = initialise_joining(join, random);
    ASSERT_TRUE(joined) << joined.error().to_string();
    EXPECT_EQ(joined->genesis, network->genesis);
    EXPECT_EQ(read_file(genesis_file(join.node.directory)).value(), join.genesis);
    const NodeConfig config = read_config(config_file(join.node.directory)).value();
    EXPECT_EQ(config.cometbft_peers, "id@host:1");
    ASSERT_EQ(config.organisations.size(), 1U);
    EXPECT_EQ(config.organisations[0].account, joined->organisations.at(0));
    EXPECT_EQ(open_operator_key(join.node.directory, random)->public_key(), joined->key.key());
    EXPECT_EQ(joined->peer, to_hex(validator_id(joined->key).bytes) + "@" + join.node.cometbft_p2p);
    EXPECT_EQ(initialise_joining(join, random).error().code, ErrorCode::kConflict);
}

TEST_F(InitNetwork, NobodyJoinsAnOperatorsNetworkNorWithoutAPeer) {
    const auto network = made({node("a", 5000)});
    EXPECT_EQ(initialise_joining({codec::encode(network->genesis), "", node("b", 5010)}, random).error().code,
              ErrorCode::kUsage);
    options.engine = EngineKind::kEmbedded;
    const auto embedded = made({node("c", 5020)});
    EXPECT_EQ(initialise_joining({codec::encode(embedded->genesis), "id@host:1", node("d", 5030)}, random).error().code,
              ErrorCode::kUsage);
    EXPECT_FALSE(initialise_joining({to_bytes("junk"), "id@host:1", node("d", 5030)}, random));
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "d"));
}

TEST_F(InitNetwork, OneOwnerDividesThePowerAsItLikes) {
    const auto limit = [&] {
        const auto network = made(
            {node("n" + std::to_string(options.parameters.size()) + (options.mode == NetworkMode::kPrivate ? "p" : "c"),
                  5000)});
        std::vector<std::uint64_t> values;
        for (const auto& set : network->genesis.parameters)
            if (set.parameter == governance::Parameter::kPowerLimit) values.push_back(set.value);
        return values;
    };
    EXPECT_EQ(limit(), std::vector<std::uint64_t>{}) << "a consortium has the rule";
    options.mode = NetworkMode::kPrivate;
    EXPECT_EQ(limit(), (std::vector<std::uint64_t>{0}));
    options.parameters = {{governance::Parameter::kPowerLimit, 1}};
    EXPECT_EQ(limit(), (std::vector<std::uint64_t>{1}));
}

}  // namespace
}  // namespace salus::node
