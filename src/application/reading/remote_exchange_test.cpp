#include "application/reading/remote_exchange.hpp"

#include <gtest/gtest.h>

#include <future>

#include "application/reading/reader.hpp"
#include "application/testing/other_node.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

using namespace std::chrono_literals;
using testing::OtherNode;
using testing::pause_for;
using testing::TlsKeys;

/// Hospital B, whose node reaches A's over a socket.
struct RemoteExchangeTest : ::testing::Test, testing::Hospital {
    TlsKeys tls{ledger};
    OtherNode node{ledger, tls.a, stores.party,
                   [this](std::string_view path, const Bytes& body) { return serve(path, body); }};
    const SubjectId subject = patient("p1");
    LocalExchange here;
    std::atomic<int> served = 0;

    transport::HttpResponse serve(std::string_view path, const Bytes& body) {
        ++served;
        if (path.ends_with("/exchange/confirm"))
            return custodian->confirm(body) ? transport::HttpResponse{204, {}, {}}
                                            : problem(Error{ErrorCode::kUsage, "no"});
        auto reply = custodian->answer(body);
        return reply ? message_response(200, *std::move(reply)) : problem(reply.error());
    }
    /// The answer with another resource than the custodian's log has.
    Bytes forged(const ReadRequest& request, const Bytes& reply) {
        OpenedReply open = opened(reply, request);
        AnsweredResource& first = open.answer.resources.front();
        first.resource = to_bytes(R"({"resourceType":"Patient","id":"p1","active":false})");
        first.opening.content.digest = crypto::sha256(first.resource);
        Manifest& manifest = open.receipt.manifest;
        manifest.leaves.front().leaf = first.opening.leaf();
        const NetworkId& network = ledger.net().network;
        ReadReply out;
        out.answer = seal_answer(open.answer, network, b.sealing.public_key(), stores.random).value();
        manifest.answer = crypto::sha256(out.answer);
        out.receipt = seal_receipt(open.receipt, network, b.sealing.public_key(), stores.random).value();
        return codec::encode(out);
    }
    RemoteExchange exchange_with(const crypto::SigningKey* key, const std::string& url,
                                 std::chrono::milliseconds timeout = 60s) {
        return RemoteExchange({ledger, here, b.id(), key, {{"hospital-a", stores.id, url}}, timeout});
    }
    Result<Fetched> fetch(Exchange& exchange) {
        const application::House house_of_b{
            ledger.net().network, b.id(), *stores.vault, *stores.outbox, ledger, *journal, b.key, b.sealing,
            stores.random};
        Reader reader(house_of_b, exchange, 200ms);
        FetchRequest request;
        request.custodian = stores.id;
        request.handle = refer(subject, permit(subject));
        Caller caller;
        caller.staff = staff(b, "physician");
        return reader.fetch(caller, request);
    }
    Error refused(Exchange& exchange) {
        const auto fetched = fetch(exchange);
        EXPECT_FALSE(fetched);
        return fetched ? Error{} : fetched.error();
    }
};

TEST_F(RemoteExchangeTest, ReadsAtAnotherNodeAndConfirms) {
    auto exchange = exchange_with(&tls.b, node.url());
    const auto fetched = fetch(exchange);
    ASSERT_TRUE(fetched) << fetched.error().to_string();
    EXPECT_EQ(fetched->resources.size(), 2U);
    EXPECT_TRUE(fetched->confirmed);
    EXPECT_EQ(served, 2);
}

TEST_F(RemoteExchangeTest, PrefersTheCustodianThatIsServedHere) {
    auto exchange = exchange_with(&tls.b, "https://127.0.0.1:1");
    int asked = 0;
    here.add(stores.id, [&](std::string_view path, const Bytes& body) {
        ++asked;
        return serve(path, body);
    });
    EXPECT_TRUE(fetch(exchange));
    EXPECT_EQ(asked, 2);
}

TEST_F(RemoteExchangeTest, KnowsNoWayToWhomNobodyNames) {
    auto exchange = exchange_with(&tls.b, node.url());
    EXPECT_EQ(exchange.post(ledger.net().payer.id(), "/exchange/read", {}).error().code, ErrorCode::kNotFound);
}

TEST_F(RemoteExchangeTest, IsNotLetInWithAKeyThatTheChainDoesNotKnow) {
    auto unknown = exchange_with(&tls.unknown, node.url());
    EXPECT_EQ(refused(unknown).code, ErrorCode::kForbidden);
    auto none = exchange_with(nullptr, node.url());
    EXPECT_EQ(refused(none).code, ErrorCode::kForbidden);
    EXPECT_EQ(served, 0);
}

TEST_F(RemoteExchangeTest, AsksNobodyWhoShowsAnotherKeyThanTheCustodians) {
    OtherNode impostor{ledger, tls.unknown, stores.party,
                       [this](std::string_view path, const Bytes& body) { return serve(path, body); }};
    auto exchange = exchange_with(&tls.b, impostor.url());
    EXPECT_EQ(refused(exchange).code, ErrorCode::kForbidden);
    OtherNode member{ledger, tls.b, stores.party,
                     [this](std::string_view path, const Bytes& body) { return serve(path, body); }};
    auto other = exchange_with(&tls.b, member.url());
    EXPECT_EQ(refused(other).code, ErrorCode::kForbidden) << "a member, and not the one that is asked";
    EXPECT_EQ(served, 0);
}

