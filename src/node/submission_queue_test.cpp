#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <utility>

#include "execution/verdict_cache.hpp"
#include "node/founding.hpp"
#include "node/submission.hpp"
#include "store/memory_kv.hpp"
#include "testing/threads.hpp"
#include "testkit/world.hpp"

/// What waits before an engine that orders only what the test says.
namespace salus::node {
namespace {

using Answer = network::LedgerService::Answer;

class HeldEngine final : public consensus::Engine {
public:
    Status start(consensus::Ledger&) override { return {}; }
    Result<void, consensus::Busy> submit(Bytes envelope) override {
        if (meanwhile) std::exchange(meanwhile, nullptr)(envelope);
        taken_.lock()->push_back(std::move(envelope));
        changed_.notify_all();
        return {};
    }
    [[nodiscard]] consensus::EngineStatus status() const override { return {}; }
    void stop() override {}

    /// What comes to pass while the first envelope is handed over, before the node looks what else it may send.
    std::function<void(const Bytes& envelope)> meanwhile;

    /// Waits until it has taken so many.
    std::vector<Bytes> taken(std::size_t count) {
        auto taken = taken_.lock();
        changed_.wait(taken.lock(), [&] { return taken->size() >= count; });
        return *taken;
    }

private:
    Guarded<std::vector<Bytes>> taken_;
    std::condition_variable changed_;
};

class SubmissionQueueTest : public ::testing::Test {
protected:
    SubmissionQueueTest() { clock_.set_wall_ms(world_.now_ms); }

