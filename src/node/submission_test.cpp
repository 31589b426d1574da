#include "node/submission.hpp"

#include <gtest/gtest.h>

#include <future>

#include "model/era.hpp"
#include "network/evidence_builder.hpp"
#include "node/embedded_ledger.hpp"
#include "node/founding.hpp"
#include "store/memory_kv.hpp"
#include "testing/threads.hpp"
#include "testkit/world.hpp"

/// Clients' transactions, all the way through a running ledger of one operator.
namespace salus::node {
namespace {

using Answer = network::LedgerService::Answer;

class SubmissionTest : public ::testing::Test {
protected:
    SubmissionTest() { clock_.set_wall_ms(world_.now_ms); }
    ~SubmissionTest() override { gate_.open(); }

    LedgerService& service() {
        if (!running_) start();
        return running_->service();
    }
    void start() {
        const auto founding = founding_of(world_.net.genesis_bytes).value();
        auto store = store::open_memory(disk_, founded_ ? nullptr : &founding).value();
        founded_ = true;
        running_ = EmbeddedLedger::start(std::move(store),
                                         {crypto::SigningKey::from_seed(operator_->seed().clone()), members()},
                                         {clock_, clock_, executor_, threads_, process_}, limits_)
                       .value();
    }
    std::vector<crypto::SigningKey> members() const {
        std::vector<crypto::SigningKey> keys;
        for (const auto* member : members_) keys.push_back(crypto::SigningKey::from_seed(member->seed().clone()));
        return keys;
    }
    Transaction file(std::uint64_t interval, const testkit::Party& sender) {
        return world_.by(sender, audit::Payload{audit::FileRoot{interval, {}}});
    }
    Transaction file(std::uint64_t interval) { return file(interval, world_.net.hospital_a); }

    std::future<Answer> submit(const std::vector<Transaction>& transactions) {
        std::vector<Bytes> bytes;
        for (const auto& transaction : transactions) bytes.push_back(transaction.bytes);
        auto promise = std::make_shared<std::promise<Answer>>();
        auto future = promise->get_future();
        const auto taken =
            service().submit(std::move(bytes), [promise](Answer answer) { promise->set_value(std::move(answer)); });
        if (!taken) promise->set_value({fail(taken.error())});
        return future;
    }
    Answer send(const std::vector<Transaction>& transactions) { return submit(transactions).get(); }

    /// Holds every sync while it is closed.
    struct Gate {
        void open() {
            *closed.lock() = false;
            changed.notify_all();
        }
        void close() { *closed.lock() = true; }
        void pass() {
            auto state = closed.lock();
            changed.wait(state.lock(), [&] { return !*state; });
        }
        Guarded<bool> closed{false};
        std::condition_variable changed;
    };
    void gate_syncs() {
        gate_.close();
        disk_.fail_when([this](store::MemoryDisk::Operation operation) {
            if (operation == store::MemoryDisk::Operation::kSync) gate_.pass();
            return false;
        });
    }

    /// Of a ledger that does not run.
    void open_era(const EraRecord& era, const crypto::SigningKey& by) {
        auto store = store::open_memory(disk_, nullptr).value();
        execution::VerdictCache verdicts(16);
        const auto ledger = Ledger::open({*store, verdicts, executor_, clock_, process_}).value();
        ASSERT_TRUE(ledger->begin(era));
        consensus::Proposal proposal;
        proposal.engine = ledger->tip().engine + 1;
        proposal.time_ms = clock_.now_ms();
        const auto outcome = ledger->finalise(proposal);
        const Bytes vouched = certificate_signed_bytes(world_.net.network, era.era, outcome.height, outcome.app_hash);
        (void)ledger->commit(Certificate{OperatorCertificate{Signer::of(by.public_key()), by.sign(vouched)}});
    }
    /// By vote of hospital B, the payer and the regulator.
    void pass(const governance::Action& action) {
        const governance::Proposal proposal{action, world_.now_ms + kHourMs, {}};
        ASSERT_TRUE(send({world_.by(world_.net.hospital_b, governance::Payload{governance::Propose{proposal}})})[0]);
        for (const auto* voter : {&world_.net.payer, &world_.net.regulator}) {
            const auto vote = world_.by(*voter, governance::Payload{governance::Vote{proposal.id(), true}});
            ASSERT_EQ(send({vote})[0].value().receipt.code, 0U);
        }
    }