TEST_F(RemoteExchangeTest, ShutsASuspendedOrganisationOutAndLetsItInWhenItIsReinstated) {
    auto exchange = exchange_with(&tls.b, node.url());
    ASSERT_TRUE(exchange.post(stores.id, "/exchange/read", {}));
    ledger.suspend(b);
    const auto answer = exchange.post(stores.id, "/exchange/read", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kForbidden) << answer.error().to_string();
    EXPECT_EQ(served, 1);
}

TEST_F(RemoteExchangeTest, AsksNoSuspendedCustodian) {
    auto exchange = exchange_with(&tls.b, node.url());
    ledger.suspend(stores.party);
    EXPECT_EQ(exchange.post(stores.id, "/exchange/read", {}).error().code, ErrorCode::kForbidden);
    EXPECT_EQ(served, 0);
}

TEST_F(RemoteExchangeTest, ARetiredTlsKeyIsShutOut) {
    auto exchange = exchange_with(&tls.b, node.url());
    ASSERT_TRUE(exchange.post(stores.id, "/exchange/read", {}));
    const AccountKey retired{KeyUse::kTls, 1, tls.b.public_key().bytes};
    ASSERT_EQ(ledger.send(b, identity::Payload{identity::RotateKeys{b.id(), {}, {retired}}}), ErrorCode::kOk);
    EXPECT_EQ(exchange.post(stores.id, "/exchange/read", {}).error().code, ErrorCode::kForbidden);
}

TEST_F(RemoteExchangeTest, GivesUpASilentNodeAndAsksItTwice) {
    const testing::SilentNode silent;
    auto exchange = exchange_with(&tls.b, silent.url(), 100ms);
    const Error error = refused(exchange);
    EXPECT_EQ(error.code, ErrorCode::kTimeout) << error.to_string();
    EXPECT_NE(error.to_string().find("hospital-a"), std::string::npos);
}

TEST_F(RemoteExchangeTest, SaysThatANodeIsDown) {
    std::string url;
    {
        const testing::SilentNode gone;
        url = gone.url();
    }
    auto exchange = exchange_with(&tls.b, url);
    EXPECT_EQ(refused(exchange).code, ErrorCode::kUnavailable);
}

TEST_F(RemoteExchangeTest, WhatWasLostOnTheWayIsAskedForOnceMoreAndFiledOnce) {
    std::atomic<int> calls = 0;
    std::promise<void> asked_again;
    OtherNode forgetful{ledger, tls.a, stores.party, [&](std::string_view path, const Bytes& body) {
                            auto answer = serve(path, body);
                            const int call = calls++;
                            if (call == 0) asked_again.get_future().wait();
                            if (call == 1) asked_again.set_value();
                            return answer;
                        }};
    auto exchange = exchange_with(&tls.b, forgetful.url(), 2s);
    const auto fetched = fetch(exchange);
    ASSERT_TRUE(fetched) << fetched.error().to_string();
    EXPECT_EQ(fetched->receipt.manifest.tag_index, 1U) << "of the one row";
    EXPECT_EQ(calls, 3) << "read, read again, confirmed";
}

TEST_F(RemoteExchangeTest, NothingOfALyingCustodianIsShown) {
    std::function<void(Bytes&)> lie;
    OtherNode liar{ledger, tls.a, stores.party, [&](std::string_view path, const Bytes& body) {
                       auto answer = serve(path, body);
                       if (answer.status == 200) lie(answer.body);
                       return answer;
                   }};
    auto exchange = exchange_with(&tls.b, liar.url());
    lie = [](Bytes& reply) { reply[reply.size() / 2] ^= 1; };
    EXPECT_EQ(refused(exchange).code, ErrorCode::kProofInvalid) << "a byte is another";
    lie = [](Bytes& reply) { reply.clear(); };
    EXPECT_EQ(refused(exchange).code, ErrorCode::kProofInvalid);
    lie = [](Bytes& reply) { reply.resize(reply.size() / 2); };
    EXPECT_EQ(refused(exchange).code, ErrorCode::kProofInvalid);
}

TEST_F(RemoteExchangeTest, ARecordThatIsNotInTheCustodiansLogIsNotShown) {
    OtherNode liar{ledger, tls.a, stores.party, [&](std::string_view path, const Bytes& body) {
                       auto answer = serve(path, body);
                       if (answer.status != 200 || path.ends_with("confirm")) return answer;
                       return message_response(200, forged(codec::decode<ReadRequest>(body).value(), answer.body));
                   }};
    auto exchange = exchange_with(&tls.b, liar.url());
    const Error error = refused(exchange);
    EXPECT_EQ(error.code, ErrorCode::kProofInvalid) << error.to_string();
}

TEST_F(RemoteExchangeTest, ReadsWhenItsOwnChainHasTheRowToo) {
    // The answer comes while our node is a block behind: it is shown when the block is there.
    auto exchange = exchange_with(&tls.b, node.url());
    const NewBlocks blocks(ledger);
    const Height before = ledger.view()->header().height;
    std::thread later([&] {
        pause_for(50ms);
        ledger.pass(1000);
    });
    const auto view =
        blocks.first_where([&](const network::LedgerView& v) { return Result<bool>(v.header().height > before); }, 60s);
    later.join();
    ASSERT_TRUE(view);
    ASSERT_NE(*view, nullptr);
    EXPECT_EQ((*view)->header().height, before + 1);
    const auto never = blocks.first_where([](const network::LedgerView&) { return Result<bool>(false); }, 200ms);
    ASSERT_TRUE(never);
    EXPECT_EQ(*never, nullptr);
}

}  // namespace
}  // namespace salus::application
