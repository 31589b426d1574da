#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "application/vault/database.hpp"
#include "base/encoding.hpp"
#include "model/login.hpp"
#include "node/organisation_keys.hpp"
#include "node/test_network.hpp"
#include "transport/http.hpp"

namespace salus::node {
namespace {

namespace json = boost::json;

/// A node whose hospital is read by many at once, over sockets.
class ReadingTest : public TestNetwork {
protected:
    ReadingTest() : TestNetwork(1) {
        auto started = start();
        EXPECT_TRUE(started) << started.error().to_string();
        node = *std::move(started);
        log_in();
    }
    [[nodiscard]] std::unique_ptr<transport::HttpClient> client() const {
        return transport::HttpClient::make(node->url()).value();
    }
    transport::HttpResponse post(std::string_view path, const json::value& body) {
        transport::Headers headers{{"content-type", "application/json"}};
        if (!token.empty()) headers.emplace_back("authorization", "Bearer " + token);
        return client()->request("POST", path, headers, to_bytes(json::serialize(body))).value();
    }
    static std::string field(const transport::HttpResponse& response, std::string_view name) {
        return std::string(json::parse(as_text(response.body)).at(name).as_string());
    }
    void log_in() {
        const auto keys = open_organisation_folder(organisation_folder(folder, "hospital-a"), random).value();
        const auto network = parse_genesis(read_file(genesis_file(folder)).value()).value().network_id();
        const std::string challenge = field(post("/orgs/hospital-a/auth/challenge", json::object{}), "challenge");
        const Bytes proof = keys.signing.sign(login_signed_bytes(network, keys.id(), *from_base64(challenge)));
        token = field(post("/orgs/hospital-a/auth/token", json::object{{"kind", "machine"},
                                                                       {"challenge", challenge},
                                                                       {"key", to_hex(keys.signing.public_key().bytes)},
                                                                       {"signature", to_base64(proof)},
                                                                       {"purpose", "TREAT"}}),
                      "access_token");
    }
    /// Audit events in the vault of the node that has ended.
    std::uint64_t audited() {
        node.reset();
        const auto vault = application::Database::inspect(organisation_folder(folder, "hospital-a") / "vault/vault.db");
        return *vault.value()
                    ->read([](application::Reading& reading) {
                        return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM audit_events");
                    })
                    .value();
    }

    std::unique_ptr<Node> node;
    std::string token;
};

TEST_F(ReadingTest, EachOfManyReadersIsAnsweredAndEachReadIsAudited) {
    constexpr std::size_t kReaders = 6;
    constexpr std::size_t kReads = 40;
    const std::string base = "/orgs/hospital-a/fhir/R4/Patient";
    const auto created = post(base, json::object{{"resourceType", "Patient"}});
    ASSERT_EQ(created.status, 201U);
    const std::string id = field(created, "id");
    std::atomic<std::size_t> found{0};
    std::atomic<std::size_t> missing{0};
    {
        std::vector<std::jthread> readers;
        for (std::size_t reader = 0; reader < kReaders; ++reader)
            readers.emplace_back([&, own = client()] {
                for (std::size_t i = 0; i < kReads; ++i) {
                    const auto response = own->request("GET", base + "/" + (i % 4 == 0 ? "none" : id),
                                                       {{"authorization", "Bearer " + token}});
                    found += response && response->status == 200 ? 1U : 0U;
                    missing += response && response->status == 404 ? 1U : 0U;
                }
            });
    }
    EXPECT_EQ(found, kReaders * kReads * 3 / 4);
    EXPECT_EQ(missing, kReaders * kReads / 4);
    EXPECT_EQ(audited(), 2 + kReaders * kReads) << "with the log-in, and the one that stored the patient";
}

}  // namespace
}  // namespace salus::node
