#include <gtest/gtest.h>

#include "base/file.hpp"
#include "node/test_network.hpp"
#include "transport/test_peer.hpp"

namespace salus::node {
namespace {

/// A node of one hospital, reached over its socket alone.
class ServingTest : public TestNetwork {
protected:
    ServingTest() : TestNetwork(1) {}
    void start() {
        auto started = TestNetwork::start();
        ASSERT_TRUE(started) << started.error().to_string();
        node = *std::move(started);
    }
    /// What comes back until the node closes, or `mark` has come.
    std::string reply(const std::string& bytes, const std::string& mark = "\x01") const {
        transport::test::Peer peer(node->port());
        EXPECT_TRUE(peer.send(bytes));
        return peer.read_until(mark);
    }
    std::string announce(const std::string& line, std::size_t bytes, const std::string& mark = "\x01") const {
        return reply(line + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: " +
                         std::to_string(bytes) + "\r\n\r\n",
                     mark);
    }

    std::unique_ptr<Node> node;
};

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(ServingTest, TakesLargeBodiesOnlyWhereBundlesAndTransactionsGo) {
    start();
    for (const char* large : {"POST /orgs/hospital-a/fhir/R4", "POST /orgs/hospital-a/fhir/R4/Patient",
                              "PUT /orgs/hospital-a/fhir/R4/Patient/1", "POST /v1/transactions"})
        EXPECT_TRUE(announce(large, 1 << 20, "\r\n\r\n").starts_with("HTTP/1.1 100 ")) << large;
    for (const char* small : {"POST /orgs/hospital-a/auth/token", "POST /orgs/hospital-a/desk/consents",
                              "POST /orgs/hospital-a/fhir/R4/Patient/_search", "POST /nowhere"}) {
        EXPECT_TRUE(announce(small, 64 * 1024, "\r\n\r\n").starts_with("HTTP/1.1 100 ")) << small;
        EXPECT_TRUE(announce(small, 64 * 1024 + 1).starts_with("HTTP/1.1 413 ")) << small;
    }
}

TEST_F(ServingTest, WordsARefusalAsThePartOfTheApiDoes) {
    start();
    const std::string fhir = announce("POST /orgs/hospital-a/fhir/R4/Patient/_search", 1 << 20);
    EXPECT_TRUE(fhir.starts_with("HTTP/1.1 413 ")) << fhir;
    EXPECT_TRUE(holds(fhir, "content-type: application/fhir+json")) << fhir;
    EXPECT_TRUE(holds(fhir, "\"OperationOutcome\""));
    EXPECT_TRUE(holds(fhir, "x-request-id: "));
    const std::string other = announce("POST /orgs/hospital-a/auth/token", 1 << 20);
    EXPECT_TRUE(holds(other, "content-type: application/problem+json")) << other;
    EXPECT_TRUE(holds(other, "\"status\":413"));
    // Of these no path is known.
    const std::string bad = reply("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(bad.starts_with("HTTP/1.1 400 ")) << bad;
    EXPECT_TRUE(holds(bad, "content-type: application/problem+json"));
    const std::string endless = reply("GET /" + std::string(transport::kHeadBytesMax, 'a'));
    EXPECT_TRUE(endless.starts_with("HTTP/1.1 431 ")) << endless;
    EXPECT_TRUE(holds(endless, "\"status\":431"));
}

TEST_F(ServingTest, BeginsLinksWithTheUrlUnderWhichItIsReached) {
    const auto config = read_file(config_file(folder), 1 << 20);
    ASSERT_TRUE(config);
    const std::string text = "public_url = \"https://ehr.example.org\"\n" + std::string(as_text(*config));
    ASSERT_TRUE(write_file(config_file(folder), as_bytes(text)));
    start();
    EXPECT_EQ(node->url(), "https://ehr.example.org");
    const std::string statement =
        reply("GET /orgs/hospital-a/fhir/R4/metadata HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(holds(statement, "\"https://ehr.example.org/orgs/hospital-a/fhir/R4\"")) << statement;
    EXPECT_FALSE(holds(statement, "127.0.0.1"));
}

TEST_F(ServingTest, ListensOnEveryAddressOnlyWhereItKnowsHowItIsReached) {
    const auto started = Node::start({folder, "0.0.0.0:0", false, "test"});
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::kConfig);
    EXPECT_TRUE(holds(started.error().message, "public_url"));
}

}  // namespace
}  // namespace salus::node
