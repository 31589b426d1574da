#include "store/rocksdb_kv.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "store/chain_store.hpp"
#include "store/keys.hpp"
#include "store/table_files.hpp"
#include "store/test_chain.hpp"
#include "testing/directory.hpp"

/// What only a disk can do to a store: be locked, be old, be damaged, lose its end.
namespace salus::store {
namespace {

namespace fs = std::filesystem;

class RocksDbTest : public ::testing::Test {
protected:
    void found(int blocks) {
        store_ = open_rocksdb(path_, &chain_.founding()).value();
        for (int i = 0; i < blocks; ++i) ASSERT_TRUE(store_->write(chain_.next(*store_->view())));
        ASSERT_TRUE(store_->sync());
    }
    /// Reads everything. Errors: those of the reads
    static Status read_all(const ChainStore& store) {
        const Height tip = store.view()->tip().header.height;
        for (Height height = 1; height <= tip; ++height) {
            SALUS_TRY(const auto block, store.block(height));
            SALUS_TRY(const auto header, store.header(height));
            SALUS_TRY_STATUS(check(block.header == header));
            SALUS_TRY(const auto place, store.find(block.receipts[0].id));
            SALUS_TRY_STATUS(check(place && place->height == height));
            SALUS_TRY(const auto certificate, store.certificate(height));
            SALUS_TRY(const auto leaf, store.view()->history()->node(0, height - 1));
            SALUS_TRY_STATUS(check(leaf == history_leaf(header.hash())));
            SALUS_TRY(const auto then, store.view_at(height));
            SALUS_TRY(const auto leaves, then->leaves(NodeId{}, SIZE_MAX));
            SALUS_TRY_STATUS(check(tree_root(leaves) == header.state_root));
        }
        SALUS_TRY(const auto genesis, store.genesis());
        SALUS_TRY(const auto eras, store.eras());
        return {};
    }
    static Status check(bool good) {
        if (!good) return fail(ErrorCode::kCorrupt, "reads do not fit");
        return {};
    }
    static void flip(const fs::path& file, std::uintmax_t at) {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(at));
        const int byte = stream.get();
        stream.seekp(static_cast<std::streamoff>(at));
        stream.put(static_cast<char>(byte ^ 0x10));
    }
    /// The write-ahead log.
    static fs::path log_file(const fs::path& directory) {
        fs::path found;
        for (const auto& entry : fs::directory_iterator(directory))
            if (entry.path().extension() == ".log" && entry.path() > found) found = entry.path();
        return found;
    }

