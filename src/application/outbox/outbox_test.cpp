#include "application/outbox/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "application/testing/house.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"

namespace salus::application {
namespace {

using testing::Fault;
using testing::House;
using testing::TestLedger;
using namespace std::chrono_literals;

struct OutboxTest : ::testing::Test {
    TestLedger ledger;
    House house{ledger};
    std::vector<Settled> settled;

    void SetUp() override { listen(); }
    void listen() {
        house.outbox->on_settled("test", [this](Writing&, const Bytes& reference, const Settled& how) -> Status {
            EXPECT_EQ(as_text(reference), "reference");
            settled.push_back(how);
            return {};
        });
    }
    void restart() {
        house.restart();
        listen();
    }
    static Filing root(std::uint64_t interval, FilingKind kind) {
        Filing out;
        out.kind = kind;
        out.topic = "test";
        out.reference = to_bytes("reference");
        out.contract = Contract::kAudit;
        out.payload = codec::encode(audit::Payload{audit::FileRoot{interval, {}}});
        return out;
    }
    /// Two looks: what the first sends, the second settles.
    void pump() {
        house.outbox->pump();
        house.outbox->pump();
    }
    std::uint64_t waiting() { return house.outbox->waiting("test").value(); }
    std::optional<Bytes> stored(std::string_view column) {
        return house.database
            ->read([&](Reading& reading) {
                return reading.query_value<Bytes>("SELECT " + std::string(column) + " FROM outbox");
            })
            .value();
    }
    std::uint64_t newest() {
        const auto state =
            read_value<audit::AuditState>(*ledger.view(), Contract::kAudit, audit::audit_key(house.id)).value();
        return state ? state->interval : 0;
    }
    ErrorCode file(Filing filing, std::chrono::milliseconds patience = 30s) {
        const auto filed = house.outbox->file_and_wait(std::move(filing), patience);
        return filed ? ErrorCode::kOk : filed.error().code;
    }
};

TEST_F(OutboxTest, ADutyIsSentByThePumpAndSettledOnce) {
    ASSERT_TRUE(house.outbox->must_file(root(1, FilingKind::kMustFile)));
    EXPECT_EQ(newest(), 0U) << "nothing leaves before the pump";
    EXPECT_EQ(waiting(), 1U);
    pump();
    EXPECT_EQ(newest(), 1U);
    EXPECT_EQ(waiting(), 0U);
    pump();
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, Settled::How::kFiled);
    EXPECT_EQ(settled[0].submitted->receipt.code, 0U);
}

TEST_F(OutboxTest, ADutyIsSignedAnewOnlyAfterItsLastCopyHasExpired) {
    ledger.inject(Fault::kLost, 1'000'000);
    ASSERT_TRUE(house.outbox->must_file(root(1, FilingKind::kMustFile)));
    pump();
    const auto first = stored("bytes");
    ledger.pass(30'000);
    pump();
    EXPECT_EQ(stored("bytes"), first) << "while a copy may still stand there is one";
    ledger.pass(30'000);
    pump();
    EXPECT_NE(stored("bytes"), first);
    restart();
    ledger.inject(Fault::kNone, 0);
    pump();
    EXPECT_EQ(newest(), 1U);
    ASSERT_EQ(settled.size(), 1U) << "expiring settles no duty";
    EXPECT_EQ(settled[0].how, Settled::How::kFiled);
}

TEST_F(OutboxTest, ADutyWhoseAnswerWasLostIsFoundInTheChain) {
    ledger.inject(Fault::kAnswerLost);
    ASSERT_TRUE(house.outbox->must_file(root(1, FilingKind::kMustFile)));
    pump();
    EXPECT_EQ(waiting(), 0U);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, Settled::How::kFiled);
    EXPECT_EQ(ledger.submissions(), 1U) << "it is not sent again";
}

TEST_F(OutboxTest, ADutyThatItsContractRefusesIsSettledSo) {
    ASSERT_EQ(file(root(5, FilingKind::kWrite)), ErrorCode::kOk);
    settled.clear();
    ASSERT_TRUE(house.outbox->must_file(root(5, FilingKind::kMustFile)));
    pump();
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, Settled::How::kRefused);
    EXPECT_EQ(settled[0].error.code, ErrorCode::kAuditInterval);
    EXPECT_EQ(waiting(), 0U);
}

TEST_F(OutboxTest, ASuspendedOrganisationsDutiesWaitAndItsWritesDoNot) {
    ledger.suspend(house.party);
    EXPECT_EQ(file(root(1, FilingKind::kWrite)), ErrorCode::kInadmissibleSender);
    ASSERT_TRUE(house.outbox->must_file(root(2, FilingKind::kMustFile)));
    pump();
    pump();
    EXPECT_EQ(waiting(), 1U);
    EXPECT_EQ(settled.size(), 1U);
}

TEST_F(OutboxTest, AWriteThatNobodyTakesIsSentAgainAndRollsBackOnceItHasExpired) {
    ledger.inject(Fault::kLost, 1'000'000);
    std::thread writer([&] { EXPECT_EQ(file(root(1, FilingKind::kWrite)), ErrorCode::kTimeout); });
    while (ledger.submissions() < 2) std::this_thread::yield();
    EXPECT_EQ(waiting(), 1U);
    ledger.pass(60'000);
    writer.join();
    EXPECT_EQ(waiting(), 0U);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, Settled::How::kExpired);
    EXPECT_EQ(newest(), 0U);
}

TEST_F(OutboxTest, WhoLosesPatienceLeavesItToThePump) {
    ledger.inject(Fault::kBusy, 1'000'000);
    EXPECT_EQ(file(root(1, FilingKind::kWrite), 60ms), ErrorCode::kTimeout);
    EXPECT_EQ(waiting(), 1U);
    EXPECT_TRUE(settled.empty());
    ledger.inject(Fault::kNone, 0);
    pump();
    EXPECT_EQ(newest(), 1U);
    EXPECT_EQ(settled.size(), 1U);
}

TEST_F(OutboxTest, AnErrorBesideTheEntryUndoesBoth) {
    Filing filing = root(1, FilingKind::kWrite);
    filing.also = [](Writing&) -> Status { return fail(ErrorCode::kConflict, "no"); };
    EXPECT_EQ(file(std::move(filing)), ErrorCode::kConflict);
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(ledger.submissions(), 0U);
    const auto in_a_transaction = house.database->transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(house.outbox->must_file(writing, root(2, FilingKind::kMustFile)));
        return fail(ErrorCode::kConflict, "no");
    });
    EXPECT_EQ(in_a_transaction.error().code, ErrorCode::kConflict);
    EXPECT_EQ(waiting(), 0U);
}

