#include <gtest/gtest.h>

#include "model/account.hpp"
#include "node/organisation_keys.hpp"
#include "node/test_network.hpp"
#include "transport/http.hpp"
#include "transport/peer_tls.hpp"

namespace salus::node {
namespace {

/// A node that listens for other nodes.
class ExchangeListener : public TestNetwork {
protected:
    ExchangeListener() : TestNetwork(2) {
        NodeConfig config = read_config(config_file(folder)).value();
        config.exchange_listen = "127.0.0.1:0";
        EXPECT_TRUE(write_file(config_file(folder), as_bytes(to_toml(config))));
        auto started = start();
        EXPECT_TRUE(started) << started.error().to_string();
        node = *std::move(started);
    }
    OrganisationKeys keys_of(const std::string& slug) {
        return open_organisation_folder(organisation_folder(folder, slug), random).value();
    }
    /// As whoever holds `own`, at hospital A.
    Result<transport::HttpResponse> ask(const crypto::SigningKey& own, std::string_view method, std::string_view path) {
        const OrganisationKeys wanted = keys_of("hospital-a");
        const auto peer = std::make_shared<transport::PeerTls>();
        peer->keys.push_back({"me", own.seed().clone()});
        peer->name = to_address(AccountKind::kOrganisation, wanted.id());
        peer->admits = [&](ByteView key) { return equal(key, wanted.tls->public_key().bytes); };
        transport::ClientConfig config;
        config.peer = peer;
        const std::string url = "https://127.0.0.1:" + std::to_string(node->exchange_port());
        return transport::HttpClient::make(url, config).value()->request(method, path, {}, Bytes{});
    }
    std::unique_ptr<Node> node;
};

TEST_F(ExchangeListener, LetsMembersInAndNobodyElse) {
    const auto answer = ask(*keys_of("hospital-b").tls, "POST", "/orgs/hospital-a/exchange/read");
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->status, 400U) << "it is no request";
    const auto stranger = ask(crypto::SigningKey::generate(random), "POST", "/orgs/hospital-a/exchange/read");
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().code, ErrorCode::kForbidden) << stranger.error().to_string();
    EXPECT_FALSE(ask(keys_of("hospital-b").signing, "POST", "/orgs/hospital-a/exchange/read")) << "a key has one use";
}

TEST_F(ExchangeListener, ServesWhatIsSignedInsideAndNothingElse) {
    const auto own = keys_of("hospital-b");
    for (const auto& [method, path] :
         {std::pair{"GET", "/v1/status"}, std::pair{"GET", "/orgs"}, std::pair{"POST", "/v1/transactions"},
          std::pair{"POST", "/orgs/hospital-a/exchange/fetch"}, std::pair{"POST", "/orgs/hospital-a/auth/challenge"},
          std::pair{"GET", "/orgs/hospital-a/fhir/R4/metadata"}}) {
        const auto answer = ask(*own.tls, method, path);
        ASSERT_TRUE(answer) << answer.error().to_string();
        EXPECT_EQ(answer->status, 404U) << path;
    }
    EXPECT_EQ(ask(*own.tls, "POST", "/orgs/hospital-a/exchange/confirm")->status, 400U);
}

TEST_F(ExchangeListener, DoesNotListenUnlessItIsTold) {
    EXPECT_NE(node->exchange_port(), 0U);
    node.reset();
    NodeConfig config = read_config(config_file(folder)).value();
    config.exchange_listen.clear();
    ASSERT_TRUE(write_file(config_file(folder), as_bytes(to_toml(config))));
    const auto silent = start();
    ASSERT_TRUE(silent) << silent.error().to_string();
    EXPECT_EQ((*silent)->exchange_port(), 0U);
}

}  // namespace
}  // namespace salus::node