    testkit::World world_;
    const crypto::SigningKey* operator_ = &world_.net.operator_key;
    std::vector<const crypto::SigningKey*> members_{&world_.net.hospital_a.key};
    testing::ManualClock clock_;
    testing::RealThreads threads_;
    testing::InlineExecutor executor_;
    testing::DyingProcess process_;
    EmbeddedLedger::Limits limits_;
    Gate gate_;
    store::MemoryDisk disk_;
    bool founded_ = false;
    std::unique_ptr<RunningLedger> running_;
};

TEST_F(SubmissionTest, AnswersEachFromTheCommittedBlockInItsOrder) {
    const auto answer = send({file(5), file(4), file(6)});
    ASSERT_EQ(answer.size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(answer[i]);
        EXPECT_EQ(answer[i]->height, 1U);
        EXPECT_EQ(answer[i]->index, i) << "a client's order is kept";
        EXPECT_EQ(answer[i]->receipt.code, i == 1 ? static_cast<std::uint32_t>(ErrorCode::kAuditInterval) : 0U);
    }
    const auto view = service().view();
    EXPECT_EQ(view->header().height, 1U);
    ASSERT_TRUE(view->certificate());
    EXPECT_TRUE(check_certificate(*view->certificate(), view->header(), service().eras().back()));
    EXPECT_EQ(service().find(answer[2]->id).value()->index, 2U);
    EXPECT_EQ(service().block(1).value().receipts.size(), 3U);
}

TEST_F(SubmissionTest, SaysNothingBeforeTheBlockIsSynced) {
    service();
    std::vector<Height> seen;
    service().on_block([&](const Block& block) { seen.push_back(block.header.height); });
    gate_syncs();
    const auto transaction = file(1);
    auto answer = submit({transaction});
    EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    EXPECT_EQ(service().view()->header().height, 0U);
    EXPECT_EQ(service().find(transaction.id).value(), std::nullopt);
    EXPECT_EQ(service().block(1).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(seen.empty());
    gate_.open();
    EXPECT_TRUE(answer.get().front());
    EXPECT_EQ(service().view()->header().height, 1U);
    running_.reset();
    EXPECT_EQ(seen, std::vector<Height>{1});
}

/// Orders at once; certificates come when the test says so.
class LateEngine final : public consensus::Engine {
public:
    LateEngine(const WallClock& clock, const testkit::World& world) : clock_(clock), world_(world) {}
    Status start(consensus::Ledger& ledger) override {
        ledger_ = &ledger;
        return {};
    }
    Result<void, consensus::Busy> submit(Bytes envelope) override {
        consensus::Proposal proposal;
        proposal.engine = ledger_->tip().engine + 1;
        proposal.time_ms = clock_.now_ms();
        proposal.envelopes = {envelope};
        last_ = ledger_->finalise(proposal);
        ledger_->commit(std::nullopt);
        return {};
    }
    void certify() {
        const Bytes vouched = certificate_signed_bytes(world_.net.network, 1, last_.height, last_.app_hash);
        const auto& key = world_.net.operator_key;
        const OperatorCertificate certificate{Signer::of(key.public_key()), key.sign(vouched)};
        EXPECT_TRUE(ledger_->certified(last_.height, Certificate{certificate}));
    }
    [[nodiscard]] consensus::EngineStatus status() const override { return {true, 0, 1, {}}; }
    void stop() override {}

private:
    const WallClock& clock_;
    const testkit::World& world_;
    consensus::Ledger* ledger_ = nullptr;
    consensus::Outcome last_;
};

TEST_F(SubmissionTest, WhatAnotherNodeCarriedIsAnsweredAndFoundWithItsCertificateNotBefore) {
    const auto founding = founding_of(world_.net.genesis_bytes).value();
    LateEngine* engine = nullptr;
    const auto make_engine = [&](const Ledger&) -> Result<std::unique_ptr<consensus::Engine>> {
        auto made = std::make_unique<LateEngine>(clock_, world_);
        engine = made.get();
        return made;
    };
    running_ = RunningLedger::start(store::open_memory(disk_, &founding).value(), make_engine, members(),
                                    {clock_, clock_, executor_, threads_, process_}, limits_.submission)
                   .value();
    const auto transaction = file(1);
    ASSERT_TRUE(engine->submit(world_.envelope({transaction}, world_.net.hospital_b.key)));
    auto answer = submit({transaction});
    EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    EXPECT_EQ(service().status().height, 0U);
    EXPECT_EQ(service().find(transaction.id).value(), std::nullopt);
    EXPECT_EQ(service().block(1).error().code, ErrorCode::kNotFound);
    engine->certify();
    EXPECT_EQ(answer.get().front().value().height, 1U);
    EXPECT_EQ(service().status().height, 1U);
    EXPECT_TRUE(service().find(transaction.id).value());
    EXPECT_EQ(send({transaction}).front().value().height, 1U);
}

TEST_F(SubmissionTest, TellsWhyATransactionWasNotTaken) {
    auto malformed = file(1);
    malformed.bytes.back() ^= 1;
    world_.lifetime_ms = 0;
    const auto expired = file(1);
    world_.lifetime_ms = kWindowMs + 1;
    const auto future = file(1);
    world_.lifetime_ms = 1000;
    const auto stranger = file(1, testkit::organisation("Stranger"));
    const auto answer = send({malformed, file(1), expired, future, stranger});
    EXPECT_EQ(answer[0].error().code, ErrorCode::kMalformedSignature);
    EXPECT_TRUE(answer[1]) << "its neighbours do not matter";
    EXPECT_EQ(answer[2].error().code, ErrorCode::kInadmissibleExpired);
    EXPECT_EQ(answer[3].error().code, ErrorCode::kInadmissibleFuture);
    EXPECT_EQ(answer[4].error().code, ErrorCode::kInadmissibleSender);
}

TEST_F(SubmissionTest, AKnownIdAnswersTheReceiptThatItHas) {
    const auto once = file(1);
    const auto first = send({once, once});
    ASSERT_TRUE(first[0] && first[1]) << "twice in one array is one transaction";
    EXPECT_EQ(first[0]->height, first[1]->height);
    const auto again = send({once});
    ASSERT_TRUE(again[0]);
    EXPECT_EQ(again[0]->height, first[0]->height);
    EXPECT_EQ(again[0]->receipt, first[0]->receipt);
    running_.reset();
    clock_.set_wall_ms(once.body.valid_until_ms + 1);
    const auto late = send({once});
    ASSERT_TRUE(late[0]) << "also when it has expired, and after a start";
    EXPECT_EQ(late[0]->receipt, first[0]->receipt);
}

TEST_F(SubmissionTest, TakesAllOrNothing) {
    limits_.submission.transactions_max = 3;
    service();
    gate_syncs();
    auto first = submit({file(1), file(2)});
    const auto refused = send({file(3), file(4)});
    EXPECT_EQ(refused.front().error().code, ErrorCode::kBusy);
    auto one = submit({file(3)});
    EXPECT_EQ(send({file(1), file(1), file(1), file(1)}).front().error().code, ErrorCode::kTooLarge);
    gate_.open();
    for (const auto& answer : first.get()) EXPECT_TRUE(answer);
    EXPECT_TRUE(one.get().front());
    EXPECT_TRUE(send({file(5), file(6)}).front()) << "there is room again";
}

TEST_F(SubmissionTest, WaitsForTheEngineWhereItsQueueIsFull) {
    limits_.engine.envelopes_max = 1;
    std::vector<std::future<Answer>> answers;
    service();
    gate_syncs();
    for (std::uint64_t i = 1; i <= 40; ++i) answers.push_back(submit({file(i)}));
    gate_.open();
    for (auto& future : answers) {
        const auto answer = future.get();
        ASSERT_TRUE(answer.front());
        EXPECT_EQ(answer.front()->receipt.code, 0U) << "the order stays";
    }
}

/// Else one that sends much would be told to send again what its own node had put in one block.
TEST_F(SubmissionTest, WhatExceedsItsShareWaitsForALaterBlock) {
    pass(governance::SetParameter{governance::Parameter::kMemberBytesPerBlock, kTransactionBytesMax});
    const Height before = service().view()->header().height;
    gate_syncs();
    auto held = submit({file(1)});  // so that all that follows could stand in one block
    std::vector<Transaction> many;
    for (std::uint64_t i = 0; i < 4; ++i) {
        records::Append append{8000 * i, Bytes(32 * 8000), {}};
        many.push_back(world_.by(world_.net.hospital_a, records::Payload{append}));
    }
    many.push_back(file(1, world_.net.hospital_b));
    auto answers = submit(many);
    gate_.open();
    ASSERT_EQ(held.get()[0].value().receipt.code, 0U);
    std::map<Height, std::size_t> appends;
    const auto all = answers.get();
    for (const auto& one : all) {
        ASSERT_TRUE(one) << one.error().to_string();
        EXPECT_EQ(one->receipt.code, 0U);
        if (one->receipt.contract == Contract::kRecords) ++appends[one->height];
    }
    for (const auto& [height, count] : appends) EXPECT_LE(count, 2U) << "256,000 bytes and some each";
    EXPECT_LE(all[4]->height, all[2]->height) << "another organisation's did not wait";
    EXPECT_GT(all[0]->height, before);
}

TEST_F(SubmissionTest, ANodeThatMayNotCarrySaysSo) {
    const auto nobody = testkit::signing_key("nobody");
    members_ = {&nobody};
    EXPECT_EQ(send({file(1)}).front().error().code, ErrorCode::kUnavailable);
}

TEST_F(SubmissionTest, AMemberThatIsSuspendedHoldsUpNobodyElse) {
    members_ = {&world_.net.hospital_a.key, &world_.net.payer.key};
    pass(governance::Suspend{world_.net.hospital_a.id()});
    EXPECT_EQ(send({file(1)})[0].error().code, ErrorCode::kInadmissibleSender);
    EXPECT_TRUE(send({file(1, world_.net.hospital_b)})[0]) << "another member carries it";
    pass(governance::Reinstate{world_.net.hospital_a.id()});
    EXPECT_TRUE(send({file(1)})[0]);
}

TEST_F(SubmissionTest, ARotatedKeyHoldsUpNobodyElse) {
    members_ = {&world_.net.hospital_a.key, &world_.net.payer.key};
    const auto next = testkit::signing_key("next");
    const identity::RotateKeys rotate{
        world_.net.hospital_a.id(), {testkit::account_key(next)}, {testkit::account_key(world_.net.hospital_a.key)}};
    ASSERT_EQ(send({world_.by(world_.net.hospital_a, identity::Payload{rotate}, {&next})})[0].value().receipt.code, 0U);
    EXPECT_TRUE(send({file(1, world_.net.hospital_b)})[0]);
}

TEST_F(SubmissionTest, ProofsUnderALaterEraShowWhoSignedIt) {
    ASSERT_TRUE(send({file(1)})[0]);
    const BlockHeader parent = service().view()->header();
    running_.reset();
    const auto successor = testkit::signing_key("successor");
    EraRecord era = world_.net.genesis.era;
    era.era = 2;
    era.first_height = parent.height + 1;
    era.parent_hash = parent.hash();
    era.validators.front().key = Signer::of(successor.public_key());
    for (const auto* member : {&world_.net.hospital_a, &world_.net.payer, &world_.net.regulator})
        sign_era(era, member->id(), member->key);
    open_era(era, successor);
    operator_ = &successor;
    const auto sent = send({file(2)});
    ASSERT_TRUE(sent[0]);
    auto builder = network::EvidenceBuilder::begin(service(), service().view()).value();
    ASSERT_TRUE(builder.transaction(sent[0]->id));
    const Evidence evidence = builder.take();
    EXPECT_EQ(evidence.header.era, 2U);
    const Verdict verdict = verify_evidence(evidence, world_.net.network, std::nullopt);
    EXPECT_TRUE(verdict.good);
    EXPECT_EQ(verdict.statements.at(1).text, "eras: 2 eras, each signed by the members it needs");
}

TEST_F(SubmissionTest, WaitsWhileTheClockIsBehindAndGoesOnWhenItIsRight) {
    clock_.set_wall_ms(world_.net.genesis.time_ms - 20'000);
    auto answer = submit({file(1)});
    while (service().status().queued == 0) std::this_thread::yield();
    EXPECT_TRUE(service().status().problem.starts_with("clock"));
    clock_.advance(std::chrono::milliseconds(20'000));
    EXPECT_TRUE(answer.get().front());
}

TEST_F(SubmissionTest, GivesUpWhatNoBlockTookLongAfterItsEnd) {
    clock_.set_wall_ms(world_.net.genesis.time_ms + 1000);
    service();
    clock_.set_wall_ms(clock_.now_ms() + 61'000);  // a jump: no block is made until somebody confirms it
    world_.now_ms = clock_.now_ms();
    auto answer = submit({file(1)});
    // Batches are judged in turn: once this one is answered, the transaction was admissible and waits for its block.
    // Judged only after its end it would be refused for good, as TellsWhyATransactionWasNotTaken shows.
    auto malformed = file(2);
    malformed.bytes.back() ^= 1;
    EXPECT_EQ(send({malformed}).front().error().code, ErrorCode::kMalformedSignature);
    clock_.set_wall_ms(clock_.now_ms() + world_.lifetime_ms + 30'001);
    EXPECT_EQ(answer.get().front().error().code, ErrorCode::kTimeout) << "no block has come that could tell";
    EXPECT_TRUE(service().status().problem.starts_with("clock"));
}

TEST_F(SubmissionTest, ShowsAsManyEarlierVersionsAtOnceAsItMay) {
    ASSERT_TRUE(send({file(1)})[0]);
    std::vector<std::shared_ptr<const network::LedgerView>> views;
    auto view = service().view_at(0);
    for (; view && views.size() < 100; view = service().view_at(0)) views.push_back(*view);
    EXPECT_EQ(view.error().code, ErrorCode::kBusy);
    EXPECT_EQ(views.size(), 8U);
    views.pop_back();
    EXPECT_TRUE(service().view_at(0));
    EXPECT_TRUE(service().view_at(1)) << "the newest is no earlier one";
}

TEST_F(SubmissionTest, WhoeverWaitsWhenTheNodeStopsIsTold) {
    clock_.set_wall_ms(world_.net.genesis.time_ms - 20'000);
    auto answer = submit({file(1)});
    while (service().status().queued == 0) std::this_thread::yield();
    running_.reset();
    EXPECT_EQ(answer.get().front().error().code, ErrorCode::kUnavailable);
}

TEST_F(SubmissionTest, ShowsEarlierVersionsAndTimes) {
    ASSERT_TRUE(send({file(1)}).front());
    clock_.advance(std::chrono::milliseconds(500));
    ASSERT_TRUE(send({file(2)}).front());
    EXPECT_EQ(service().view_at(1).value()->header().height, 1U);
    EXPECT_TRUE(service().view_at(1).value()->certificate());
    EXPECT_EQ(service().view_at(0).value()->header().height, 0U);
    EXPECT_EQ(service().view_at(3).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(service().decision_time_ms(), clock_.now_ms());
    clock_.set_wall_ms(clock_.now_ms() - 5000);
    EXPECT_EQ(service().decision_time_ms(), service().view()->header().time_ms);
    EXPECT_EQ(service().genesis().network_id(), world_.net.network);
    EXPECT_EQ(service().genesis_bytes(), world_.net.genesis_bytes);
    EXPECT_EQ(service().status().problem, "");
}

}  // namespace
}  // namespace salus::node
