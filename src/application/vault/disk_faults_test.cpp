#include <gtest/gtest.h>

#include "application/keys/key_store.hpp"
#include "application/testing/faulty_disk.hpp"
#include "application/vault/database.hpp"
#include "testing/directory.hpp"
#include "testing/platform.hpp"

/// What a database says, and what is in it afterwards, when its disk fails, at every single operation.
namespace salus::application {
namespace {

using testing::FaultyDisk;

constexpr std::string_view kPairSteps[] = {
    "CREATE TABLE pairs (id BIGINT NOT NULL, half BIGINT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (id, half))"};

/// Writes pairs of rows, each in one transaction, and remembers what it was told of them.
struct DiskFaultsTest : ::testing::Test {
    FaultyDisk disk;
    std::optional<salus::testing::TestDirectory> directory;
    salus::testing::DyingProcess process;
    std::unique_ptr<Database> database;
    Status last;
    std::vector<std::uint64_t> acknowledged;
    std::uint64_t next = 0;
    std::uint64_t number = 0;  ///< of the operation that fails

    Status open(Process* dies = nullptr) {
        SALUS_TRY(database, Database::open(directory->path() / "vault.db", 1, dies));
        return database->migrate("pairs", kPairSteps);
    }
    bool put() {
        const std::uint64_t id = ++next;
        const auto body = [id](Writing& writing) -> Status {
            for (const int half : {1, 2})
                SALUS_TRY_STATUS(writing.run("INSERT INTO pairs (id, half, data) VALUES (:id, :half, :data)", id, half,
                                             Bytes(300 * (id % 5), 7)));
            return {};
        };
        // Nobody else writes: what need not wait is done all the same when this returns.
        if (id % 2 == 0)
            last = database->transaction(body);
        else
            database->transaction_later(body, [&](const Status& done) { last = done; });
        if (last) acknowledged.push_back(id);
        return last.has_value();
    }
    void use(int pairs) {
        for (int i = 0; i < pairs; ++i) put();
    }
    /// Nothing that it does from now on reaches the files, as where it is killed.
    void die() {
        disk.freeze();
        database.reset();
        disk.mend();
    }
    void expect_whole() {
        const auto rows = database->read([](Reading& reading) {
            return reading.query<std::uint64_t, std::uint64_t>("SELECT id, COUNT(*) FROM pairs GROUP BY id");
        });
        ASSERT_TRUE(rows) << rows.error().to_string();
        std::map<std::uint64_t, std::uint64_t> halves;
        for (const auto& [id, count] : *rows) halves[id] = count;
        for (const auto& [id, count] : halves) ASSERT_EQ(count, 2U) << "half of pair " << id << ", at " << number;
        for (const std::uint64_t id : acknowledged) ASSERT_TRUE(halves.contains(id)) << "pair " << id << ", " << number;
    }
    /// Runs with the fault at each operation in turn, until one run meets none. Returns how many met it.
    std::uint64_t meet_everywhere(const FaultyDisk::Fault& fault) {
        for (number = 1;; ++number) {
            directory.emplace();
            acknowledged.clear();
            disk.fail(fault, number);
            if (open()) use(3);
            database.reset();  // ends as it should; the log goes into the database here
            if (open()) use(2);
            const bool met = disk.met();
            if (met && number % 2 == 0) die();  // a failing disk, and a process that ends in order, or is killed
            database.reset();
            disk.mend();
            // The next process, with a disk that is good again.
            EXPECT_TRUE(open()) << number;
            if (!database) return 0;
            expect_whole();
            EXPECT_TRUE(put());
            die();
            salus::testing::SeededRandom random(number);
            disk.lose_power(number % 3 == 0 ? nullptr : &random);
            EXPECT_TRUE(open()) << number;
            if (!database) return 0;
            expect_whole();
            EXPECT_TRUE(put());
            die();
            if (HasFatalFailure() || !met) return number - 1;
        }
    }
};

TEST_F(DiskFaultsTest, NothingAcknowledgedIsLostWhereAWriteFails) {
    EXPECT_GT(meet_everywhere({FaultyDisk::Operation::kWrite, SQLITE_IOERR_WRITE}), 40U);
}

TEST_F(DiskFaultsTest, NothingAcknowledgedIsLostWhereWritesAreTorn) {
    EXPECT_GT(meet_everywhere({FaultyDisk::Operation::kWrite, SQLITE_IOERR_WRITE, true, true}), 40U);
}

TEST_F(DiskFaultsTest, NothingAcknowledgedIsLostWhereTheDiskIsFull) {
    EXPECT_GT(meet_everywhere({FaultyDisk::Operation::kWrite, SQLITE_FULL, true}), 40U);
}

TEST_F(DiskFaultsTest, NothingAcknowledgedIsLostWhereASyncFails) {
    EXPECT_GT(meet_everywhere({FaultyDisk::Operation::kSync, SQLITE_IOERR_FSYNC}), 10U);
}

TEST_F(DiskFaultsTest, NothingAcknowledgedIsLostWhereAReadFails) {
    EXPECT_GT(meet_everywhere({FaultyDisk::Operation::kRead, SQLITE_IOERR_READ}), 5U);
}

TEST_F(DiskFaultsTest, NoWriteIsTakenAfterASyncThatFailed) {
    directory.emplace();
    ASSERT_TRUE(open());
    ASSERT_TRUE(put());
    disk.fail({FaultyDisk::Operation::kSync, SQLITE_IOERR_FSYNC}, 1);
    EXPECT_FALSE(put());
    ASSERT_TRUE(disk.met());
    EXPECT_FALSE(put()) << "the disk would take it";
    expect_whole();
    die();
    ASSERT_TRUE(open());
    EXPECT_TRUE(put());
}

TEST_F(DiskFaultsTest, ASyncThatFailedEndsTheProcessWhichNamesTheFile) {
    directory.emplace();
    ASSERT_TRUE(open(&process));
    ASSERT_TRUE(put());
    disk.fail({FaultyDisk::Operation::kSync, SQLITE_IOERR_FSYNC}, 1);
    EXPECT_THROW(put(), salus::testing::ProcessDied);
    EXPECT_NE(process.reason().find((directory->path() / "vault.db").string()), std::string::npos) << process.reason();
    die();
    ASSERT_TRUE(open(&process));
    expect_whole();
    EXPECT_TRUE(put());
}

TEST_F(DiskFaultsTest, AKeyStoreWhoseSyncFailedEndsTheProcessWhichNamesTheFile) {
    directory.emplace();
    salus::testing::SeededRandom random(1);
    const MasterKey master(crypto::Key256(ByteArray<32>{42}), random);
    const auto file = directory->path() / "keystore.db";
    const auto keys = KeyStore::open(file, AccountId{}, master, random, &process).value();
    disk.fail({FaultyDisk::Operation::kSync, SQLITE_IOERR_FSYNC}, 1);
    EXPECT_THROW((void)keys->create(KekKind::kSubject, {1}), salus::testing::ProcessDied);
    EXPECT_NE(process.reason().find(file.string()), std::string::npos) << process.reason();
}

TEST_F(DiskFaultsTest, AFullDiskEndsNoProcessAndOnlyTheLogSaysWhereItIs) {
    directory.emplace();
    ASSERT_TRUE(open(&process));
    const std::string file = (directory->path() / "vault.db").string();
    disk.fail({FaultyDisk::Operation::kWrite, SQLITE_FULL, true}, 1);
    ::testing::internal::CaptureStderr();
    EXPECT_FALSE(put());
    EXPECT_NE(::testing::internal::GetCapturedStderr().find(file), std::string::npos);
    EXPECT_EQ(last.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(last.error().to_string().find(file), std::string::npos) << last.error().to_string();
    disk.mend();
    EXPECT_TRUE(put());
    EXPECT_EQ(process.reason(), "");
}

TEST_F(DiskFaultsTest, WhatCannotBeReadNamesItsFile) {
    directory.emplace();
    ASSERT_TRUE(open());
    ASSERT_TRUE(put());
    database.reset();
    ASSERT_TRUE(open());
    disk.fail({FaultyDisk::Operation::kRead, SQLITE_IOERR_READ, true}, 1);
    const auto rows = database->read(
        [](Reading& reading) { return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM pairs"); });
    ASSERT_FALSE(rows);
    EXPECT_NE(rows.error().to_string().find((directory->path() / "vault.db").string()), std::string::npos);
}

TEST_F(DiskFaultsTest, WhatASyncDroppedIsBroughtToTheDiskAtTheNextOpening) {
    directory.emplace();
    ASSERT_TRUE(open());
    disk.fail({FaultyDisk::Operation::kSync, SQLITE_IOERR_FSYNC}, 1);
    ASSERT_FALSE(put());
    die();
    // What the kernel still shows of it looks written; what comes behind it would go with it.
    ASSERT_TRUE(open());
    EXPECT_TRUE(put());
    die();
    disk.lose_power(nullptr);
    ASSERT_TRUE(open());
    expect_whole();
}

TEST_F(DiskFaultsTest, AFullDiskIsWrittenToAgainOnceThereIsSpace) {
    directory.emplace();
    ASSERT_TRUE(open());
    ASSERT_TRUE(put());
    disk.fail({FaultyDisk::Operation::kWrite, SQLITE_FULL, true}, 1);
    EXPECT_FALSE(put());
    EXPECT_FALSE(put());
    disk.mend();
    EXPECT_TRUE(put());
    die();
    disk.lose_power(nullptr);
    ASSERT_TRUE(open());
    expect_whole();
}

}  // namespace
}  // namespace salus::application
