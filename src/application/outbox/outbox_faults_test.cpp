#include <gtest/gtest.h>

#include "application/testing/house.hpp"
#include "model/contracts/audit.hpp"

/// What the outbox does when disk, ledger or signers are not as they should be.
namespace salus::application {
namespace {

using testing::Fault;
using testing::House;
using testing::TestLedger;
using namespace std::chrono_literals;

struct OutboxFaultsTest : ::testing::Test {
    TestLedger ledger;
    House house{ledger};
    std::vector<Settled> settled;

    void SetUp() override { listen(); }
    void listen() {
        house.outbox->on_settled("test", [this](Writing&, const Bytes&, const Settled& how) -> Status {
            settled.push_back(how);
            return {};
        });
    }
    static Filing root(std::uint64_t interval) {
        Filing out;
        out.topic = "test";
        out.contract = Contract::kAudit;
        out.payload = codec::encode(audit::Payload{audit::FileRoot{interval, {}}});
        return out;
    }
    /// Beside the organisation's key another's, as a wallet's.
    Transaction signed_by_two(TimeMs valid_until_ms) {
        TransactionBody body;
        body.network_id = ledger.net().network;
        body.sender = house.party.sender();
        body.valid_until_ms = valid_until_ms;
        body.contract = Contract::kAudit;
        body.payload = root(1).payload;
        return sign(std::move(body), {&house.party.key, &ledger.net().hospital_b.key});
    }
    ErrorCode file(Filing filing, std::chrono::milliseconds patience = 30s) {
        const auto filed = house.outbox->file_and_wait(std::move(filing), patience);
        return filed ? ErrorCode::kOk : filed.error().code;
    }
    void run(std::string_view sql) {
        ASSERT_TRUE(house.database->transaction([&](Writing& writing) { return writing.run(sql); }));
    }
    std::uint64_t waiting() { return house.outbox->waiting("test").value(); }
};

TEST_F(OutboxFaultsTest, WhatOthersSignedForTooLongIsNotStored) {
    const TimeMs now_ms = ledger.decision_time_ms();
    Filing far = root(1);
    far.presigned = signed_by_two(now_ms + kWindowMs + 1);
    EXPECT_EQ(file(std::move(far)), ErrorCode::kInadmissibleFuture);
    EXPECT_EQ(waiting(), 0U);
    Filing latest = root(1);
    latest.presigned = signed_by_two(now_ms + kWindowMs);
    EXPECT_NE(file(std::move(latest)), ErrorCode::kInadmissibleFuture) << "to the end of the window";
}

TEST_F(OutboxFaultsTest, AStoredEntryThatEndsInYearsDoesNotKeepTheNodeFromStarting) {
    ledger.inject(Fault::kBusy, 1'000'000);
    ASSERT_EQ(file(root(1), 100ms), ErrorCode::kTimeout);
    const Transaction far = signed_by_two(ledger.decision_time_ms() + 10 * 365 * 24 * kHourMs);
    ASSERT_TRUE(house.database->transaction([&](Writing& writing) {
        return writing.run("UPDATE outbox SET transaction_id = :id, bytes = :bytes, valid_until_ms = :until", far.id,
                           far.bytes, far.body.valid_until_ms);
    }));
    ledger.inject(Fault::kNone, 0);
    house.restart();
    listen();
    EXPECT_TRUE(house.repair());
    EXPECT_EQ(waiting(), 0U);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, Settled::How::kRefused);
    EXPECT_EQ(settled[0].error.code, ErrorCode::kInadmissibleFuture);
}

TEST_F(OutboxFaultsTest, WhatIsDecidedButCannotBeWrittenDownIsLeftToThePump) {
    run("CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END");
    EXPECT_EQ(file(root(1)), ErrorCode::kTimeout) << "not an error that says: nothing was stored";
    EXPECT_EQ(waiting(), 1U);
    run("DROP TRIGGER full");
    house.outbox->pump();
    house.outbox->pump();
    EXPECT_EQ(waiting(), 0U);
    ASSERT_EQ(settled.size(), 1U);
    EXPECT_EQ(settled[0].how, Settled::How::kFiled);
}

TEST_F(OutboxFaultsTest, OneEntryThatCannotBeSettledHoldsUpNoOther) {
    house.outbox->on_settled("stuck", [](Writing&, const Bytes&, const Settled&) -> Status {
        return fail(ErrorCode::kCorrupt, "its row is lost");
    });
    Filing stuck = root(1);
    stuck.topic = "stuck";
    stuck.kind = FilingKind::kMustFile;
    Filing good = root(2);
    good.kind = FilingKind::kMustFile;
    ASSERT_TRUE(house.outbox->must_file(std::move(stuck)));
    ASSERT_TRUE(house.outbox->must_file(std::move(good)));
    house.outbox->pump();
    house.outbox->pump();
    EXPECT_EQ(waiting(), 0U);
    EXPECT_EQ(house.outbox->waiting("stuck").value(), 1U);
}

TEST_F(OutboxFaultsTest, ANumberIsNotGivenAgainWhenItsTransactionIsUndone) {
    std::optional<std::uint64_t> undone;
    Filing first = root(1);
    first.also = [&](Writing& writing) -> Status {
        SALUS_TRY(undone, writing.query_value<std::uint64_t>("SELECT MAX(id) FROM outbox"));
        return fail(ErrorCode::kConflict, "the request id is known");
    };
    ASSERT_EQ(file(std::move(first)), ErrorCode::kConflict);
    ASSERT_TRUE(undone);
    const auto second = house.outbox->must_file(root(2));
    ASSERT_TRUE(second);
    EXPECT_GT(*second, *undone);
}

TEST_F(OutboxFaultsTest, AnAnswerThatNeverComesIsLookedForOnTheChain) {
    ledger.inject(Fault::kSilent, 1);
    EXPECT_EQ(file(root(1), 20s), ErrorCode::kOk);
    EXPECT_EQ(waiting(), 0U);
}

TEST_F(OutboxFaultsTest, AnAppendIsNotPlannedWhileTheOneBeforeItIsNotWrittenDown) {
    const auto write = [&](const std::string& id) {
        const auto subject = testkit::id_of<SubjectId>(id);
        SALUS_CHECK(house.keys->create_subjects(std::vector{subject}));
        Write out;
        out.subjects = {{subject, id}};
        out.versions = {{"Patient", id, 1, subject, RecordOp::kCreate, 1'000, {}, to_bytes("{}"), {}}};
        const auto placed = house.anchor->write_one(std::move(out));
        return placed ? ErrorCode::kOk : placed.error().code;
    };
    run("CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END");
    EXPECT_EQ(write("p1"), ErrorCode::kTimeout);
    EXPECT_EQ(write("p2"), ErrorCode::kUnavailable) << "it stays where it is, and is sent again";
    run("DROP TRIGGER full");
    house.outbox->pump();
    EXPECT_EQ(write("p3"), ErrorCode::kOk);
    EXPECT_TRUE(house.vault->find_version("Patient", "p1")->has_value()) << "what stands on the chain is there";
    EXPECT_FALSE(house.vault->find_version("Patient", "p2")->has_value());
    EXPECT_TRUE(house.repair()) << "vault and chain agree";
}

}  // namespace
}  // namespace salus::application
