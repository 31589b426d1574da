#include "consensus/embedded/embedded_engine.hpp"

#include <gtest/gtest.h>

#include <future>

#include "testing/platform.hpp"
#include "testing/threads.hpp"

namespace salus::consensus {
namespace {

/// Writes down what it is called for, and may be held in a call.
class RecordingLedger final : public Ledger {
public:
    [[nodiscard]] Tip tip() const override { return seen.lock()->tip; }
    Status begin(const EraRecord&) override { return begin_status; }
    [[nodiscard]] Status check(ByteView) const override { return {}; }
    [[nodiscard]] std::vector<std::size_t> choose(const std::vector<ByteView>&, TimeMs, std::size_t) override {
        return {};
    }
    [[nodiscard]] bool well_formed(const Proposal&) override { return true; }
    Outcome finalise(const Proposal& proposal) override {
        auto state = seen.lock();
        EXPECT_EQ(proposal.engine, state->finalised + 1);
        EXPECT_LE(state->finalised - state->committed, 1U) << "at most one execution ahead";
        ++state->finalised;
        state->times.push_back(proposal.time_ms);
        state->blocks.emplace_back();
        for (const ByteView envelope : proposal.envelopes) state->blocks.back().push_back(to_bytes(envelope));
        changed.notify_all();
        Outcome outcome;
        outcome.height = proposal.engine;
        outcome.app_hash[0] = static_cast<std::uint8_t>(proposal.engine);
        outcome.made_block = makes_blocks;
        return outcome;
    }
    Tip commit(const std::optional<Certificate>& certificate) override {
        auto state = seen.lock();
        state->certificates.push_back(certificate);
        changed.notify_all();
        changed.wait(state.lock(), [&] { return !state->hold; });
        state->tip.engine = ++state->committed;
        changed.notify_all();
        return state->tip;
    }
    Status certified(Height, const Certificate&) override { return {}; }
    [[nodiscard]] std::optional<Uncertified> uncertified(Height) const override { return std::nullopt; }
    void given_up(const Hash&) override {}
    [[nodiscard]] bool member(const Signer&) const override { return false; }
    [[nodiscard]] PeerStanding peer(const ValidatorId&) const override { return PeerStanding::kUnknown; }

    struct Seen {
        Tip tip;
        EngineHeight finalised = 0;
        EngineHeight committed = 0;
        std::vector<std::vector<Bytes>> blocks;
        std::vector<TimeMs> times;
        std::vector<std::optional<Certificate>> certificates;
        bool hold = false;
    };
    template <class Predicate>
    void wait(Predicate predicate) {
        auto state = seen.lock();
        changed.wait(state.lock(), [&] { return predicate(*state); });
    }
    void hold(bool on) {
        seen.lock()->hold = on;
        changed.notify_all();
    }

    Guarded<Seen> seen;
    std::condition_variable changed;
    Status begin_status;
    bool makes_blocks = true;
};

class EmbeddedEngineTest : public ::testing::Test {
protected:
    EmbeddedEngineTest() {
        era_.engine = EngineKind::kEmbedded;
        era_.validators = {{Signer::of(key_.public_key()), 1, {}}};
        ledger_.seen.lock()->tip.time_ms = clock_.now_ms();
    }
    EmbeddedEngine& engine() {
        if (!engine_)
            engine_ =
                std::make_unique<EmbeddedEngine>(network_, era_, crypto::SigningKey::from_seed(key_.seed().clone()),
                                                 EmbeddedEngine::Machine{clock_, clock_, threads_}, limits_);
        return *engine_;
    }
    static Bytes envelope(std::uint8_t name, std::size_t size = 10) { return Bytes(size, name); }

