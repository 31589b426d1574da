#include "network/api.hpp"

#include "base/encoding.hpp"
#include "model/json.hpp"
#include "network/evidence_builder.hpp"
#include "network/submission.hpp"
#include "network/test_api.hpp"
#include "network/test_ledger.hpp"

namespace salus::network {
namespace {

using transport::HttpResponse;
using transport::test::Peer;

class LedgerApiTest : public test::ApiTest {
protected:
    LedgerApiTest() {
        api.mount(router);
        serve();
    }
    ~LedgerApiTest() override {
        server->stop(std::chrono::seconds(5));
        executor.finish();
    }

    Transaction root(std::uint64_t interval) {
        return ledger.world.by(ledger.world.net.hospital_a,
                               audit::Payload{audit::FileRoot{interval, testkit::hash_of("root")}});
    }
    Transaction leaves() {
        records::Append append;
        for (std::size_t i = 0; i < kAppendMultiple; ++i)
            salus::append(append.leaves, testkit::hash_of("leaf " + std::to_string(i)));
        return ledger.world.by(ledger.world.net.hospital_a, records::Payload{append});
    }
    HttpResponse submit(const Transaction& transaction) {
        return ask("POST", "/v1/transactions", {{"content-type", "application/json"}},
                   "\"" + to_base64(transaction.bytes) + "\"");
    }
    json::Value object(const HttpResponse& response) {
        EXPECT_EQ(response.status, 200U) << text(response);
        const auto value = json::parse(as_text(response.body));
        EXPECT_TRUE(value) << text(response);
        return value.value_or(json::Value{});
    }
    /// The evidence in an answer, which holds.
    Evidence evidence(const HttpResponse& response) {
        EXPECT_EQ(response.status, 200U) << text(response);
        EXPECT_EQ(response.header("content-type"), "application/vnd.salus.evidence");
        const auto read = from_evidence_file(response.body);
        EXPECT_TRUE(read);
        if (!read) return {};
        expect_good(*read);
        return *read;
    }
    void expect_good(const Evidence& proven) {
        const auto verdict = verify_evidence(proven, ledger.world.net.network, std::nullopt);
        EXPECT_TRUE(verdict.good);
        for (const auto& statement : verdict.statements) EXPECT_TRUE(statement.holds) << statement.text;
    }
    std::string id(const Transaction& transaction) { return to_hex(transaction.id); }