    void start() {
        store_ = store::open_memory(disk_, nullptr).value();
        ledger_ = Ledger::open({*store_, verdicts_, executor_, clock_, process_}).value();
        std::vector<crypto::SigningKey> members;
        members.push_back(crypto::SigningKey::from_seed(world_.net.payer.key.seed().clone()));
        submission_ = std::make_unique<Submission>(Submission::Parts{*ledger_, *store_, engine_, threads_, clock_},
                                                   std::move(members), Submission::Limits{});
        submission_->start();
    }
    void found() {
        const auto founding = founding_of(world_.net.genesis_bytes).value();
        (void)store::open_memory(disk_, &founding).value();
    }
    std::future<Answer> submit(const std::vector<Transaction>& transactions) {
        std::vector<Bytes> bytes;
        for (const auto& transaction : transactions) bytes.push_back(transaction.bytes);
        auto promise = std::make_shared<std::promise<Answer>>();
        auto future = promise->get_future();
        EXPECT_TRUE(
            submission_->submit(std::move(bytes), [promise](Answer answer) { promise->set_value(std::move(answer)); }));
        return future;
    }
    /// Ordered, durable and certified when it returns.
    void block(TimeMs time_ms, const std::vector<Bytes>& envelopes) {
        consensus::Proposal proposal;
        proposal.engine = ledger_->tip().engine + 1;
        proposal.time_ms = time_ms;
        proposal.envelopes.assign(envelopes.begin(), envelopes.end());
        const consensus::Outcome outcome = ledger_->finalise(proposal);
        std::optional<Certificate> certificate;
        if (outcome.made_block) {
            const crypto::SigningKey& key = world_.net.operator_key;
            const Bytes vouched = certificate_signed_bytes(ledger_->network(), 1, outcome.height, outcome.app_hash);
            certificate = Certificate{OperatorCertificate{Signer::of(key.public_key()), key.sign(vouched)}};
        }
        (void)ledger_->commit(certificate);
    }
    /// Two of them fill the share of hospital A.
    std::vector<Transaction> three_large() {
        std::vector<Transaction> made;
        for (std::uint64_t i = 0; i < 3; ++i)
            made.push_back(world_.by(world_.net.hospital_a,
                                     records::Payload{records::Append{8000 * i, Bytes(std::size_t{32} * 8000), {}}}));
        return made;
    }
    Transaction file(std::uint64_t interval) {
        return world_.by(world_.net.hospital_a, audit::Payload{audit::FileRoot{interval, {}}});
    }
    static bool is_there(std::future<Answer>& answer) {
        return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

    testkit::World world_{testkit::make_consortium([](Genesis& genesis) {
        genesis.parameters = {{governance::Parameter::kMemberBytesPerBlock, kTransactionBytesMax}};
    })};
    testing::ManualClock clock_;
    testing::RealThreads threads_;
    testing::InlineExecutor executor_;
    testing::DyingProcess process_;
    execution::VerdictCache verdicts_{1024};
    HeldEngine engine_;
    store::MemoryDisk disk_;
    std::unique_ptr<store::ChainStore> store_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Submission> submission_;
};

/// Else a flood of what soon expires would stay in memory uncounted, and use up the share of who waits beside it.
TEST_F(SubmissionQueueTest, WhatExpiredWhileItWaitedForItsShareIsNeverOrdered) {
    found();
    start();
    const auto three = three_large();
    engine_.meanwhile = [&](const Bytes& envelope) {
        EXPECT_EQ(codec::decode<Envelope>(envelope)->transactions.size(), 2U);
        block(three[2].body.valid_until_ms, {});
        block(three[2].body.valid_until_ms, {envelope});  // their share is free
    };
    for (const auto& one : submit(three).get()) EXPECT_EQ(one.error().code, ErrorCode::kInadmissibleExpired);
    EXPECT_EQ(submission_->pending(), 0U);
    submission_->stop_intake();
    EXPECT_EQ(engine_.taken(1).size(), 1U);
}

TEST_F(SubmissionQueueTest, WhatExpiresSoonIsToldSoWithTheBlockThatEndsIt) {
    found();
    start();
    world_.lifetime_ms = 500;
    const Transaction first = file(1);
    world_.lifetime_ms = 501;
    auto ends = submit({first});
    (void)engine_.taken(1);
    auto goes_on = submit({file(2)});
    (void)engine_.taken(2);
    auto malformed = file(3);
    malformed.bytes.back() ^= 1;
    submit({malformed}).wait();  // whatever is done with the others in the same second has been done
    block(first.body.valid_until_ms - 1, {});
    EXPECT_FALSE(is_there(ends));
    block(first.body.valid_until_ms, {});
    ASSERT_TRUE(is_there(ends));
    EXPECT_EQ(ends.get()[0].error().code, ErrorCode::kInadmissibleExpired);
    EXPECT_FALSE(is_there(goes_on));
    block(first.body.valid_until_ms + 1, {});
    EXPECT_TRUE(is_there(goes_on));
}

TEST_F(SubmissionQueueTest, AStoreThatCannotBeReadIsInTheLogAndHoldsWhatWaits) {
    found();
    {
        const auto disk = store::memory_kv(disk_);
        const auto batch = disk->batch();
        const Bytes key = governance::parameter_key(governance::Parameter::kMemberBytesPerBlock);
        batch->put(store::Family::kState, state_path(Contract::kGovernance, key), Bytes{1, 2, 3});
        ASSERT_TRUE(disk->write(*batch));
        ASSERT_TRUE(disk->sync());
    }
    start();
    ::testing::internal::CaptureStderr();
    auto answer = submit({file(1)});
    submission_->stop_intake();
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), ::testing::HasSubstr("cannot read the ledger: "));
    EXPECT_FALSE(is_there(answer));
    submission_->abandon();
    EXPECT_EQ(answer.get()[0].error().code, ErrorCode::kUnavailable);
}

TEST_F(SubmissionQueueTest, AnAnswerWaitsForTheCertificateOfItsBlock) {
    found();
    start();
    auto answer = submit({file(3)});
    const auto envelope = engine_.taken(1).front();
    consensus::Proposal proposal;
    proposal.engine = 1;
    proposal.time_ms = world_.now_ms + 1000;
    proposal.envelopes = {envelope};
    const consensus::Outcome outcome = ledger_->finalise(proposal);
    (void)ledger_->commit(std::nullopt);
    EXPECT_FALSE(is_there(answer)) << "readers are not shown it yet";
    EXPECT_EQ(ledger_->uncertified(0)->hash, outcome.app_hash);
    const Bytes vouched = certificate_signed_bytes(ledger_->network(), 1, 1, outcome.app_hash);
    const crypto::SigningKey& key = world_.net.operator_key;
    ASSERT_TRUE(ledger_->certified(1, {OperatorCertificate{Signer::of(key.public_key()), key.sign(vouched)}}));
    EXPECT_EQ(answer.get()[0]->height, 1U);
    EXPECT_FALSE(ledger_->uncertified(0));
}

TEST_F(SubmissionQueueTest, WhatAnotherMemberHasCarriedMeanwhileIsNotOrderedAgain) {
    found();
    start();
    const auto three = three_large();
    engine_.meanwhile = [&](const Bytes& envelope) {
        block(world_.now_ms + 1000, {world_.envelope({three[2]}, world_.net.hospital_b.key)});
        block(world_.now_ms + 2000, {envelope});
    };
    EXPECT_EQ(submit(three).get()[2]->height, 1U);
    submission_->stop_intake();
    EXPECT_EQ(engine_.taken(1).size(), 1U);
}

}  // namespace
}  // namespace salus::node