TEST_F(OutboxTest, AnEndThatHasPassedStoresNothing) {
    Filing filing = root(1, FilingKind::kWrite);
    filing.valid_until_ms = ledger.decision_time_ms();
    EXPECT_EQ(file(std::move(filing)), ErrorCode::kTimeout);
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(ledger.submissions(), 0U);
    filing = root(1, FilingKind::kWrite);
    filing.valid_until_ms = ledger.decision_time_ms() + 1;
    EXPECT_EQ(file(std::move(filing)), ErrorCode::kOk);
}

TEST_F(OutboxTest, WhatOthersHaveSignedTooIsSentAsItIs) {
    const auto wallet = testkit::signing_key("wallet");
    testkit::World elsewhere;  // of the same network and time
    const auto grant = testkit::id_of<GrantId>("grant");
    const TimeMs end_ms = (elsewhere.now_ms / kHourMs + 2) * kHourMs;
    Filing filing;
    filing.topic = "test";
    filing.reference = to_bytes("reference");
    filing.presigned = elsewhere.by(
        house.party, consent::Payload{consent::Create{grant, Signer::of(wallet.public_key()), {}, end_ms}}, {&wallet});
    const Bytes bytes = filing.presigned->bytes;
    const TxId id = filing.presigned->id;
    EXPECT_EQ(file(std::move(filing)), ErrorCode::kOk);
    const auto place = ledger.find(id).value();
    ASSERT_TRUE(place);
    EXPECT_EQ(ledger.block(place->height)->transactions[place->index], bytes);
}

TEST_F(OutboxTest, AfterAStopNothingIsTakenAndNothingLost) {
    ASSERT_TRUE(house.outbox->must_file(root(1, FilingKind::kMustFile)));
    house.outbox->stop();
    pump();
    EXPECT_EQ(newest(), 0U);
    EXPECT_EQ(file(root(2, FilingKind::kWrite)), ErrorCode::kUnavailable);
    restart();
    ASSERT_TRUE(house.repair());
    EXPECT_EQ(newest(), 1U);
    EXPECT_EQ(settled.size(), 1U);
}

TEST_F(OutboxTest, AStartSaysWhatItRepairedAndNothingWhereNothingWasLeft) {
    ASSERT_TRUE(house.outbox->must_file(root(1, FilingKind::kMustFile)));
    restart();
    ::testing::internal::CaptureStderr();
    ASSERT_TRUE(house.repair());
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                ::testing::HasSubstr("0 stood on the chain, 1 sent and stand now, 0 undone, 0 still to be filed"));
    ::testing::internal::CaptureStderr();
    ASSERT_TRUE(house.repair());
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(OutboxTest, ADutyDoesNotKeepTheHouseClosed) {
    ASSERT_TRUE(house.outbox->must_file(root(1, FilingKind::kMustFile)));
    restart();
    ledger.inject(Fault::kBusy, 1'000'000);
    EXPECT_TRUE(house.repair());
    EXPECT_EQ(waiting(), 1U);
}

}  // namespace
}  // namespace salus::application
