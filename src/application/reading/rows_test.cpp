#include "application/reading/rows.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "application/testing/hospital.hpp"
#include "model/login.hpp"

namespace salus::application {
namespace {

using testing::Fault;

struct RowsTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");

    DisclosureRow row_of(std::string_view request, const std::optional<TagPlace>& place) {
        DisclosureRow out;
        out.subject = subject;
        out.phase = place ? RowPhase::kUndecided : RowPhase::kLate;
        out.place = place;
        out.manifest.custodian = stores.id;
        out.manifest.requester = b.id();
        out.manifest.request_id = testkit::id_of<GrantId>(request).bytes;
        out.manifest.purpose = Purpose::kTreat;
        out.manifest.basis = Basis::kTreatment;
        out.manifest.policy_version = testkit::kPolicyVersion;
        out.reply = to_bytes("sealed");
        out.reply_until_ms = now() + kReplyKeptMs;
        return out;
    }
    ErrorCode file(const DisclosureRow& row) {
        const auto filed = rows->file(row);
        return filed ? ErrorCode::kOk : filed.error().code;
    }
    /// Takes the next place and files a row there.
    std::uint64_t file_next(std::string_view request) {
        const auto held = rows->claim(subject).value();
        const TagPlace place = rows->next(subject).value();
        EXPECT_EQ(file(row_of(request, place)), ErrorCode::kOk);
        return place.index;
    }
    DisclosureRow stored(std::string_view request) {
        return rows->find(b.id(), testkit::id_of<GrantId>(request).bytes).value().value();
    }
};

TEST_F(RowsTest, IndexesCountFromOneWithoutAGap) {
    EXPECT_EQ(file_next("a"), 1U);
    EXPECT_EQ(file_next("b"), 2U);
    restart();
    EXPECT_EQ(file_next("c"), 3U);
    const SubjectId other = patient("p2");
    EXPECT_EQ(rows->next(other)->index, 1U) << "each patient's list is its own";
    std::vector<std::uint64_t> listed;
    const auto stored_rows = rows->of_subject(subject).value();
    for (const DisclosureRow& row : stored_rows) listed.push_back(row.place->index);
    EXPECT_EQ(listed, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(RowsTest, ATakeOverOfTheWalletBeginsAnewUnderItsOwnKey) {
    const auto offer = [&](std::uint8_t words) {
        return make_bind_offer(crypto::Key256(ByteArray<32>{words}), ledger.net().network, stores.id, now());
    };
    ASSERT_TRUE(bindings->bind(subject, offer(1), "desk"));
    file_next("a");
    const TagPlace before = rows->next(subject).value();
    ASSERT_TRUE(bindings->bind(subject, offer(2), "desk"));
    const TagPlace after = rows->next(subject).value();
    EXPECT_EQ(after.epoch, before.epoch + 1);
    EXPECT_EQ(after.index, 1U);
    EXPECT_NE(after.tag, before.tag);
}

TEST_F(RowsTest, AnIndexThatTheChainKnowsIsSteppedOver) {
    // A vault that was restored from its backup has forgotten a row.
    disclosure::File forgotten;
    forgotten.tag = rows->next(subject)->tag;
    forgotten.policy_version = testkit::kPolicyVersion;
    ASSERT_EQ(ledger.send(stores.party, disclosure::Payload{forgotten}), ErrorCode::kOk);
    EXPECT_EQ(file_next("a"), 2U);
}

TEST_F(RowsTest, ARefusedRowFreesItsIndexAndItsRequest) {
    DisclosureRow refused = row_of("a", rows->next(subject).value());
    refused.manifest.policy_version = 9;
    EXPECT_EQ(file(refused), ErrorCode::kDisclosurePolicy);
    EXPECT_EQ(stored("a").phase, RowPhase::kFree);
    EXPECT_FALSE(stored("a").place);
    EXPECT_TRUE(stored("a").reply.empty()) << "it can never be sent";
    EXPECT_TRUE(rows->of_subject(subject)->empty());
    EXPECT_EQ(file_next("b"), 1U);
}

TEST_F(RowsTest, ThereIsOneUndecidedRowASubject) {
    ledger.inject(Fault::kLost, 1'000'000);
    const TagPlace place = rows->next(subject).value();
    std::thread filing([&] { EXPECT_EQ(file(row_of("a", place)), ErrorCode::kUnavailable); });
    while (stores.outbox->waiting("disclosure").value() == 0) std::this_thread::yield();
    EXPECT_EQ(rows->next(subject).error().code, ErrorCode::kBusy);
    EXPECT_EQ(rows->next(testkit::id_of<SubjectId>("p2"))->index, 1U) << "others do not wait";
    stores.outbox->stop();
    filing.join();
}

TEST_F(RowsTest, AClaimMakesAnotherOfTheSameSubjectWait) {
    std::optional held(rows->claim(subject).value());
    std::atomic<bool> taken = false;
    std::thread second([&] {
        const auto claim = rows->claim(subject);
        taken = claim.has_value();
    });
    EXPECT_TRUE(rows->claim(testkit::id_of<SubjectId>("p2"))) << "another's is free";
    EXPECT_FALSE(taken);
    held.reset();
    second.join();
    EXPECT_TRUE(taken);
}

TEST_F(RowsTest, ARequestIsFiledOnce) {
    file_next("a");
    DisclosureRow again = row_of("a", rows->next(subject).value());
    EXPECT_EQ(file(again), ErrorCode::kConflict);
    EXPECT_EQ(rows->of_subject(subject)->size(), 1U);
    EXPECT_EQ(stores.outbox->waiting("disclosure").value(), 0U) << "its entry went with it";
    EXPECT_FALSE(rows->find(ledger.net().payer.id(), again.manifest.request_id).value())
        << "ids are the requester's own";
}

TEST_F(RowsTest, LateRowsAreFiledInTurnWhenTheirTimeComes) {
    const auto late = [&](std::string_view request) {
        DisclosureRow row = row_of(request, std::nullopt);
        row.intent.emplace().key = Signer::of(stores.party.key.public_key());
        row.manifest.intent_height = 1;
        return row;
    };
    ledger.pass(0);
    ASSERT_TRUE(rows->keep_late(late("a")));
    ASSERT_TRUE(rows->keep_late(late("b")));
    EXPECT_EQ(rows->of_subject(subject)->size(), 2U) << "a late row stands in the list before it is filed";
    EXPECT_EQ(stored("a").reply, to_bytes("sealed"));
    tick();
    EXPECT_EQ(stored("a").phase, RowPhase::kFiled);
    EXPECT_EQ(stored("b").phase, RowPhase::kLate) << "one undecided row a subject";
    tick();
    EXPECT_EQ(stored("b").phase, RowPhase::kFiled);
    EXPECT_EQ(stored("b").place->index, 2U);
}

TEST_F(RowsTest, ARefusedLateRowBeginsAnew) {
    DisclosureRow row = row_of("a", std::nullopt);
    row.intent.emplace().key = Signer::of(stores.party.key.public_key());
    row.manifest.intent_height = 1'000'000;  // which the chain has not reached
    ASSERT_TRUE(rows->keep_late(row));
    tick();
    EXPECT_EQ(stored("a").phase, RowPhase::kLate);
    EXPECT_FALSE(stored("a").place);
    EXPECT_EQ(stored("a").reply, row.reply) << "its answer was given; it is kept for its time";
}

TEST_F(RowsTest, WhatIsKeptIsForgottenWithTimeOrDelivery) {
    file_next("a");
    EXPECT_EQ(stored("a").delivery, Delivery::kNotSent);
    ASSERT_TRUE(rows->mark(stored("a").number, Delivery::kUnconfirmed));
    EXPECT_EQ(stored("a").delivery, Delivery::kUnconfirmed);
    ASSERT_TRUE(rows->delivered(stored("a").number, {}));
    EXPECT_EQ(stored("a").delivery, Delivery::kDelivered);
    EXPECT_TRUE(stored("a").reply.empty());

    file_next("b");
    const TimeMs until = stored("b").reply_until_ms;
    ledger.idle(until - 1 - now());
    ASSERT_TRUE(rows->tick());
    EXPECT_FALSE(stored("b").reply.empty());
    ledger.idle(1);
    ASSERT_TRUE(rows->tick());
    EXPECT_TRUE(stored("b").reply.empty());
    EXPECT_TRUE(stored("b").place) << "the row stays";
}

}  // namespace
}  // namespace salus::application
