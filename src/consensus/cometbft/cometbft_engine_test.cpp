#include "consensus/cometbft/cometbft_engine.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "consensus/cometbft/application.hpp"
#include "consensus/cometbft/test_cometbft.hpp"
#include "consensus/cometbft/test_ledger.hpp"
#include "testing/directory.hpp"
#include "testing/platform.hpp"

namespace salus::consensus {
namespace {

/// A process that is told of, and does nothing.
class ToldProcess final : public EngineProcess {
public:
    explicit ToldProcess(std::vector<std::string>& told) : told_(told) {}
    Status start() override {
        told_.emplace_back("start");
        return {};
    }
    void stop() override { told_.emplace_back("stop"); }
    [[nodiscard]] std::string problem() const override { return "it rests"; }

private:
    std::vector<std::string>& told_;
};

Hash name_of(const Bytes& envelope) { return crypto::sha256(envelope); }

class MempoolFeedTest : public ::testing::Test {
protected:
    MempoolFeedTest() {
        limits_.resend_after = std::chrono::milliseconds(40);
        limits_.pause = std::chrono::milliseconds(1);
    }
    MempoolFeed& feed() {
        if (!feed_) {
            feed_ = std::make_unique<MempoolFeed>(Rpc::make(cometbft_.url()).value(), clock_, limits_,
                                                  [this](const Hash& envelope) { ledger_.given_up(envelope); });
            feed_->start(threads_);
        }
        return *feed_;
    }
    void wait_for_envelopes(std::size_t count) {
        cometbft_.wait([&](const auto& seen) { return seen.envelopes.size() >= count; });
    }