    salus::testing::ManualClock clock_;
    salus::testing::SeededRandom random_;
    salus::testing::RealThreads threads_;
    crypto::SigningKey key_ = crypto::SigningKey::generate(random_);
    NetworkId network_ = random_.id<NetworkId>();
    EraRecord era_;
    EmbeddedEngine::Limits limits_;
    RecordingLedger ledger_;
    std::unique_ptr<EmbeddedEngine> engine_;
};

TEST_F(EmbeddedEngineTest, MakesABlockOfAllThatIsQueuedInTheOrderOfItsComing) {
    ledger_.hold(true);
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    ledger_.wait([](const auto& seen) { return seen.certificates.size() == 1; });
    ASSERT_TRUE(engine().submit(envelope(2)));
    ledger_.wait([](const auto& seen) { return seen.finalised == 2; });  // executed while 1 is committed
    ASSERT_TRUE(engine().submit(envelope(3)));
    ASSERT_TRUE(engine().submit(envelope(4)));
    ledger_.hold(false);
    engine().stop();
    const auto seen = ledger_.seen.lock();
    EXPECT_EQ(seen->blocks,
              (std::vector<std::vector<Bytes>>{{envelope(1)}, {envelope(2)}, {envelope(3), envelope(4)}}));
    EXPECT_EQ(seen->committed, 3U);
}

TEST_F(EmbeddedEngineTest, ABlockHoldsNoMoreBytesThanItMay) {
    limits_.block_bytes_max = 100;
    ledger_.hold(true);
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(0)));
    ledger_.wait([](const auto& seen) { return seen.finalised == 1; });
    ASSERT_TRUE(engine().submit(envelope(1)));
    ledger_.wait([](const auto& seen) { return seen.finalised == 2; });
    for (const std::size_t size : {50U, 50U, 1U, 200U, 1U}) ASSERT_TRUE(engine().submit(envelope(2, size)));
    ledger_.hold(false);
    engine().stop();
    std::vector<std::size_t> sizes;
    for (const auto& block : ledger_.seen.lock()->blocks) sizes.push_back(block.size());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 1, 2, 1, 1, 1})) << "a lone one that is larger still goes";
}

TEST_F(EmbeddedEngineTest, SaysBusyWhenItIsFullAndForgetsNothingItTook) {
    limits_.envelopes_max = 3;
    ledger_.hold(true);
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(0)));
    ledger_.wait([](const auto& seen) { return seen.finalised == 1; });
    ASSERT_TRUE(engine().submit(envelope(1)));
    ledger_.wait([](const auto& seen) { return seen.finalised == 2; });
    for (std::uint8_t i = 2; i < 5; ++i) ASSERT_TRUE(engine().submit(envelope(i)));
    const auto refused = engine().submit(envelope(5));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().retry_after, limits_.retry_after);
    EXPECT_GE(engine().status().queued, 3U);
    ledger_.hold(false);
    engine().stop();
    std::size_t taken = 0;
    for (const auto& block : ledger_.seen.lock()->blocks) taken += block.size();
    EXPECT_EQ(taken, 5U);
}

TEST_F(EmbeddedEngineTest, BoundsTheQueueByBytesToo) {
    limits_.bytes_max = 100;
    ledger_.hold(true);
    ASSERT_TRUE(engine().start(ledger_));
    for (std::uint8_t i = 0; i < 2; ++i) {
        ASSERT_TRUE(engine().submit(envelope(i)));
        ledger_.wait([&](const auto& seen) { return seen.finalised == i + 1U; });
    }
    ASSERT_TRUE(engine().submit(envelope(2, 60)));
    EXPECT_FALSE(engine().submit(envelope(3, 41)));
    EXPECT_TRUE(engine().submit(envelope(3, 40)));
    ledger_.hold(false);
}

TEST_F(EmbeddedEngineTest, VouchesForEveryBlockItMakesAndOnlyForThose) {
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    engine().stop();
    BlockHeader header;
    header.network_id = network_;
    const auto seen = ledger_.seen.lock();
    ASSERT_TRUE(seen->certificates.at(0));
    const auto& certificate = std::get<OperatorCertificate>(seen->certificates[0]->by);
    Hash hash{};
    hash[0] = 1;
    EXPECT_TRUE(
        crypto::verify(key_.public_key(), certificate_signed_bytes(network_, 1, 1, hash), certificate.signature));
}

TEST_F(EmbeddedEngineTest, VouchesForNothingWhereNoBlockWasMade) {
    ledger_.makes_blocks = false;
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    engine().stop();
    EXPECT_EQ(ledger_.seen.lock()->certificates.at(0), std::nullopt);
}

