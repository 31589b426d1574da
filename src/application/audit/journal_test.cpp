#include "application/audit/journal.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "application/testing/hospital.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/audit.hpp"

namespace salus::application {
namespace {

struct JournalTest : ::testing::Test, testing::Hospital {
    static AuditEntry read_of(const std::vector<SubjectId>& subjects, AuditAction action = AuditAction::kRead) {
        AuditEntry out;
        out.action = action;
        out.subjects = subjects;
        return out;
    }
    void file(const AuditEntry& entry) { ASSERT_TRUE(journal->record(entry)); }
    std::vector<std::uint64_t> numbers(const AuditQuery& query) {
        std::vector<std::uint64_t> out;
        const auto records = journal->list(query).value();
        for (const AuditRecord& record : records) out.push_back(record.number);
        return out;
    }
    /// To the end of the interval, whose root is then filed. Its block takes a second of the next one.
    void pass_interval() {
        ledger.idle(journal->interval_ms() - now() % journal->interval_ms());
        tick();
    }
    std::uint64_t roots_on_chain() {
        const auto state =
            read_value<audit::AuditState>(*ledger.view(), Contract::kAudit, audit::audit_key(stores.id)).value();
        return state ? state->log.count : 0;
    }
    const SubjectId one = testkit::id_of<SubjectId>("one");
    const SubjectId two = testkit::id_of<SubjectId>("two");
};

TEST_F(JournalTest, EventsAreNumberedFromOneAndOutliveTheProcess) {
    AuditEntry entry = read_of({one});
    entry.entities = {"Observation/1/_history/2"};
    entry.purpose = Purpose::kTreat;
    file(entry);
    file(read_of({two}));
    restart();
    const auto records = journal->list({}).value();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].number, 2U) << "newest first";
    EXPECT_EQ(records[1].entities, entry.entities);
    EXPECT_EQ(entry_of(records[1]).purpose, Purpose::kTreat);
    file(read_of({}));
    EXPECT_EQ(journal->list({}).value().front().number, 3U);
}

TEST_F(JournalTest, WhatOneRequestAccessedIsRecordedTogetherAndToldOnceItStands) {
    file(read_of({one}));
    std::size_t told = 0;
    journal->record_then({read_of({one}), read_of({two})}, [&](const Status& status) {
        ++told;
        EXPECT_TRUE(status);
    });
    EXPECT_EQ(told, 1U);
    AuditQuery of_one;
    of_one.subject = one;
    EXPECT_EQ(numbers(of_one), (std::vector<std::uint64_t>{2, 1}));
    EXPECT_EQ(numbers({}), (std::vector<std::uint64_t>{3, 2, 1}));
}

/// Those that come while others are written wait together; none is told before it stands, and none is forgotten.
TEST_F(JournalTest, ManyAtOnceAreEachToldOnceAndNumberedWithoutAGap) {
    constexpr std::uint64_t kEach = 50;
    std::atomic<std::uint64_t> told{0};
    {
        std::vector<std::jthread> readers;
        for (int reader = 0; reader < 4; ++reader)
            readers.emplace_back([&] {
                for (std::uint64_t i = 0; i < kEach; ++i)
                    journal->record_then({read_of({one}), read_of({})},
                                         [&](const Status& status) { told += status ? 1U : 0U; });
            });
    }
    EXPECT_EQ(told, 4 * kEach);
    AuditQuery all;
    all.count = 1000;
    const auto found = numbers(all);
    ASSERT_EQ(found.size(), 8 * kEach);
    EXPECT_EQ(found.front(), 8 * kEach);
    EXPECT_EQ(found.back(), 1U);
}

