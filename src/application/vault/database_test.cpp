#include "application/vault/database.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <thread>

#include "testing/directory.hpp"

namespace salus::application {
namespace {

using salus::testing::TestDirectory;

constexpr std::string_view kSteps[] = {
    "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, data BLOB)",
    "ALTER TABLE things ADD COLUMN kind BIGINT; CREATE INDEX things_name ON things (name)"};

struct DatabaseTest : ::testing::Test {
    TestDirectory directory;
    std::unique_ptr<Database> database = Database::open(directory.path() / "vault.db").value();

    void SetUp() override { ASSERT_TRUE(database->migrate("things", kSteps)); }
    Status put(std::uint64_t id) {
        return database->transaction([&](Writing& writing) -> Status {
            SALUS_TRY_STATUS(writing.run("INSERT INTO things (id) VALUES (:id)", id));
            return {};
        });
    }
    std::uint64_t count() {
        return database
            ->read([](Reading& reading) { return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM things"); })
            ->value();
    }
};

TEST_F(DatabaseTest, ANumberThatNoColumnHoldsIsAnErrorAndEndsNothing) {
    constexpr std::uint64_t kLargest = (std::uint64_t{1} << 63U) - 1;
    EXPECT_TRUE(put(kLargest));
    EXPECT_EQ(put(kLargest + 1).error().code, ErrorCode::kUsage);
    const auto found = database->read([](Reading& reading) {
        return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM things WHERE id < :below",
                                                  std::numeric_limits<std::uint64_t>::max());
    });
    EXPECT_EQ(found.error().code, ErrorCode::kUsage);
    EXPECT_EQ(count(), 1U);
}

TEST_F(DatabaseTest, CellsComeBackAsTheyWereWritten) {
    const std::string text("a\0b \xc3\xa9", 6);
    const Bytes bytes{0, 255, 0, 7};
    const std::optional<Bytes> none;
    ASSERT_TRUE(database->transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("INSERT INTO things (id, name, data) VALUES (:id, :name, :data)", 1, text, bytes));
        SALUS_TRY_STATUS(
            writing.run("INSERT INTO things (id, name, data) VALUES (:id, :name, :data)", std::int64_t{-5}, "", none));
        SALUS_TRY_STATUS(
            writing.run("INSERT INTO things (id, name, data) VALUES (:id, :name, :data)", 3, "x", Bytes{}));
        return {};
    }));
    const auto rows = database->read([](Reading& reading) {
        return reading.query<std::int64_t, std::string, std::optional<Bytes>>(
            "SELECT id, name, data FROM things ORDER BY id");
    });
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ((*rows)[0], std::make_tuple(std::int64_t{-5}, std::string(), std::optional<Bytes>()));
    EXPECT_EQ((*rows)[1], std::make_tuple(std::int64_t{1}, text, std::optional(bytes)));
    EXPECT_EQ(std::get<2>((*rows)[2]), std::optional(Bytes{}));
}

TEST_F(DatabaseTest, IsInspectedAsItIsAndNeverMade) {
    ASSERT_TRUE(put(1));
    database.reset();
    const auto file = directory.path() / "vault.db";
    const auto written = std::filesystem::last_write_time(file);
    const auto looked = Database::inspect(file);
    ASSERT_TRUE(looked) << looked.error().message;
    EXPECT_TRUE((*looked)->migrate("things", kSteps));
    EXPECT_EQ((*looked)->migrate("things", std::span(kSteps).first(1)).error().code, ErrorCode::kSchema);
    EXPECT_EQ((*looked)->migrate("others", kSteps).error().code, ErrorCode::kSchema);
    const auto count = [](Reading& reading) {
        return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM things");
    };
    EXPECT_EQ((*looked)->read(count).value(), 1U);
    EXPECT_FALSE((*looked)->transaction(
        [](Writing& writing) { return writing.run("INSERT INTO things (id) VALUES (:id)", 2); }));
    EXPECT_EQ((*looked)->read(count).value(), 1U);
    EXPECT_EQ(std::filesystem::last_write_time(file), written);

    const auto none = directory.path() / "none.db";
    EXPECT_EQ(Database::inspect(none).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(std::filesystem::exists(none));
}

TEST_F(DatabaseTest, ACellOfAnotherSizeIsCorrupt) {
    ASSERT_TRUE(database->transaction([&](Writing& writing) {
        return writing.run("INSERT INTO things (id, data) VALUES (:id, :data)", 1, Bytes{1, 2});
    }));
    const auto row =
        database->read([](Reading& reading) { return reading.query_value<Hash>("SELECT data FROM things"); });
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error().code, ErrorCode::kCorrupt);
}

TEST_F(DatabaseTest, AFailedTransactionLeavesNothing) {
    const auto status = database->transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("INSERT INTO things (id) VALUES (:id)", 1));
        return fail(ErrorCode::kConflict, "no");
    });
    EXPECT_EQ(status.error().code, ErrorCode::kConflict);
    EXPECT_EQ(count(), 0U);
    EXPECT_TRUE(put(1));
    EXPECT_EQ(put(1).error().code, ErrorCode::kConflict) << "the primary key";
    EXPECT_EQ(count(), 1U);
}