    test::TestLedger ledger;
    LedgerApi api{{ledger, executor, metrics, "1.2.3"}};
};

TEST_F(LedgerApiTest, answers_a_transaction_once_it_stands_in_a_block) {
    const auto transaction = root(1);
    const auto response = submit(transaction);
    const auto item = object(response);
    EXPECT_EQ(item.member("id")->text, id(transaction));
    EXPECT_EQ(item.member("status")->text, "done");
    EXPECT_EQ(item.member("height")->number, 1U);
    EXPECT_EQ(response.header("location"), "/v1/transactions/" + id(transaction));
    EXPECT_EQ(object(submit(transaction)).member("height")->number, 1U);  // a known id answers the receipt it has
}

TEST_F(LedgerApiTest, answers_each_of_an_array_in_its_order) {
    auto forged = root(2);
    forged.bytes.back() ^= 1;
    const auto first = root(1);
    const auto again = root(1);  // the contract refuses an interval that is filed
    const std::string body = "[\"" + to_base64(first.bytes) + "\",\"AAAA\",\"" + to_base64(forged.bytes) + "\",\"" +
                             to_base64(again.bytes) + "\"]";
    const auto items = object(ask("POST", "/v1/transactions", {{"content-type", "application/json"}}, body)).elements;
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(items[0].member("status")->text, "done");
    EXPECT_EQ(items[1].member("name")->text, "malformed-encoding");
    EXPECT_EQ(items[2].member("name")->text, "malformed-signature");
    EXPECT_EQ(items[3].member("status")->text, "failed");
    EXPECT_EQ(items[3].member("index")->number, 1U);
    EXPECT_NE(metrics.text().find(R"(salus_submitted_transactions_total{outcome="refused"} 2)"), std::string::npos);
}

TEST_F(LedgerApiTest, takes_a_binary_submission) {
    Bytes body;
    for (std::uint64_t interval = 1; interval <= 3; ++interval) {
        const auto transaction = root(interval);
        codec::write_varint(body, transaction.bytes.size());
        append(body, transaction.bytes);
    }
    const auto response =
        ask("POST", "/v1/transactions", {{"content-type", std::string(kTransactionsType)}}, as_text(body));
    EXPECT_EQ(object(response).elements.size(), 3U);
}

TEST_F(LedgerApiTest, refuses_a_lone_transaction_with_its_own_status) {
    auto transaction = root(1);
    transaction.bytes.back() ^= 1;
    EXPECT_EQ(submit(transaction).status, 400U);
    ASSERT_EQ(submit(root(1)).status, 200U);
    const auto failed = submit(root(1));
    EXPECT_GE(failed.status, 400U);
    EXPECT_EQ(failed.header("content-type"), "application/problem+json");
    EXPECT_NE(text(failed).find(R"("height":2)"), std::string::npos);
    EXPECT_EQ(ask("POST", "/v1/transactions", {{"content-type", "text/plain"}}, "x").status, 415U);
    EXPECT_EQ(ask("POST", "/v1/transactions", {{"content-type", "application/json"}}, "{").status, 400U);
}

TEST_F(LedgerApiTest, says_when_to_come_again_where_the_queue_is_full) {
    ledger.busy = true;
    const auto response = submit(root(1));
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.header("retry-after"), "1");
    EXPECT_EQ(ledger.status().height, 0U);
}

TEST_F(LedgerApiTest, shows_blocks_transactions_and_receipts) {
    const auto transaction = root(1);
    EXPECT_EQ(get("/v1/blocks/latest").status, 404U);
    ASSERT_EQ(submit(transaction).status, 200U);
    ASSERT_EQ(submit(root(2)).status, 200U);
    const auto header = ledger.block(1)->header;
    EXPECT_EQ(object(get("/v1/blocks/1")).member("hash")->text, to_hex(header.hash()));
    EXPECT_EQ(object(get("/v1/blocks/latest")).member("header")->member("height")->number, 2U);
    EXPECT_NE(object(get("/v1/blocks/latest")).member("certificate")->kind, json::Value::Kind::kNull);
    EXPECT_EQ(get("/v1/blocks/1?format=binary").body, codec::encode(*ledger.block(1)));
    const auto shown = object(get("/v1/transactions/" + id(transaction)));
    EXPECT_EQ(shown.member("height")->number, 1U);
    EXPECT_EQ(shown.member("transaction")->member("id")->text, id(transaction));
    EXPECT_EQ(get("/v1/transactions/" + id(transaction) + "?format=binary").body, transaction.bytes);
    const auto receipt = object(get("/v1/transactions/" + id(transaction) + "/receipt"));
    EXPECT_EQ(receipt.member("name")->text, "ok");
    EXPECT_EQ(receipt.member("receipt")->member("id")->text, id(transaction));
    for (const std::string& path :
         std::vector<std::string>{"/v1/blocks/0", "/v1/blocks/3", "/v1/transactions/" + std::string(64, '0'),
                                  "/v1/transactions/" + std::string(64, '0') + "/receipt"})
        EXPECT_EQ(get(path).status, 404U) << path;
    for (const std::string& path : std::vector<std::string>{
             "/v1/blocks/x", "/v1/blocks/-1", "/v1/blocks/1?format=xml", "/v1/transactions/00", "/v1/blocks?limit=0",
             "/v1/blocks?limit=101", "/v1/blocks?from=0", "/v1/blocks?from=1&from=2"})
        EXPECT_EQ(get(path).status, 400U) << path;
}

TEST_F(LedgerApiTest, lists_blocks_a_page_at_a_time) {
    for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_EQ(submit(root(i)).status, 200U);
    auto page = object(get("/v1/blocks?from=2&limit=3"));
    EXPECT_EQ(page.member("blocks")->elements.size(), 3U);
    EXPECT_EQ(page.member("blocks")->elements[0].member("height")->number, 2U);
    EXPECT_EQ(page.member("next")->number, 5U);
    page = object(get("/v1/blocks?from=5"));
    EXPECT_EQ(page.member("blocks")->elements.size(), 1U);
    EXPECT_EQ(page.member("next")->kind, json::Value::Kind::kNull);
    EXPECT_TRUE(object(get("/v1/blocks?from=9")).member("blocks")->elements.empty());
}

TEST_F(LedgerApiTest, proves_what_stands_and_what_does_not) {
    const auto transaction = root(1);
    ASSERT_EQ(submit(transaction).status, 200U);
    ASSERT_EQ(submit(leaves()).status, 200U);
    ASSERT_EQ(submit(root(2)).status, 200U);
    for (const std::string& path : std::vector<std::string>{"/v1/proofs/transactions/" + id(transaction),
                                                            "/v1/transactions/" + id(transaction) + "?proof=1"}) {
        const auto proven = evidence(get(path));
        ASSERT_EQ(proven.transactions.size(), 1U);
        EXPECT_EQ(proven.transactions[0].transaction, transaction.bytes);
        EXPECT_EQ(proven.header.height, 3U);
    }
    const AccountId a = ledger.world.net.hospital_a.id();
    for (const std::string& owner : {to_hex(a), to_address(AccountKind::kOrganisation, a)}) {
        const auto proven = evidence(get("/v1/proofs/leaves/" + owner + "/7"));
        ASSERT_EQ(proven.leaves.size(), 1U);
        EXPECT_EQ(proven.leaves[0].leaf, testkit::hash_of("leaf 7"));
    }
    EXPECT_EQ(get("/v1/proofs/leaves/" + to_hex(a) + "/" + std::to_string(kAppendMultiple)).status, 404U);
    EXPECT_EQ(evidence(get("/v1/proofs/blocks/2")).blocks.at(0).header.height, 2U);
    EXPECT_EQ(evidence(get("/v1/proofs/blocks/3")).blocks.at(0).path.size(), 0U);
    EXPECT_EQ(get("/v1/proofs/blocks/4").status, 404U);
    EXPECT_EQ(get("/v1/proofs/transactions/" + std::string(64, 'a')).status, 404U);
    EXPECT_EQ(get("/v1/proofs/leaves/nobody/1").status, 400U);
}

TEST_F(LedgerApiTest, gives_state_with_its_proof_now_and_then) {
    const std::string key = to_hex(audit::audit_key(ledger.world.net.hospital_a.id()));
    EXPECT_EQ(get("/v1/state/audit/" + key).status, 404U);  // the genesis state has no certificate
    ASSERT_EQ(submit(leaves()).status, 200U);
    ASSERT_EQ(submit(root(1)).status, 200U);
    const auto now = object(get("/v1/state/audit/" + key));
    EXPECT_TRUE(now.member("present")->boolean);
    EXPECT_EQ(now.member("height")->number, 2U);
    const auto inside = from_evidence_file(from_base64(now.member("evidence")->text).value());
    ASSERT_TRUE(inside);
    expect_good(*inside);
    const auto then = object(get("/v1/state/6/" + key + "?height=1"));
    EXPECT_FALSE(then.member("present")->boolean);
    EXPECT_EQ(then.member("value")->kind, json::Value::Kind::kNull);
    EXPECT_EQ(evidence(get("/v1/proofs/state/audit/" + key + "?height=1")).states.at(0).present, false);
    EXPECT_EQ(get("/v1/state/audit/" + key + "?height=9").status, 404U);
    for (const std::string& path :
         std::vector<std::string>{"/v1/state/nothing/00", "/v1/state/12/00", "/v1/state/audit/0", "/v1/state/audit/zz",
                                  "/v1/state/audit/00?height=x"})
        EXPECT_EQ(get(path).status, 400U) << path;
}

TEST_F(LedgerApiTest, proves_that_a_checkpoint_is_in_its_history_or_says_that_it_is_not) {
    EXPECT_EQ(get("/v1/checkpoint").status, 404U);
    ASSERT_EQ(submit(root(1)).status, 200U);
    const auto kept = codec::decode<Checkpoint>(get("/v1/checkpoint?format=binary").body);
    ASSERT_TRUE(kept);
    EXPECT_EQ(object(get("/v1/checkpoint")).member("block_hash")->text, to_hex(kept->block_hash));
    ASSERT_EQ(submit(root(2)).status, 200U);
    const std::string target = "/v1/consistency?era=1&height=1&hash=" + to_hex(kept->block_hash);
    const auto proven = evidence(get(target));
    EXPECT_TRUE(verify_evidence(proven, std::nullopt, *kept).good);
    EXPECT_EQ(get("/v1/consistency?height=1&hash=" + to_hex(kept->block_hash)).status, 200U);
    for (const std::string& query : std::vector<std::string>{"era=1&height=2&hash=" + to_hex(kept->block_hash),
                                                             "era=1&height=3&hash=" + to_hex(kept->block_hash),
                                                             "era=2&height=1&hash=" + to_hex(kept->block_hash)}) {
        const auto refused = get("/v1/consistency?" + query);
        EXPECT_EQ(refused.status, 409U) << query;
        EXPECT_NE(text(refused).find("rolled-back"), std::string::npos);
    }
    for (const std::string& query :
         std::vector<std::string>{"", "height=1", "hash=00&height=1", "height=0&hash=" + std::string(64, '0')})
        EXPECT_EQ(get("/v1/consistency?" + query).status, 400U) << query;
}

TEST_F(LedgerApiTest, says_how_the_node_is) {
    ASSERT_EQ(submit(root(1)).status, 200U);
    const auto status = object(get("/v1/status"));
    EXPECT_EQ(status.member("network_id")->text, to_hex(ledger.world.net.network));
    EXPECT_EQ(status.member("height")->number, 1U);
    EXPECT_EQ(status.member("node_time_ms")->number, status.member("block_time_ms")->number + 5);
    EXPECT_EQ(status.member("version")->text, "1.2.3");
    EXPECT_TRUE(status.member("ready")->boolean);
    EXPECT_EQ(get("/v1/genesis").body, ledger.genesis_bytes());
    EXPECT_EQ(get("/health").status, 200U);
    EXPECT_EQ(get("/health/ready").status, 200U);
    EXPECT_NE(text(get("/metrics")).find("salus_block_height 1"), std::string::npos);
    EXPECT_NE(text(get("/metrics")).find("salus_blocks_total 1"), std::string::npos);
    ledger.problem = "clock";
    EXPECT_EQ(get("/health").status, 200U);
    EXPECT_EQ(get("/health/ready").status, 503U);
}

TEST_F(LedgerApiTest, serves_the_document_of_itself_in_two_forms) {
    EXPECT_TRUE(text(get("/openapi.yaml")).starts_with("openapi: 3."));
    EXPECT_NE(text(get("/openapi.json")).find("\"/v1/transactions\""), std::string::npos);
}

TEST_F(LedgerApiTest, tells_the_blocks_from_any_height_and_then_as_they_come) {
    for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_EQ(submit(root(i)).status, 200U);
    Peer from_two(server->port());
    ASSERT_TRUE(from_two.send("GET /v1/events?from=2 HTTP/1.1\r\nHost: h\r\n\r\n"));
    Peer resumed(server->port());
    ASSERT_TRUE(resumed.send("GET /v1/events?from=1 HTTP/1.1\r\nHost: h\r\nLast-Event-ID: 3\r\n\r\n"));
    EXPECT_NE(resumed.read_until("\r\n\r\n").find("text/event-stream"), std::string::npos);
    const auto told = from_two.read_until("id: 3\nevent: block\ndata: ");
    EXPECT_NE(told.find("id: 2\nevent: block\n"), std::string::npos);
    EXPECT_EQ(told.find("id: 1\n"), std::string::npos);
    const auto fourth = root(4);
    ASSERT_EQ(submit(fourth).status, 200U);
    for (Peer* peer : {&from_two, &resumed}) {
        const auto news = peer->read_until(id(fourth));
        EXPECT_NE(news.find("id: 4\n"), std::string::npos);
        EXPECT_EQ(news.find("id: 2\n"), std::string::npos);
    }
    EXPECT_EQ(get("/v1/events?from=0").status, 400U);
    EXPECT_EQ(get("/v1/events?from=x").status, 400U);
    EXPECT_EQ(ask("GET", "/v1/events", {{"last-event-id", "x"}}).status, 400U);
}

TEST_F(LedgerApiTest, has_room_for_a_follower_once_another_has_gone) {
    LedgerApi small{{ledger, executor, metrics, "1", 1}};
    Router other{{executor, random, clock, metrics}};
    small.mount(other);
    auto second = transport::HttpServer::listen({}, threads, 1, other.handler()).value();
    const std::string request = "GET /v1/events HTTP/1.1\r\nHost: h\r\n\r\n";
    auto first = std::make_unique<Peer>(second->port());
    ASSERT_TRUE(first->send(request));
    EXPECT_TRUE(first->read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    Peer refused(second->port());
    ASSERT_TRUE(refused.send(request));
    EXPECT_TRUE(refused.read_until("\r\n\r\n").starts_with("HTTP/1.1 503 "));
    first.reset();
    std::string answer;
    for (std::uint64_t interval = 1; !answer.starts_with("HTTP/1.1 200 "); ++interval) {
        ASSERT_EQ(submit(root(interval)).status, 200U);  // what is written to who has gone tells that it has
        Peer again(second->port());
        ASSERT_TRUE(again.send(request));
        answer = again.read_until("\r\n\r\n");
    }
    second->stop(std::chrono::seconds(5));
    executor.finish();
}

}  // namespace
}  // namespace salus::network