    testing::TestDirectory directory_;
    fs::path path_ = directory_.path() / "chain";
    TestChain chain_;
    std::unique_ptr<ChainStore> store_;
};

TEST_F(RocksDbTest, ASecondOpeningIsRefusedAndNamesTheDirectory) {
    found(1);
    for (const auto& error : {open_rocksdb(path_, nullptr).error(), open_rocksdb_to_read(path_).error()}) {
        EXPECT_EQ(error.code, ErrorCode::kLocked) << error.to_string();
        EXPECT_NE(error.to_string().find(path_.string()), std::string::npos);
    }
}

TEST_F(RocksDbTest, ReadingAStoppedStoreChangesNothing) {
    found(3);
    store_.reset();
    std::map<fs::path, std::uintmax_t> before;
    for (const auto& entry : fs::directory_iterator(path_)) before[entry.path()] = entry.file_size();
    {
        const auto store = open_rocksdb_to_read(path_).value();
        EXPECT_TRUE(read_all(*store));
        EXPECT_EQ(store->view()->tip().header.height, 3U);
        EXPECT_EQ(open_rocksdb_to_read(path_).error().code, ErrorCode::kLocked);
    }
    for (const auto& [path, size] : before) EXPECT_EQ(fs::file_size(path), size) << path;
    EXPECT_TRUE(open_rocksdb(path_, nullptr));
}

TEST_F(RocksDbTest, AProcessThatDiesLosesNothingThatItWrote) {
    found(2);
    store_.reset();
    if (const pid_t child = ::fork(); child == 0) {
        auto store = open_rocksdb(path_, nullptr);
        const bool good =
            store && (*store)->write(chain_.next(*(*store)->view())) && (*store)->write(chain_.next(*(*store)->view()));
        ::_exit(good ? 0 : 1);
    } else {
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_EQ(status, 0);
    }
    store_ = open_rocksdb(path_, nullptr).value();
    EXPECT_EQ(store_->view()->tip().header.height, 4U);
    EXPECT_TRUE(read_all(*store_));
}

TEST_F(RocksDbTest, ALogThatWasCutKeepsWhatWasSyncedOrSaysThatItIsDamaged) {
    found(4);
    const fs::path log = log_file(path_);
    const auto synced_bytes = fs::file_size(log);
    ASSERT_TRUE(store_->write(chain_.next(*store_->view())));
    ASSERT_TRUE(store_->write(chain_.next(*store_->view())));
    const auto all_bytes = fs::file_size(log);
    // Copied while it is open: what a power loss leaves.
    for (std::uintmax_t bytes = all_bytes; bytes > synced_bytes / 2; bytes -= std::min<std::uintmax_t>(bytes, 97)) {
        const fs::path copy = directory_.path() / "copy";
        fs::remove_all(copy);
        fs::copy(path_, copy);
        fs::resize_file(copy / log.filename(), bytes);
        const auto store = open_rocksdb_to_read(copy);
        if (bytes < synced_bytes) {
            ASSERT_FALSE(store) << bytes;
            EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
            EXPECT_NE(store.error().to_string().find(copy.string()), std::string::npos);
            continue;
        }
        ASSERT_TRUE(store) << store.error().to_string();
        EXPECT_GE((*store)->view()->tip().header.height, 4U);
        EXPECT_TRUE(read_all(**store));
    }
}

TEST_F(RocksDbTest, AFlippedBitInTheLogIsFound) {
    found(5);
    const fs::path copy = directory_.path() / "copy";
    fs::copy(path_, copy);  // open, so that all stands in the log
    flip(log_file(copy), fs::file_size(log_file(copy)) / 2);
    EXPECT_EQ(open_rocksdb_to_read(copy).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(open_rocksdb(copy, nullptr).error().code, ErrorCode::kCorrupt);
}

TEST_F(RocksDbTest, AFlippedBitIsFoundWhereverItIs) {
    found(30);
    store_.reset();
    int flips = 0;
    for (const auto& entry : fs::directory_iterator(path_)) {
        const std::string name = entry.path().filename().string();
        const bool holds_data = name.ends_with(".sst") || name.starts_with("MANIFEST") || name == "CURRENT";
        if (!holds_data) continue;
        for (std::uintmax_t at = 3; at < entry.file_size(); at += 1 + entry.file_size() / 12, ++flips) {
            const fs::path copy = directory_.path() / "copy";
            fs::remove_all(copy);
            fs::copy(path_, copy);
            flip(copy / name, at);
            const auto store = open_rocksdb_to_read(copy);
            const Status read = store ? read_all(**store) : Status(fail(store.error()));
            if (read) continue;  // a name or a statistic that nothing is read from
            EXPECT_NE(read.error().code, ErrorCode::kNotFound)
                << name << " at " << at << ": " << read.error().to_string();
            if (name.ends_with(".sst")) {
                EXPECT_EQ(read.error().code, ErrorCode::kCorrupt) << read.error().to_string();
            }
        }
    }
    EXPECT_GT(flips, 50);
}

TEST_F(RocksDbTest, EveryDamagedTableIsNamed) {
    found(30);
    store_.reset();
    const auto files = table_files(path_);
    ASSERT_GT(files.size(), 3U);
    EXPECT_TRUE(open_rocksdb_to_read(path_).value()->damaged_files({}).empty());
    EXPECT_TRUE(damaged_tables(files, {}).empty());
    flip(files.front(), 5);
    flip(files.back(), 5);
    const auto damaged = damaged_tables(files, {});
    ASSERT_EQ(damaged.size(), 2U);
    EXPECT_NE(damaged.front().find(files.front().string()), std::string::npos) << damaged.front();
    EXPECT_NE(damaged.back().find(files.back().string()), std::string::npos) << damaged.back();
    // One that a crash left, and nothing refers to, is no damage.
    flip(files.front(), 5);
    flip(files.back(), 5);
    std::ofstream(path_ / "999999.sst") << "half";
    EXPECT_TRUE(open_rocksdb_to_read(path_).value()->damaged_files({}).empty());
}

TEST_F(RocksDbTest, AnotherSchemaIsRefused) {
    found(1);
    store_.reset();
    {
        auto kv = rocksdb_kv(path_, Access::kExisting, 8U << 20U).value();
        const auto batch = kv->batch();
        batch->put(Family::kMeta, as_bytes("schema"), big_endian(kSchemaVersion + 1));
        ASSERT_TRUE(kv->write(*batch));
    }
    const auto store = open_rocksdb(path_, nullptr);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kSchema);
    EXPECT_NE(store.error().to_string().find(path_.string()), std::string::npos);
}

TEST_F(RocksDbTest, AFoundingThatWasCutShortIsDoneAgain) {
    { ASSERT_TRUE(rocksdb_kv(path_, Access::kNew, 8U << 20U)); }
    EXPECT_EQ(open_rocksdb(path_, nullptr).error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(open_rocksdb(path_, &chain_.founding()));
}

TEST_F(RocksDbTest, ADirectoryThatCannotBeMadeIsNamed) {
    std::ofstream(directory_.path() / "file") << "x";
    const auto store = open_rocksdb(directory_.path() / "file" / "chain", &chain_.founding());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kIo);
    EXPECT_NE(store.error().message.find("file/chain"), std::string::npos);
}

}  // namespace
}  // namespace salus::store