TEST_F(JournalTest, AnEventOfManyPatientsStandsInEachOnesList) {
    file(read_of({one, two}, AuditAction::kSearch));
    file(read_of({two}));
    file(read_of({}));
    AuditQuery of_one;
    of_one.subject = one;
    EXPECT_EQ(numbers(of_one), (std::vector<std::uint64_t>{1}));
    AuditQuery of_two;
    of_two.subject = two;
    EXPECT_EQ(numbers(of_two), (std::vector<std::uint64_t>{2, 1}));
    of_two.actions = {AuditAction::kRead, AuditAction::kVread};
    EXPECT_EQ(numbers(of_two), (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(numbers({}), (std::vector<std::uint64_t>{3, 2, 1}));
}

TEST_F(JournalTest, AListIsBoundedByTimesNumbersAndCount) {
    const TimeMs begin = now();
    for (int i = 0; i < 4; ++i) {
        file(read_of({one}));
        ledger.idle(10);
    }
    AuditQuery query;
    query.from_ms = begin + 10;
    query.until_ms = begin + 30;
    EXPECT_EQ(numbers(query), (std::vector<std::uint64_t>{3, 2})) << "from is in, until is not";
    query = {};
    query.count = 3;
    EXPECT_EQ(numbers(query), (std::vector<std::uint64_t>{4, 3, 2}));
    query.before = 2;
    EXPECT_EQ(numbers(query), (std::vector<std::uint64_t>{1}));
}

TEST_F(JournalTest, EveryIntervalHasOneLeafBusyOrIdle) {
    pass_interval();
    const std::uint64_t begun = roots_on_chain();
    for (std::uint64_t i = 1; i <= 3; ++i) {
        if (i == 2)
            for (int event = 0; event < 5; ++event) file(read_of({one}));
        pass_interval();
        EXPECT_EQ(roots_on_chain(), begun + i);
        tick();
        EXPECT_EQ(roots_on_chain(), begun + i) << "once";
    }
}

TEST_F(JournalTest, AnEventIsProvenUnderTheLeafOnTheChain) {
    for (int i = 0; i < 5; ++i) file(read_of({one}));
    EXPECT_EQ(journal->prove(3).error().code, ErrorCode::kUnavailable) << "its interval is not over";
    EXPECT_EQ(journal->prove(6).error().code, ErrorCode::kNotFound);
    pass_interval();
    pass_interval();
    for (std::uint64_t number = 1; number <= 5; ++number) {
        const AuditProof proof = journal->prove(number).value();
        EXPECT_EQ(proof.record.number, number);
        EXPECT_TRUE(check_inclusion(proof.record.hash(), number - proof.root.first, proof.root.count, proof.path,
                                    proof.root.events_root));
        EXPECT_EQ(proof.root.leaf, audit::audit_leaf(proof.root.salt, proof.root.interval, proof.root.events_root));
        EXPECT_EQ(ledger.view()->log(Contract::kAudit, stores.id)->node(0, *proof.root.log_index).value(),
                  proof.root.leaf);
    }
}

TEST_F(JournalTest, AfterDowntimeOneLeafCoversTheGap) {
    pass_interval();
    const std::uint64_t begun = roots_on_chain();
    file(read_of({one}));
    ledger.pass(100 * journal->interval_ms());
    restart();
    tick();
    EXPECT_EQ(roots_on_chain(), begun + 1);
    EXPECT_TRUE(journal->prove(1));
}

TEST_F(JournalTest, ARootThatExpiredIsFiledAnewUnderTheSameLeaf) {
    file(read_of({one}));
    ledger.pass(journal->interval_ms());
    ledger.inject(testing::Fault::kLost, 1'000'000);
    tick();
    ledger.pass(61'000);
    file(read_of({two}));
    tick();
    EXPECT_EQ(roots_on_chain(), 0U);
    ledger.inject(testing::Fault::kNone, 0);
    tick();
    EXPECT_EQ(roots_on_chain(), 1U);
    EXPECT_TRUE(journal->prove(1));
    EXPECT_EQ(journal->prove(2).error().code, ErrorCode::kUnavailable) << "roots are filed one at a time";
}

TEST_F(JournalTest, TimesRiseWithTheNumbersThoughTheClockGoesBack) {
    file(read_of({one}));
    ledger.idle(TimeMs{0} - 500);
    file(read_of({one}));
    const auto records = journal->list({}).value();
    EXPECT_EQ(records[0].time_ms, records[1].time_ms);
}

TEST_F(JournalTest, WhatIsStoredIsSealedAndARowThatWasChangedIsFound) {
    AuditEntry entry = read_of({one});
    entry.detail = "a telling word";
    file(entry);
    const auto sealed = stores.database->read(
        [](Reading& reading) { return reading.query_value<Bytes>("SELECT sealed FROM audit_events"); });
    EXPECT_EQ(as_text(sealed->value()).find("telling"), std::string_view::npos);
    ASSERT_TRUE(stores.database->transaction([](Writing& writing) {
        return writing.run("UPDATE audit_events SET sealed = x'00000000000000010203' || zeroblob(40)");
    }));
    EXPECT_EQ(journal->list({}).error().code, ErrorCode::kCorrupt);
}

TEST(AuditRecord, HasAMultipleOf512BytesWhateverItSays) {
    for (std::size_t size = 0; size <= 1000; ++size) {
        AuditEntry entry;
        entry.action = AuditAction::kDecision;
        entry.outcome = std::string(size, 'x');
        EXPECT_EQ(codec::encode(make_record(entry, 1, 1, {})).size() % 512, 0U) << size;
    }
}

TEST(AuditRecord, CutsWhatIsTooLongAndNotThroughACharacter) {
    AuditEntry entry;
    entry.action = AuditAction::kDecision;
    entry.outcome = std::string(999, 'x') + "\xC3\xA9";
    const AuditRecord record = make_record(entry, 1, 1, {});
    EXPECT_EQ(record.outcome, std::string(999, 'x'));
    EXPECT_TRUE(codec::decode<AuditRecord>(codec::encode(record)));
}

}  // namespace
}  // namespace salus::application
