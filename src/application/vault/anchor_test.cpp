#include "application/vault/anchor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "application/testing/house.hpp"
#include "application/testing/older_ledger.hpp"
#include "application/vault/checkpoint.hpp"
#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/records.hpp"

namespace salus::application {
namespace {

using testing::Fault;
using testing::House;
using testing::TestLedger;

struct AnchorTest : ::testing::Test {
    TestLedger ledger;
    House house{ledger};

    SubjectId patient(std::string_view name) {
        const auto subject = testkit::id_of<SubjectId>(name);
        EXPECT_TRUE(house.keys->create_subjects(std::vector{subject}));
        return subject;
    }
    static NewVersion version(const SubjectId& subject, std::string type, std::string id, std::uint64_t number,
                              std::string_view body) {
        return {std::move(type),
                std::move(id),
                number,
                subject,
                number == 1 ? RecordOp::kCreate : RecordOp::kUpdate,
                1'000,
                {},
                to_bytes(body),
                {}};
    }
    /// Registers a patient with its Patient resource of that id.
    SubjectId registered(const std::string& id) {
        const auto subject = patient(id);
        Write write;
        write.subjects = {{subject, id}};
        write.versions = {version(subject, "Patient", id, 1, "{patient " + id + "}")};
        EXPECT_TRUE(house.anchor->write_one(std::move(write)));
        return subject;
    }
    Result<Placed> put(const SubjectId& subject, const std::string& id, std::uint64_t number, std::string_view body) {
        Write write;
        write.versions = {version(subject, "Observation", id, number, body)};
        return house.anchor->write_one(std::move(write));
    }
    std::optional<StoredResource> get(const std::string& id, std::optional<std::uint64_t> number = {}) {
        return house.vault->find("Observation", id, number).value();
    }
    LogFrontier chain_log() {
        const auto log =
            read_value<records::LogState>(*ledger.view(), Contract::kRecords, records::log_key(house.id)).value();
        return log.value_or(LogFrontier{});
    }
    std::uint64_t rows(std::string_view table) {
        return house.database
            ->read([&](Reading& reading) {
                return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM " + std::string(table));
            })
            ->value();
    }
    void expect_in_step() { EXPECT_EQ(house.vault->log_frontier().value(), chain_log()); }
};

TEST_F(AnchorTest, AWriteIsReadableOnceAnchoredAndItsLeafStandsInTheChain) {
    const auto subject = registered("p1");
    ASSERT_TRUE(put(subject, "o1", 1, "{one}"));
    const auto stored = get("o1");
    ASSERT_TRUE(stored);
    EXPECT_EQ(as_text(stored->body), "{one}");
    EXPECT_TRUE(stored->current);
    EXPECT_EQ(stored->version.seq, 1U) << "behind the Patient";
    const auto opened = house.vault->open_leaf(stored->version).value();
    EXPECT_EQ(opened.opening.content.digest, crypto::sha256(as_bytes("{one}")));
    const auto view = ledger.view();
    EXPECT_EQ(view->log(Contract::kRecords, house.id)->node(0, stored->version.leaf_index).value(),
              opened.opening.leaf());
    EXPECT_EQ(chain_log().count % 16, 0U);
    expect_in_step();
    EXPECT_EQ(house.vault->subject_of_patient("p1").value(), subject);
    EXPECT_EQ(house.vault->patient_of(subject).value(), "p1");
    EXPECT_FALSE(house.vault->subject_of_patient("p2").value());
}

TEST_F(AnchorTest, AnUpdateDeclaresTheVersionBeforeItSuperseded) {
    const auto subject = registered("p1");
    ASSERT_TRUE(put(subject, "o1", 1, "{one}"));
    const auto nullifier = house.vault->open_leaf(get("o1")->version)->nullifier;
    const auto superseded = [&] {
        return ledger.view()->get(Contract::kRecords, records::superseded_key(house.id, nullifier)).value().has_value();
    };
    EXPECT_FALSE(superseded());
    ASSERT_TRUE(put(subject, "o1", 2, "{two}"));
    EXPECT_TRUE(superseded());
    EXPECT_EQ(as_text(get("o1")->body), "{two}");
    EXPECT_EQ(as_text(get("o1", 1)->body), "{one}");
    EXPECT_FALSE(get("o1", 1)->current);
    EXPECT_FALSE(get("o1", 3));
    EXPECT_EQ(house.vault->history("Observation", "o1", 0, 10)->size(), 2U);
    EXPECT_EQ(house.vault->history("Observation", "o1", 2, 10)->size(), 1U);
    const auto two = house.vault->open_leaf(get("o1")->version).value();
    EXPECT_EQ(two.chain.previous, house.vault->find_version("Observation", "o1", 1).value()->leaf);
}

TEST_F(AnchorTest, TwoVersionsInOneWriteFollowEachOther) {
    const auto subject = registered("p1");
    ASSERT_TRUE(put(subject, "o1", 1, "{one}"));
    Write write;
    write.versions = {version(subject, "Observation", "o1", 2, "{two}"),
                      version(subject, "Observation", "o1", 3, "{three}")};
    ASSERT_TRUE(house.anchor->write_one(std::move(write)));
    EXPECT_EQ(as_text(get("o1")->body), "{three}");
    expect_in_step();
}

TEST_F(AnchorTest, AVersionThatDoesNotFollowFailsAloneAmongOthers) {
    const auto subject = registered("p1");
    std::vector<Write> writes(3);
    writes[0].versions = {version(subject, "Observation", "o1", 1, "{one}")};
    writes[1].versions = {version(subject, "Observation", "o2", 7, "{seven}")};
    writes[2].versions = {version(subject, "Observation", "o3", 1, "{three}")};
    const auto results = house.anchor->write(std::move(writes));
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].error().code, ErrorCode::kConflict);
    EXPECT_TRUE(results[2]);
    EXPECT_TRUE(get("o1") && get("o3"));
    EXPECT_FALSE(get("o2"));
    expect_in_step();
}