    salus::testing::RealThreads threads_;
    salus::testing::ManualClock clock_;
    FakeCometBft cometbft_{threads_};
    FakeLedger ledger_;
    MempoolFeed::Limits limits_;
    std::unique_ptr<MempoolFeed> feed_;
};

TEST_F(MempoolFeedTest, SendsEnvelopesInTheOrderOfTheirComing) {
    for (const Bytes& envelope : {Bytes{1}, Bytes{2}, Bytes{3}}) ASSERT_TRUE(feed().submit(envelope));
    wait_for_envelopes(3);
    EXPECT_EQ(cometbft_.seen.lock()->envelopes, (std::vector<Bytes>{{1}, {2}, {3}}));
    EXPECT_EQ(feed().queued(), 3U) << "what was sent may yet be dropped";
}

TEST_F(MempoolFeedTest, SendsAgainWhatNoBlockHoldsAndForgetsWhatOneDoes) {
    ASSERT_TRUE(feed().submit(Bytes{1}));
    ASSERT_TRUE(feed().submit(Bytes{2}));
    wait_for_envelopes(2);
    const std::vector<Hash> ordered{name_of({1})};
    feed().ordered(ordered);
    EXPECT_EQ(feed().queued(), 1U);
    // When it was sent is noted after the answer: time passes until that has been seen.
    while (cometbft_.seen.lock()->envelopes.size() < 3) {
        clock_.advance(std::chrono::milliseconds(100));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(cometbft_.seen.lock()->envelopes[2], Bytes{2});
}

TEST_F(MempoolFeedTest, NoneOvertakesAnotherThatAFullMempoolTurnsAway) {
    cometbft_.seen.lock()->answers = {R"({"error":{"message":"","data":"mempool is full: 1"}})", "no answer"};
    ASSERT_TRUE(feed().submit(Bytes{1}));
    ASSERT_TRUE(feed().submit(Bytes{2}));
    wait_for_envelopes(4);
    EXPECT_EQ(cometbft_.seen.lock()->envelopes, (std::vector<Bytes>{{1}, {1}, {1}, {2}}));
}

TEST_F(MempoolFeedTest, GivesUpWhatIsNotAdmissibleAnyMore) {
    cometbft_.seen.lock()->answers = {std::string(FakeCometBft::kRefused)};
    ASSERT_TRUE(feed().submit(Bytes{1}));
    ledger_.wait([](const auto& seen) { return !seen.given_up.empty(); });
    EXPECT_EQ(ledger_.seen.lock()->given_up, std::vector<Hash>{name_of({1})});
    EXPECT_EQ(feed().queued(), 0U);
}

TEST_F(MempoolFeedTest, SaysBusyWhenItIsFullAndTakesALoneEnvelopeOfAnySize) {
    limits_.envelopes_max = 2;
    limits_.bytes_max = 10;
    ASSERT_TRUE(feed().submit(Bytes(100, 1)));
    EXPECT_EQ(feed().submit(Bytes{2}).error().retry_after, limits_.retry_after);
    wait_for_envelopes(1);
    feed().ordered(std::vector<Hash>{name_of(Bytes(100, 1))});
    ASSERT_TRUE(feed().submit(Bytes{2}));
    ASSERT_TRUE(feed().submit(Bytes{3}));
    EXPECT_FALSE(feed().submit(Bytes{4}));
    feed().stop();
    EXPECT_FALSE(feed().submit(Bytes{5}));
}

class CertifierTest : public ::testing::Test {
protected:
    Certifier& certifier() {
        if (!certifier_) {
            certifier_ = std::make_unique<Certifier>(Rpc::make(cometbft_.url()).value(), ledger_, 1, limits_);
            certifier_->start(threads_);
        }
        return *certifier_;
    }
    /// The ledger makes a block of that engine block; its hash stands in the header of the next.
    void make(EngineHeight engine) {
        const Bytes envelope{'a'};
        Proposal proposal;
        proposal.engine = engine;
        proposal.envelopes = {envelope};
        outcome_ = ledger_.finalise(proposal);
        (void)ledger_.commit(std::nullopt);
        cometbft_.seen.lock()->app_hashes[engine + 1] = outcome_.app_hash;
    }
    EngineHeight header_height(Height height) {
        const auto certificate = ledger_.seen.lock()->certificates.at(height);
        abci::Header header;
        const Bytes& bytes = std::get<CometBftCertificate>(certificate.by).header;
        EXPECT_TRUE(header.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        return static_cast<EngineHeight>(header.height());
    }
    void wait_for_certificates(std::size_t count) {
        ledger_.wait([&](const auto& seen) { return seen.certificates.size() >= count; });
    }

    salus::testing::RealThreads threads_;
    FakeCometBft cometbft_{threads_};
    FakeLedger ledger_;
    Certifier::Limits limits_{std::chrono::milliseconds(20)};
    Outcome outcome_;
    std::unique_ptr<Certifier> certifier_;
};

TEST_F(CertifierTest, ABlockIsCertifiedByTheHeaderOfTheNextEngineBlockOnceThatIsThere) {
    certifier();
    make(1);
    certifier().committed(1, outcome_);
    Outcome empty = outcome_;
    empty.made_block = false;
    certifier().committed(2, empty);
    wait_for_certificates(1);
    EXPECT_EQ(header_height(1), 2U);
    EXPECT_EQ(cometbft_.seen.lock()->asked.front(), "/commit") << "nothing had to be looked for";
}

TEST_F(CertifierTest, WhatACrashLeftWithoutIsLookedForAmongTheHeaders) {
    for (EngineHeight engine = 1; engine <= 50; ++engine) make(engine);
    Proposal empty;
    empty.engine = 51;
    (void)ledger_.finalise(empty);
    (void)ledger_.commit(std::nullopt);
    certifier();
    wait_for_certificates(50);
    EXPECT_EQ(header_height(1), 2U);
    EXPECT_EQ(header_height(50), 51U);
}

TEST_F(CertifierTest, WaitsForACometBftThatDoesNotKnowTheBlockYet) {
    make(1);
    make(2);
    const Hash late = std::exchange(cometbft_.seen.lock()->app_hashes[2], Hash{});
    certifier();
    cometbft_.wait([](const auto& seen) { return seen.asked.size() >= 3; });
    EXPECT_TRUE(ledger_.seen.lock()->certificates.empty());
    cometbft_.seen.lock()->app_hashes[2] = late;
    wait_for_certificates(1);
    EXPECT_EQ(header_height(1), 2U);
}

TEST_F(CertifierTest, ACertificateThatIsRefusedHoldsUpNoOther) {
    ledger_.seen.lock()->certified_answer = fail(ErrorCode::kCertificateInvalid, "too few strict signatures");
    for (EngineHeight engine = 1; engine <= 3; ++engine) make(engine);
    certifier();
    certifier().committed(4, Outcome{});
    ledger_.wait([](const auto& seen) { return seen.calls.size() >= 3; });
    EXPECT_EQ(ledger_.seen.lock()->calls, (std::vector<std::string>{"certified 1", "certified 2", "certified 3"}));
}

class CometBftEngineTest : public ::testing::Test {
protected:
    std::unique_ptr<CometBftEngine> make(const EraRecord& era) {
        return std::make_unique<CometBftEngine>(
            era, CometBftEngine::Place{directory_.path() / "app.sock", cometbft_.url()},
            std::make_unique<ToldProcess>(told_), CometBftEngine::Machine{clock_, threads_}, CometBftEngine::Limits{});
    }

    salus::testing::TestDirectory directory_;
    salus::testing::RealThreads threads_;
    salus::testing::ManualClock clock_;
    FakeCometBft cometbft_{threads_};
    FakeLedger ledger_;
    std::vector<std::string> told_;
};

TEST_F(CometBftEngineTest, ListensBeforeItsProcessStartsAndEndsItFirst) {
    const auto engine = make(ledger_.era());
    EXPECT_FALSE(engine->submit(Bytes{1})) << "not started";
    EXPECT_FALSE(engine->status().running);
    ASSERT_TRUE(engine->start(ledger_));
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / "app.sock"));
    ASSERT_TRUE(engine->submit(Bytes{1}));
    EXPECT_TRUE(engine->status().running);
    EXPECT_EQ(engine->status().queued, 1U);
    EXPECT_EQ(engine->status().problem, "it rests");
    engine->stop();
    EXPECT_EQ(told_, (std::vector<std::string>{"start", "stop"}));
    EXPECT_FALSE(engine->submit(Bytes{2}));
}

TEST_F(CometBftEngineTest, RefusesAnEraThatAnotherEngineOrders) {
    EraRecord embedded = ledger_.era();
    embedded.engine = EngineKind::kEmbedded;
    EXPECT_EQ(make(embedded)->start(ledger_).error().code, ErrorCode::kConfig);
}

}  // namespace
}  // namespace salus::consensus