TEST_F(DatabaseTest, AnErrorTellsNoValue) {
    const auto status = database->transaction(
        [&](Writing& writing) { return writing.run("INSERT INTO nothing (id) VALUES (:id)", "Jane Doe"); });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().to_string().find("Jane"), std::string::npos) << status.error().to_string();
}

TEST_F(DatabaseTest, ManyWritersEachGetTheirOwnAnswer) {
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    std::atomic<int> refused = 0;
    for (std::uint64_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::uint64_t i = 0; i < 50; ++i) {
                // Every third is written twice: its second writer alone is refused.
                const Status status = put(i % 3 == 0 ? i : (t + 1) * 1000 + i);
                ++(status ? good : refused);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(refused, 3 * 17);
    EXPECT_EQ(count(), static_cast<std::uint64_t>(good.load()));
}

TEST_F(DatabaseTest, AReaderSeesOneVersionWhileOthersWrite) {
    ASSERT_TRUE(put(1));
    const auto seen = database->read([&](Reading& reading) -> Result<std::pair<std::uint64_t, std::uint64_t>> {
        SALUS_TRY(const auto before, reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM things"));
        std::thread([&] { EXPECT_TRUE(put(2)); }).join();
        SALUS_TRY(const auto after, reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM things"));
        return std::pair(*before, *after);
    });
    EXPECT_EQ(seen.value(), (std::pair<std::uint64_t, std::uint64_t>(1, 1)));
    EXPECT_EQ(count(), 2U);
}

TEST_F(DatabaseTest, OnlyItsOwnerMayReadTheFile) {
    struct stat info {};
    for (const char* name : {"vault.db", "vault.db-wal"}) {
        ASSERT_EQ(::stat((directory.path() / name).c_str(), &info), 0) << name;
        EXPECT_EQ(info.st_mode & 0777, 0600U) << name;
    }
}

TEST_F(DatabaseTest, StepsRunOnceAndANewerFileIsRefused) {
    ASSERT_TRUE(put(1));
    EXPECT_TRUE(database->migrate("things", kSteps));
    EXPECT_EQ(count(), 1U);
    EXPECT_EQ(database->migrate("things", std::span(kSteps).first(1)).error().code, ErrorCode::kSchema);
}

TEST_F(DatabaseTest, AFileOfBeforeTheOldestVersionThatIsReadIsRefusedAndNotTouched) {
    EXPECT_TRUE(database->migrate("new", {}, 2)) << "nothing was written yet";
    constexpr std::string_view kMore[] = {kSteps[0], kSteps[1], "CREATE TABLE more (id BIGINT)"};
    EXPECT_EQ(database->migrate("things", kMore, 3).error().code, ErrorCode::kSchema);
    const auto looked = Database::inspect(directory.path() / "vault.db").value();
    EXPECT_TRUE(looked->migrate("things", kSteps)) << "it is of the version that it was";
    const auto refused = looked->migrate("things", kMore, 3);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("begins with version 3"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(database->migrate("things", kMore, 2));
}

TEST(Database, WhatIsNoDatabaseIsRefused) {
    TestDirectory directory;
    directory.write("vault.db", std::string(4096, 'x'));
    EXPECT_EQ(Database::open(directory.path() / "vault.db").error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(Database::open(directory.path() / "absent" / "vault.db").error().code, ErrorCode::kIo);
}

/// Copied while it is open, as a kill leaves it: what was written last stands in the log alone.
struct LostCommitTest : DatabaseTest {
    void SetUp() override {
        DatabaseTest::SetUp();
        for (std::uint64_t id = 1; id <= 5; ++id) ASSERT_TRUE(put(id));
        for (const char* end : {"", "-wal", "-synced"})
            std::filesystem::copy(directory.path() / (std::string("vault.db") + end),
                                  directory.path() / (std::string("copy.db") + end));
    }
    void expect_refused() {
        const auto inspected = Database::inspect(copy);
        ASSERT_FALSE(inspected);
        EXPECT_EQ(inspected.error().code, ErrorCode::kCorrupt);
        EXPECT_NE(inspected.error().to_string().find(copy.string()), std::string::npos);
        EXPECT_EQ(Database::open(copy).error().code, ErrorCode::kCorrupt);
    }
    const std::filesystem::path copy = directory.path() / "copy.db";
    const std::filesystem::path log = directory.path() / "copy.db-wal";
};

TEST_F(LostCommitTest, AWholeLogIsTaken) {
    EXPECT_TRUE(Database::inspect(copy));
    EXPECT_TRUE(Database::open(copy));
}

TEST_F(LostCommitTest, ALogThatIsGoneIsFound) {
    std::filesystem::remove(log);
    expect_refused();
}

TEST_F(LostCommitTest, ALogWhoseLastWriteIsTornIsFound) {
    std::filesystem::resize_file(log, std::filesystem::file_size(log) - 1);
    expect_refused();
}

TEST_F(LostCommitTest, AFlippedBitInTheLogIsFoundAlsoInItsLastPage) {
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-100, std::ios::end);
    const auto byte = static_cast<char>(file.peek() ^ 1);
    file.seekp(-100, std::ios::end);
    file.put(byte);
    file.close();
    expect_refused();
}

TEST_F(LostCommitTest, AFileThatIsGoneIsFoundAndNoneIsMadeInItsPlace) {
    std::filesystem::remove(copy);
    std::filesystem::remove(log);
    EXPECT_EQ(Database::open(copy).error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(std::filesystem::exists(copy));
}

TEST_F(LostCommitTest, WhatIsRolledBackIsNotCounted) {
    for (std::uint64_t id = 1; id <= 5; ++id) ASSERT_FALSE(put(id)) << "the ids are taken";
    const auto open = Database::open(copy);
    ASSERT_TRUE(open);
    EXPECT_FALSE((*open)->transaction([](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("DELETE FROM things"));
        return fail(ErrorCode::kConflict, "on second thoughts");
    }));
    for (const char* end : {"", "-wal", "-synced"})
        std::filesystem::copy(copy.string() + end, directory.path() / (std::string("again.db") + end));
    EXPECT_TRUE(Database::inspect(directory.path() / "again.db"));
}

TEST_F(LostCommitTest, AMarkThatCannotBeWrittenEndsAllWritesAndIsNamed) {
    const auto place = directory.path() / "other.db";
    const int mark = ::memfd_create("mark", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ASSERT_GE(mark, 0);
    std::filesystem::create_symlink("/proc/self/fd/" + std::to_string(mark), place.string() + "-synced");
    database = Database::open(place).value();
    ASSERT_TRUE(database->migrate("things", kSteps));
    ASSERT_TRUE(put(1));
    ASSERT_EQ(::fcntl(mark, F_ADD_SEALS, F_SEAL_WRITE), 0);
    const Status refused = put(2);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().to_string().find(place.string() + "-synced"), std::string::npos);
    EXPECT_FALSE(put(3));
    ::close(mark);
}

TEST_F(LostCommitTest, WithoutItsMarkAnOlderCopyIsTaken) {
    std::filesystem::remove(log);
    std::filesystem::remove(directory.path() / "copy.db-synced");
    EXPECT_TRUE(Database::inspect(copy));
    EXPECT_TRUE(Database::open(copy));
}

TEST_F(DatabaseTest, WhatNeedNotWaitIsToldWhenItStandsOrWhyItDoesNot) {
    std::vector<bool> told;
    const auto later = [&](std::uint64_t id) {
        database->transaction_later(
            [id](Writing& writing) -> Status {
                SALUS_TRY_STATUS(writing.run("INSERT INTO things (id) VALUES (:id)", id));
                return {};
            },
            [&](const Status& status) { told.push_back(status.has_value()); });
    };
    later(1);
    later(1);  // there already
    later(2);
    EXPECT_EQ(told, (std::vector{true, false, true}));
    EXPECT_EQ(count(), 2U);
}

/// One leads, one waits, and one that need not wait is to relieve: who waits takes over, and takes that one along.
TEST_F(DatabaseTest, WhoWasToRelieveGoesOnWhereAnotherTakesOver) {
    std::promise<void> leads;
    std::promise<void> goes_on;
    std::jthread leader([&] {
        EXPECT_TRUE(database->transaction([&](Writing&) -> Status {
            leads.set_value();
            goes_on.get_future().wait();
            return {};
        }));
    });
    leads.get_future().wait();
    std::jthread waits([&] { EXPECT_TRUE(put(1)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // else the other order, which is harmless
    std::atomic<int> told{0};
    std::jthread relieves(
        [&] { database->transaction_later([](Writing&) -> Status { return {}; }, [&](const Status&) { ++told; }); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    goes_on.set_value();
    leader.join();
    waits.join();
    relieves.join();
    EXPECT_EQ(told, 1);
}

/// Whoever waits goes on though others never stop coming, and whoever does not is told each time.
TEST_F(DatabaseTest, ThoseWhoWaitAndThoseWhoDoNotAreEachToldOnce) {
    constexpr std::uint64_t kEach = 200;
    std::atomic<std::uint64_t> later_told{0};
    std::atomic<std::uint64_t> next{0};
    const auto insert = [](Writing& writing, std::uint64_t id) -> Status {
        SALUS_TRY_STATUS(writing.run("INSERT INTO things (id) VALUES (:id)", id));
        return {};
    };
    {
        std::vector<std::jthread> writers;
        for (int writer = 0; writer < 6; ++writer)
            writers.emplace_back([&, waits = writer % 2 == 0] {
                for (std::uint64_t i = 0; i < kEach; ++i) {
                    const std::uint64_t id = ++next;
                    if (waits)
                        EXPECT_TRUE(database->transaction([&](Writing& writing) { return insert(writing, id); }));
                    else
                        database->transaction_later([&insert, id](Writing& writing) { return insert(writing, id); },
                                                    [&](const Status& status) { later_told += status ? 1U : 0U; });
                }
            });
    }
    EXPECT_EQ(later_told, 3 * kEach) << "nobody leads: all are told";
    EXPECT_EQ(count(), 6 * kEach);
}

}  // namespace
}  // namespace salus::application