TEST_F(AnchorTest, WhatWaitsGoesIntoOneAppend) {
    const auto subject = registered("p1");
    const std::size_t before = ledger.submissions();
    std::vector<std::thread> threads;
    {
        const std::lock_guard closed(ledger.gate);
        for (int i = 0; i < 6; ++i)
            threads.emplace_back([&, i] { EXPECT_TRUE(put(subject, "o" + std::to_string(i), 1, "{x}")); });
        while (house.outbox->waiting("append").value() == 0) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    for (auto& thread : threads) thread.join();
    EXPECT_LE(ledger.submissions() - before, 3U);
    EXPECT_EQ(house.vault->count({{"Observation"}, {}, {}, {}}).value(), 6U);
    expect_in_step();
}

TEST_F(AnchorTest, ABusyOrForgetfulLedgerIsAskedAgainAndNothingStandsTwice) {
    const auto subject = registered("p1");
    for (const auto fault : {Fault::kBusy, Fault::kLost, Fault::kAnswerLost}) {
        ledger.inject(fault, 2);
        EXPECT_TRUE(put(subject, "o" + std::to_string(static_cast<int>(fault)), 1, "{x}"));
    }
    EXPECT_EQ(house.vault->count({{"Observation"}, {}, {}, {}}).value(), 3U);
    EXPECT_EQ(rows("outbox"), 0U);
    expect_in_step();
}

TEST_F(AnchorTest, AnAppendThatExpiresIsRolledBackWhollyAndTheNextOneStands) {
    const auto subject = registered("p1");
    const auto stray = patient("p2");
    ledger.inject(Fault::kLost, 1'000'000);
    std::atomic<bool> answered = false;
    std::thread writer([&] {
        Write write;
        write.subjects = {{stray, "p2"}};
        write.versions = {version(stray, "Patient", "p2", 1, "{p2}"),
                          version(subject, "Observation", "o1", 1, "{one}")};
        write.versions[0].tokens = {house.vault->token("identifier", "x|1")};
        write.request_id = "r1";
        const auto result = house.anchor->write_one(std::move(write));
        EXPECT_EQ(result.error().code, ErrorCode::kTimeout);
        answered = true;
    });
    while (house.outbox->waiting("append").value() == 0) std::this_thread::yield();
    EXPECT_FALSE(get("o1")) << "pending is not readable";
    EXPECT_FALSE(house.anchor->remembered("r1").value());
    ledger.pass(61'000);
    writer.join();
    ledger.inject(Fault::kNone, 0);
    for (std::string_view table : {"outbox", "tokens", "requests"}) EXPECT_EQ(rows(table), 0U) << table;
    for (std::string_view table : {"versions", "bodies", "resources", "appends"}) EXPECT_EQ(rows(table), 1U) << table;
    EXPECT_EQ(rows("subjects"), 2U) << "the organisation and p1";
    EXPECT_TRUE(put(subject, "o1", 1, "{again}"));
    expect_in_step();
}

TEST_F(AnchorTest, ARequestIdIsRememberedWithItsAnswer) {
    const auto subject = registered("p1");
    Write write;
    write.versions = {version(subject, "Observation", "o1", 1, "{one}")};
    write.request_id = "r1";
    write.request_answer = to_bytes("Observation/o1/_history/1");
    write.request_digest = crypto::sha256(as_bytes("asked"));
    ASSERT_TRUE(house.anchor->write_one(std::move(write)));
    const auto remembered = house.anchor->remembered("r1").value();
    ASSERT_TRUE(remembered);
    EXPECT_EQ(as_text(remembered->answer), "Observation/o1/_history/1");
    EXPECT_EQ(remembered->digest, crypto::sha256(as_bytes("asked")));
    EXPECT_FALSE(house.anchor->remembered("r2").value());
}

TEST_F(AnchorTest, TooMuchForOneTransactionIsRefusedAndTheLimitNamed) {
    const auto subject = registered("p1");
    Write write;
    for (int i = 0; i < 17'000; ++i)
        write.versions.push_back(version(subject, "Observation", "o" + std::to_string(i), 1, "{}"));
    const auto refused = house.anchor->write_one(std::move(write));
    EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
    EXPECT_NE(refused.error().message.find("524288"), std::string::npos) << refused.error().message;

    Write updates;
    for (int i = 0; i < 1'001; ++i)
        updates.versions.push_back(version(subject, "Observation", "o" + std::to_string(i), 2, "{}"));
    const auto too_many = house.anchor->write_one(std::move(updates));
    EXPECT_EQ(too_many.error().code, ErrorCode::kTooLarge);
    EXPECT_NE(too_many.error().message.find("1000"), std::string::npos) << too_many.error().message;
}

struct CrashTest : AnchorTest {
    SubjectId subject;
    void SetUp() override { subject = registered("p1"); }
    /// Writes o1, and ends the process before the ledger has taken it; or, `taken`, right after.
    void crash_in_the_middle(bool taken) {
        ledger.inject(Fault::kLost, 1'000'000);
        std::thread writer([&] { EXPECT_EQ(put(subject, "o1", 1, "{one}").error().code, ErrorCode::kUnavailable); });
        while (house.outbox->waiting("append").value() == 0) std::this_thread::yield();
        house.outbox->stop();
        writer.join();
        ledger.inject(Fault::kNone, 0);
        if (taken) {
            const auto bytes = house.database->read(
                [](Reading& reading) { return reading.query_value<Bytes>("SELECT bytes FROM outbox"); });
            ASSERT_TRUE(ledger.submit({bytes->value()}, [](auto) {}));
        }
        house.restart();
    }
};

TEST_F(CrashTest, AfterTheVaultAndBeforeTheChainItIsSentAgain) {
    crash_in_the_middle(false);
    EXPECT_FALSE(get("o1"));
    ASSERT_TRUE(house.repair());
    EXPECT_TRUE(get("o1"));
    EXPECT_EQ(chain_log().count, 32U);
    expect_in_step();
    EXPECT_TRUE(put(subject, "o2", 1, "{two}"));
}

TEST_F(CrashTest, AfterTheChainAndBeforeTheVaultItIsAnchored) {
    crash_in_the_middle(true);
    EXPECT_FALSE(get("o1"));
    ASSERT_TRUE(house.repair());
    EXPECT_TRUE(get("o1"));
    EXPECT_EQ(chain_log().count, 32U);
    expect_in_step();
    EXPECT_TRUE(put(subject, "o1", 2, "{two}"));
}

TEST_F(CrashTest, AfterItExpiredItIsRolledBack) {
    crash_in_the_middle(false);
    ledger.pass(61'000);
    ASSERT_TRUE(house.repair());
    EXPECT_FALSE(get("o1"));
    EXPECT_EQ(rows("versions"), 1U);
    expect_in_step();
    EXPECT_TRUE(put(subject, "o1", 1, "{again}"));
}

TEST_F(CrashTest, ALedgerThatDoesNotAnswerKeepsTheHouseClosed) {
    crash_in_the_middle(false);
    ledger.inject(Fault::kBusy, 1'000'000);
    EXPECT_EQ(house.repair().error().code, ErrorCode::kUnavailable);
}

/// Another chain is put under the vault.
struct RolledBackTest : AnchorTest {
    Status outbox_repair(network::LedgerService& chain) {
        auto outbox = Outbox::open({*house.database, chain, house.random, house.id, house.party.key}).value();
        return outbox->repair();
    }
    Status anchor_repair(network::LedgerService& chain) {
        auto outbox = Outbox::open({*house.database, chain, house.random, house.id, house.party.key}).value();
        return Anchor::open(*house.vault, *outbox, chain, house.random).value()->repair();
    }
    /// An audit root of the organisation, through its outbox: no leaf of its records.
    void file_root(std::uint64_t interval) {
        house.outbox->on_settled("root", [](Writing&, const Bytes&, const Settled&) { return Status{}; });
        Filing filing;
        filing.topic = "root";
        filing.contract = Contract::kAudit;
        filing.payload = codec::encode(audit::Payload{audit::FileRoot{interval, {}}});
        ASSERT_TRUE(house.outbox->file_and_wait(std::move(filing)));
    }
    Height kept() {
        return house.database->read([](Reading& reading) { return kept_checkpoint(reading); }).value()->height;
    }
    [[nodiscard]] Height tip() const { return ledger.view()->header().height; }
};

TEST_F(RolledBackTest, AChainThatIsBehindTheVaultIsRefused) {
    registered("p1");
    TestLedger younger;
    EXPECT_EQ(anchor_repair(younger).error().code, ErrorCode::kRolledBack);
    EXPECT_EQ(outbox_repair(younger).error().code, ErrorCode::kRolledBack);
}

TEST_F(RolledBackTest, AnOlderChainWithTheSameRecordsIsRefused) {
    registered("p1");
    const Height records = tip();
    file_root(1);
    ASSERT_EQ(kept(), tip());
    ASSERT_GT(tip(), records);
    testing::OlderLedger older(ledger, records);
    EXPECT_TRUE(anchor_repair(older)) << "by its leaves alone nothing is wrong with it";
    const Status refused = outbox_repair(older);
    ASSERT_EQ(refused.error().code, ErrorCode::kRolledBack);
    EXPECT_NE(refused.error().message.find("below block " + std::to_string(tip())), std::string::npos)
        << refused.error().message;
    EXPECT_TRUE(outbox_repair(ledger)) << "the chain itself, put back";
}

TEST_F(RolledBackTest, AnotherChainOfTheSameLengthIsRefused) {
    registered("p1");
    TestLedger other;
    while (other.view()->header().height <= tip()) other.pass(1'000);
    const Status refused = outbox_repair(other);
    ASSERT_EQ(refused.error().code, ErrorCode::kRolledBack);
    EXPECT_NE(refused.error().message.find("does not contain block " + std::to_string(kept())), std::string::npos)
        << refused.error().message;
}

TEST_F(RolledBackTest, ALowerBlockDoesNotReplaceTheCheckpoint) {
    registered("p1");
    file_root(1);
    const Height highest = kept();
    ASSERT_TRUE(house.database->transaction([&](Writing& writing) -> Status {
        SALUS_TRY(auto lower, kept_checkpoint(writing));
        --lower->height;
        return keep_checkpoint(writing, *lower);
    }));
    EXPECT_EQ(kept(), highest);
    ASSERT_TRUE(house.database->transaction([&](Writing& writing) -> Status {
        SALUS_TRY(auto later_era, kept_checkpoint(writing));
        ++later_era->era;
        --later_era->height;
        return keep_checkpoint(writing, *later_era);
    }));
    EXPECT_EQ(kept(), highest - 1) << "a later era is higher";
    EXPECT_EQ(outbox_repair(ledger).error().code, ErrorCode::kRolledBack) << "and the chain lacks it";
}

TEST_F(AnchorTest, ARestoredVaultNotesWhatItLostAndUsesNoSaltTwice) {
    const auto subject = registered("p1");
    ASSERT_TRUE(put(subject, "o1", 1, "{one}"));
    // What the lost vault went on to write: leaves, and the nullifier of o1's first version.
    records::Append lost;
    lost.first_index = chain_log().count;
    lost.leaves = Bytes(16 * 32, 7);
    lost.superseded = to_bytes(house.vault->open_leaf(get("o1")->version)->nullifier);
    ASSERT_EQ(ledger.send(house.party, records::Payload{lost}), ErrorCode::kOk);
    house.restart();
    ASSERT_TRUE(house.repair());
    EXPECT_EQ(rows("strays"), 16U);
    expect_in_step();
    ASSERT_TRUE(put(subject, "o1", 2, "{two}")) << "though its predecessor is superseded already";
    EXPECT_EQ(get("o1")->version.incarnation, 2U);
    EXPECT_TRUE(house.vault->open_leaf(get("o1")->version));
    expect_in_step();
}

TEST_F(AnchorTest, LeavesThatAnotherCopyAppendedMeanwhileAreSteppedOver) {
    const auto subject = registered("p1");
    records::Append other;
    other.first_index = chain_log().count;
    other.leaves = Bytes(16 * 32, 7);
    ASSERT_EQ(ledger.send(house.party, records::Payload{other}), ErrorCode::kOk);
    EXPECT_TRUE(put(subject, "o1", 1, "{one}"));
    EXPECT_EQ(chain_log().count, 48U);
    expect_in_step();
}

TEST_F(AnchorTest, AnAlteredRowIsFound) {
    const auto subject = registered("p1");
    ASSERT_TRUE(put(subject, "o1", 1, "{one}"));
    ASSERT_TRUE(put(subject, "o2", 1, "{two}"));
    ASSERT_TRUE(house.database->transaction([](Writing& writing) {
        return writing.run(
            "UPDATE bodies SET body = (SELECT body FROM bodies WHERE number = 2), data_key = (SELECT data_key FROM "
            "bodies WHERE number = 2) WHERE number = 3");
    }));
    EXPECT_TRUE(house.vault->find("Observation", "o1"));
    EXPECT_EQ(house.vault->find("Observation", "o2").error().code, ErrorCode::kCorrupt);
}

TEST_F(AnchorTest, SearchFindsByTypeSubjectAndTokenAndGoesOnWhereItStopped) {
    const auto one = registered("p1");
    const auto two = registered("p2");
    const auto token = house.vault->token("identifier", "s|7");
    for (int i = 0; i < 5; ++i) {
        Write write;
        write.versions = {version(i % 2 == 0 ? one : two, "Observation", "o" + std::to_string(i), 1, "{}")};
        if (i == 3) write.versions[0].tokens = {token};
        ASSERT_TRUE(house.anchor->write_one(std::move(write)));
    }
    SearchQuery query;
    query.types = {"Observation"};
    query.subject = one;
    query.count = 2;
    auto page = house.vault->search(query).value();
    EXPECT_EQ(page.total, 3U);
    ASSERT_EQ(page.resources.size(), 2U);
    EXPECT_EQ(page.resources[1].version.id, "o2");
    ASSERT_TRUE(page.next);
    query.after = *page.next;
    page = house.vault->search(query).value();
    ASSERT_EQ(page.resources.size(), 1U);
    EXPECT_EQ(page.resources[0].version.id, "o4");
    EXPECT_FALSE(page.next);

    SearchQuery by_token;
    by_token.tokens = {{token}};
    EXPECT_EQ(house.vault->search(by_token)->resources.at(0).version.id, "o3");
    by_token.types = {"Patient"};
    EXPECT_TRUE(house.vault->search(by_token)->resources.empty());
    EXPECT_NE(house.vault->token("_id", "s|7"), token);
}

TEST_F(AnchorTest, WritersAreTurnedAwayWhileTheChainStandsStill) {
    const auto subject = registered("p1");
    house.patience = std::chrono::milliseconds(20);
    house.restart();
    ASSERT_TRUE(house.repair());
    std::unique_lock still(ledger.gate);
    std::thread first([&] { EXPECT_TRUE(put(subject, "o1", 1, "{one}")); });
    while (house.outbox->waiting("append").value() == 0) std::this_thread::yield();
    for (const char* id : {"o2", "o3"}) EXPECT_EQ(put(subject, id, 1, "{}").error().code, ErrorCode::kBusy) << id;
    still.unlock();
    first.join();
    EXPECT_TRUE(get("o1"));
    EXPECT_FALSE(get("o2"));
    EXPECT_TRUE(put(subject, "o2", 1, "{two}"));
    expect_in_step();
}

TEST_F(AnchorTest, APageEndsWhereItsBytesDo) {
    const auto subject = registered("p1");
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(put(subject, "o" + std::to_string(i), 1, std::string(i == 2 ? 5'000 : 1'000, 'x')));
    ASSERT_TRUE(put(subject, "o0", 2, std::string(1'000, 'y')));
    const auto small = Vault::open({*house.database, *house.keys, house.random, house.id, 2'500}).value();
    SearchQuery query;
    query.types = {"Observation"};
    std::vector<std::size_t> pages;
    for (bool more = true; more;) {
        const auto page = small->search(query).value();
        EXPECT_EQ(page.total, 5U);
        pages.push_back(page.resources.size());
        more = page.next.has_value();
        query.after = page.next.value_or(0);
    }
    EXPECT_EQ(pages, (std::vector<std::size_t>{2, 1, 2})) << "one that is too large stands alone";
    query.after = 0;
    EXPECT_EQ(house.vault->search(query)->resources.size(), 5U);
    EXPECT_EQ(Vault::open({*house.database, *house.keys, house.random, house.id, 1'500})
                  .value()
                  ->history("Observation", "o0", 0, 10)
                  ->size(),
              1U);
}

TEST_F(AnchorTest, ASearchLeavesOutAsManyAsThereAre) {
    const auto closed = registered("p1");
    const auto open = registered("p2");
    ASSERT_TRUE(put(closed, "o1", 1, "{one}"));
    ASSERT_TRUE(put(open, "o2", 1, "{two}"));
    SearchQuery query;
    query.types = {"Observation"};
    query.without = {closed};
    EXPECT_EQ(house.vault->search(query)->resources.at(0).version.id, "o2");
    // More than a statement has parameters.
    for (std::uint64_t i = 0; i < 40'000; ++i) {
        SubjectId other;
        std::ranges::copy(big_endian(i + 1), other.bytes.begin());
        query.without.push_back(other);
    }
    for (const auto& last : {closed, open}) {
        query.without.front() = query.without[1];
        query.without.back() = last;
        const auto page = house.vault->search(query);
        ASSERT_TRUE(page) << page.error().to_string();
        EXPECT_EQ(page->total, 1U);
        EXPECT_EQ(page->resources.at(0).version.id, last == closed ? "o2" : "o1");
        EXPECT_EQ(house.vault->subjects(query).value(), std::vector{last == closed ? open : closed});
    }
}

/// Its audit events and search tokens would be read as others, or not found.
TEST_F(AnchorTest, AVaultOfAnEarlierVersionIsRefused) {
    const auto open = [&] { return Vault::open({*house.database, *house.keys, house.random, house.id}); };
    ASSERT_TRUE(open());
    ASSERT_TRUE(house.database->transaction([](Writing& writing) {
        return writing.run("UPDATE schema_versions SET version = 1 WHERE component = 'vault'");
    }));
    const auto refused = open();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kSchema) << refused.error().to_string();
    EXPECT_NE(refused.error().message.find("version 1,"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace salus::application
