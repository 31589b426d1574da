#include "consensus/cometbft/rpc.hpp"

#include <abci.pb.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "consensus/cometbft/light_block.hpp"
#include "consensus/cometbft/test_cometbft.hpp"

namespace salus::consensus {
namespace {

class RpcTest : public ::testing::Test {
protected:
    void answer(std::string_view text) { cometbft_.seen.lock()->answers.emplace_back(text); }
    static std::string error(const std::string& data) {
        return R"({"error":{"code":-32603,"message":"Internal error","data":")" + data + R"("}})";
    }

    salus::testing::RealThreads threads_;
    FakeCometBft cometbft_{threads_};
    Rpc rpc_ = Rpc::make(cometbft_.url()).value();
};

TEST_F(RpcTest, TellsWhatBecomesOfAnEnvelope) {
    const Bytes envelope{0, 1, 2, 0xFF};
    EXPECT_EQ(rpc_.broadcast(envelope).value(), Rpc::Taken::kTaken);
    EXPECT_EQ(cometbft_.seen.lock()->envelopes, std::vector<Bytes>{envelope});
    answer(FakeCometBft::kRefused);
    EXPECT_EQ(rpc_.broadcast(envelope).value(), Rpc::Taken::kRefused);
    answer(error("tx already exists in cache"));
    EXPECT_EQ(rpc_.broadcast(envelope).value(), Rpc::Taken::kTaken);
    answer(error("mempool is full: number of txs 5000 (max: 5000)"));
    EXPECT_EQ(rpc_.broadcast(envelope).value(), Rpc::Taken::kFull);
    answer(error("Tx too large. Max size is 5, but got 9"));
    EXPECT_EQ(rpc_.broadcast(envelope).value(), Rpc::Taken::kTooLarge);
    answer(error("something else"));
    EXPECT_EQ(rpc_.broadcast(envelope).error().code, ErrorCode::kIo);
}

TEST_F(RpcTest, RefusesAnswersThatAreNone) {
    for (const std::string_view text :
         {"", "{", "[]", R"({"result":null})", R"({"result":{}})", R"({"result":{"code":"0"}})"}) {
        answer(text);
        EXPECT_EQ(rpc_.broadcast(Bytes{1}).error().code, ErrorCode::kMalformedEncoding) << text;
    }
}

TEST_F(RpcTest, GivesHeaderCommitAndValidatorsInCometBftsOwnEncodings) {
    Hash app_hash{};
    app_hash.fill(0xEF);
    cometbft_.seen.lock()->app_hashes[5] = app_hash;
    const auto certificate = rpc_.certificate(5).value();
    abci::Header header;
    ASSERT_TRUE(header.ParseFromArray(certificate.header.data(), static_cast<int>(certificate.header.size())));
    EXPECT_EQ(header.version().block(), 11U);
    EXPECT_EQ(header.version().app(), 1U);
    EXPECT_EQ(header.height(), 5);
    EXPECT_EQ(header.time().seconds(), 1'767'323'045);
    EXPECT_EQ(header.time().nanos(), 7);
    EXPECT_EQ(header.app_hash(), std::string(as_text(app_hash)));
    EXPECT_EQ(header.last_block_id().part_set_header().total(), 1U);
    abci::Commit commit;
    ASSERT_TRUE(commit.ParseFromArray(certificate.commit.data(), static_cast<int>(certificate.commit.size())));
    EXPECT_EQ(commit.round(), 3);
    ASSERT_EQ(commit.signatures_size(), 2);
    EXPECT_EQ(commit.signatures(0).timestamp().nanos(), 500'000'000);
    EXPECT_EQ(commit.signatures(0).signature(), std::string(64, 3));
    EXPECT_EQ(commit.signatures(1).timestamp().seconds(), -62'135'596'800) << "who did not vote has the year 1";
    EXPECT_EQ(commit.signatures(1).signature(), "");
    abci::ValidatorSet set;
    ASSERT_TRUE(set.ParseFromArray(certificate.validators.data(), static_cast<int>(certificate.validators.size())));
    ASSERT_EQ(set.validators_size(), 1);
    EXPECT_EQ(set.validators(0).pub_key().ed25519(), std::string(32, 2));
    EXPECT_EQ(set.validators(0).voting_power(), 10);
    EXPECT_EQ(set.proposer().address(), std::string(20, 1));
}

TEST_F(RpcTest, AsksForTheSameValidatorsOnce) {
    cometbft_.seen.lock()->app_hashes = {{5, {}}, {6, {}}};
    ASSERT_TRUE(rpc_.certificate(5));
    ASSERT_TRUE(rpc_.certificate(6));
    EXPECT_EQ(cometbft_.seen.lock()->asked, (std::vector<std::string>{"/commit", "/validators", "/commit"}));
}

TEST_F(RpcTest, ABlockThatIsNotThereYetIsNotFound) {
    EXPECT_EQ(rpc_.certificate(5).error().code, ErrorCode::kNotFound);
}

TEST_F(RpcTest, FindsTheNewestHeaderThatCarriesAHash) {
    Hash wanted{};
    wanted.fill(1);
    cometbft_.seen.lock()->app_hashes = {{2, {}}, {3, wanted}, {4, wanted}, {5, {}}};
    EXPECT_EQ(rpc_.header_with(wanted, 1, 5).value(), std::optional<EngineHeight>(4));
    EXPECT_EQ(rpc_.header_with(wanted, 1, 2).value(), std::nullopt);
}

TEST(LightBlock, RefusesWhatIsNoTimeNoNumberAndNoHex) {
    const std::string good = FakeCometBft::header(5, {});
    ASSERT_TRUE(header_of(boost::json::parse(good)));
    const std::vector<std::pair<std::string, std::string>> broken{{"2026-01-02T", "2026-02-30T"},
                                                                  {"T03:04", "T24:04"},
                                                                  {"000000007Z", "0000000070Z"},
                                                                  {"000000007Z", "00000000xZ"},
                                                                  {"000000007Z", "000000007"},
                                                                  {R"("height":"5")", R"("height":"5x")"},
                                                                  {R"("height":"5")", R"("height":true)"},
                                                                  {R"("total":1)", R"("total":-1)"},
                                                                  {R"("data_hash":"")", R"("data_hash":"0")"},
                                                                  {R"("chain_id")", R"("chain")"}};
    for (const auto& [from, to] : broken) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        EXPECT_EQ(header_of(boost::json::parse(text)).error().code, ErrorCode::kMalformedEncoding) << to;
    }
}

}  // namespace
}  // namespace salus::consensus