TEST_F(EmbeddedEngineTest, BlockTimeIsTheClocksAndNeverGoesBack) {
    const TimeMs start = clock_.now_ms();
    ASSERT_TRUE(engine().start(ledger_));
    for (const TimeMs wall : {start + 7, start + 3, start + 9}) {
        clock_.set_wall_ms(wall);
        const auto before = ledger_.seen.lock()->committed;
        ASSERT_TRUE(engine().submit(envelope(1)));
        ledger_.wait([&](const auto& seen) { return seen.committed == before + 1; });
    }
    EXPECT_EQ(ledger_.seen.lock()->times, (std::vector<TimeMs>{start + 7, start + 7, start + 9}));
}

TEST_F(EmbeddedEngineTest, MakesNoBlockUnderAClockThatNobodyConfirmed) {
    ledger_.seen.lock()->tip.time_ms = clock_.now_ms() - ClockWatch::kIdleMax - 1;
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    EXPECT_TRUE(engine().status().problem.starts_with("clock"));
    EXPECT_EQ(engine().status().queued, 1U);
    EXPECT_EQ(ledger_.seen.lock()->finalised, 0U);
    engine().confirm_clock();
    ledger_.wait([](const auto& seen) { return seen.committed == 1; });
    EXPECT_EQ(engine().status().problem, "");
}

TEST_F(EmbeddedEngineTest, AClockThatStandsMakesBlocksOfOneTimeForAMinuteAndThenNone) {
    const TimeMs start = clock_.now_ms();
    const auto stand = [&](int ms) {
        clock_.advance(std::chrono::milliseconds(ms));
        clock_.set_wall_ms(start);
    };
    ASSERT_TRUE(engine().start(ledger_));
    for (std::size_t made = 1; made <= 3; ++made) {
        ASSERT_TRUE(engine().submit(envelope(1)));
        ledger_.wait([&](const auto& seen) { return seen.committed == made; });
        stand(20'000);
    }
    stand(1);
    EXPECT_TRUE(engine().status().problem.starts_with("clock: it stands"));
    ASSERT_TRUE(engine().submit(envelope(2)));
    clock_.set_wall_ms(start + 60'001);
    ledger_.wait([](const auto& seen) { return seen.committed == 4; });
    EXPECT_EQ(ledger_.seen.lock()->times, (std::vector<TimeMs>{start, start, start, start + 60'001}));
}

TEST_F(EmbeddedEngineTest, AJumpMakesNoBlockThatWouldEndWhatHasNotEnded) {
    const TimeMs start = clock_.now_ms();
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    ledger_.wait([](const auto& seen) { return seen.committed == 1; });
    clock_.set_wall_ms(start + 3'600'000);
    ASSERT_TRUE(engine().submit(envelope(2)));
    EXPECT_TRUE(engine().status().problem.starts_with("clock: it has jumped"));
    clock_.set_wall_ms(start + 5);
    engine().confirm_clock();
    ledger_.wait([](const auto& seen) { return seen.committed == 2; });
    EXPECT_EQ(ledger_.seen.lock()->times, (std::vector<TimeMs>{start, start + 5}));
}

TEST_F(EmbeddedEngineTest, StopsThoughTheClockForbidsToMakeBlocks) {
    ledger_.seen.lock()->tip.time_ms = clock_.now_ms() + 20'000;
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    engine().stop();
    EXPECT_EQ(ledger_.seen.lock()->finalised, 0U);
}

TEST_F(EmbeddedEngineTest, GoesOnFromTheTipsEngineHeight) {
    {
        const auto seen = ledger_.seen.lock();
        seen->tip.engine = seen->finalised = seen->committed = 41;
    }
    ASSERT_TRUE(engine().start(ledger_));
    ASSERT_TRUE(engine().submit(envelope(1)));
    engine().stop();
    EXPECT_EQ(ledger_.seen.lock()->finalised, 42U);
}

TEST_F(EmbeddedEngineTest, RefusesAKeyThatIsNotTheErasOperatorAndALedgerThatRefusesTheEra) {
    era_.validators[0].key.public_key[0] ^= 1;
    EXPECT_EQ(engine().start(ledger_).error().code, ErrorCode::kConfig);
    engine_.reset();
    era_.validators[0].key.public_key[0] ^= 1;
    ledger_.begin_status = fail(ErrorCode::kConflict, "no");
    EXPECT_EQ(engine().start(ledger_).error().code, ErrorCode::kConflict);
    EXPECT_FALSE(engine().submit(envelope(1))) << "it does not run";
}

}  // namespace
}  // namespace salus::consensus
