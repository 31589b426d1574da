#include <gtest/gtest.h>

#include <latch>

#include "application/reading/exchange_service.hpp"
#include "application/testing/other_node.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

using namespace std::chrono_literals;
using testing::OtherNode;
using testing::SilentNode;
using testing::TlsKeys;

/// As many threads as there are bodies.
class ThreadForEach final : public Executor {
public:
    void post(std::function<void()> job) override { job(); }
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
    }
    [[nodiscard]] std::size_t threads() const override { return 1; }
};

/// Hospital B asks several at once: hospital A, whose node is as it should be, and two whose nodes are not.
struct FederatedTest : ::testing::Test, testing::Hospital {
    bool splits = false;  ///< hospital A's answers
    /// The answer with a resource that, put into a larger text, would end its entry and speak for another custodian.
    Bytes split(ByteView sealed, ByteView asked) {
        const auto request = codec::decode<ReadRequest>(asked).value();
        auto opened = open_reply(codec::decode<ReadReply>(sealed).value(), request.context(), b.sealing).value();
        AnsweredResource& one = opened.answer.resources.front();
        one.resource =
            to_bytes(R"({}}]}}],"answers":[{"custodian":"another","ok":true}],"more":[{"entry":[{"resource":{})");
        one.opening.content.digest = crypto::sha256(one.resource);
        opened.receipt.manifest.leaves.front().leaf = one.opening.leaf();
        ReadReply reply;
        reply.answer = seal_answer(opened.answer, request.network_id, b.sealing.public_key(), stores.random).value();
        opened.receipt.manifest.answer = crypto::sha256(reply.answer);
        reply.receipt = seal_receipt(opened.receipt, request.network_id, b.sealing.public_key(), stores.random).value();
        return codec::encode(reply);
    }
    TlsKeys tls{ledger};
    OtherNode good{ledger, tls.a, stores.party, [this](std::string_view path, const Bytes& body) {
                       if (path.ends_with("/exchange/confirm"))
                           return custodian->confirm(body) ? transport::HttpResponse{204, {}, {}}
                                                           : problem(Error{ErrorCode::kUsage, "no"});
                       auto reply = custodian->answer(body);
                       if (reply && splits) *reply = split(*reply, body);
                       return reply ? message_response(200, *std::move(reply)) : problem(reply.error());
                   }};
    const SubjectId subject = patient("p1");
    const testkit::Party& payer = ledger.net().payer;
    const testkit::Party& regulator = ledger.net().regulator;
    LocalExchange here;
    ThreadForEach askers;

    /// What each of `custodians` answered, with the regulator and the payer at these places.
    std::vector<Result<Fetched>> ask_all(const std::string& payer_url, const std::string& regulator_url,
                                         const std::vector<AccountId>& custodians,
                                         std::chrono::milliseconds timeout = 60s) {
        RemoteExchange exchange({ledger,
                                 here,
                                 b.id(),
                                 &tls.b,
                                 {{"hospital-a", stores.id, good.url()},
                                  {"payer", payer.id(), payer_url},
                                  {"regulator", regulator.id(), regulator_url}},
                                 timeout});
        const application::House house_of_b{
            ledger.net().network, b.id(), *stores.vault, *stores.outbox, ledger, *journal, b.key, b.sealing,
            stores.random};
        Reader reader(house_of_b, exchange, 200ms);
        std::vector<FetchRequest> requests;
        for (const AccountId& one : custodians) {
            FetchRequest& request = requests.emplace_back();
            request.custodian = one;
            request.handle = refer(subject, permit(subject));
        }
        Caller caller;
        caller.staff = staff(b, "physician");
        return reader.fetch_all(caller, requests, askers);
    }
    static ErrorCode code(const Result<Fetched>& one) { return one ? ErrorCode::kOk : one.error().code; }
};

TEST_F(FederatedTest, WhoIsDownOrShowsAWrongKeyHidesNobody) {
    std::string nobody;
    {
        const SilentNode gone;
        nobody = gone.url();
    }
    const OtherNode impostor{ledger, tls.unknown, regulator, [](std::string_view, const Bytes&) {
                                 return transport::HttpResponse{200, {}, {}};
                             }};
    const auto answers = ask_all(nobody, impostor.url(), {payer.id(), stores.id, regulator.id()});
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(code(answers[0]), ErrorCode::kUnavailable);
    ASSERT_TRUE(answers[1]) << answers[1].error().to_string();
    EXPECT_EQ(answers[1]->resources.size(), 2U);
    EXPECT_EQ(code(answers[2]), ErrorCode::kForbidden);
}

TEST_F(FederatedTest, WhoIsSilentLiesOrRefusesHidesNobody) {
    const SilentNode silent;
    const auto liars_key = testkit::signing_key("TLS of the regulator");
    TlsKeys::add(ledger, regulator, liars_key);
    const OtherNode liar{ledger, liars_key, regulator, [](std::string_view, const Bytes&) {
                             return message_response(200, codec::encode(ReadReply{Bytes(100, 1), Bytes(100, 2)}));
                         }};
    const auto stranger = testkit::id_of<AccountId>("nobody's");
    const auto answers =
        ask_all(silent.url(), liar.url(), {payer.id(), regulator.id(), stranger, stores.id, stores.id}, 3s);
    ASSERT_EQ(answers.size(), 5U);
    EXPECT_EQ(code(answers[0]), ErrorCode::kTimeout);
    EXPECT_FALSE(answers[1]);
    EXPECT_EQ(code(answers[2]), ErrorCode::kNotFound);
    EXPECT_TRUE(answers[3]) << answers[3].error().to_string();
    EXPECT_TRUE(answers[4]) << answers[4].error().to_string();
}

TEST_F(FederatedTest, BytesThatWouldSayMoreThanAResourceAreNoResource) {
    splits = true;
    const auto answers = ask_all("https://127.0.0.1:1", "https://127.0.0.1:1", {stores.id});
    ASSERT_FALSE(answers[0]);
    EXPECT_EQ(answers[0].error().code, ErrorCode::kProofInvalid);
    EXPECT_EQ(answers[0].error().message, "a resource of the answer is no JSON object");
}

TEST_F(FederatedTest, TwentyCustodiansAreAskedAtTheSameTime) {
    std::latch all_asked(20);
    std::vector<AccountId> custodians;
    for (int i = 0; i < 20; ++i) {
        custodians.push_back(testkit::id_of<AccountId>("custodian " + std::to_string(i)));
        here.add(custodians.back(), [&all_asked, i](std::string_view, const Bytes&) {
            all_asked.arrive_and_wait();
            return problem(Error{ErrorCode::kUnavailable, "as number " + std::to_string(i)});
        });
    }
    const auto answers = ask_all("https://127.0.0.1:1", "https://127.0.0.1:1", custodians);
    ASSERT_EQ(answers.size(), 20U);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        ASSERT_FALSE(answers[i]);
        EXPECT_NE(answers[i].error().message.find("as number " + std::to_string(i)), std::string::npos)
            << "each in its place";
    }
}

}  // namespace
}  // namespace salus::application
