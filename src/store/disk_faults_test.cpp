#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <mutex>

#include "store/kv_chain_store.hpp"
#include "store/rocksdb_kv.hpp"
#include "store/test_chain.hpp"
#include "testing/directory.hpp"

/// What the chain store says, and what is in it afterwards, when its disk fails.
namespace salus::store {
namespace {

/// A disk under RocksDB that fails on order, and knows what would be left of each file without power. Files are only
/// appended to: what is left of one is its length at the last sync. A sync that fails drops what was to
/// be synced for good, as kernels do. Any thread.
class FaultyFiles final : public rocksdb::FileSystemWrapper {
public:
    enum class Operation { kAppend, kSync, kRename };

    FaultyFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
    [[nodiscard]] const char* Name() const override { return "salus-faulty"; }

    /// The `number`-th operation of that kind from now, counted from 1, fails, and all later ones where it `lasts`.
    void fail(Operation at, bool lasts, std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        at_ = at;
        lasts_ = lasts;
        left_ = number;
        met_ = lasting_ = false;
    }
    [[nodiscard]] bool met() const {
        const std::lock_guard lock(mutex_);
        return met_;
    }
    /// What the next process finds at `to` where this one dies now, with all that it has open in `from`.
    void copy(const std::string& from, const std::string& to) {
        const std::lock_guard lock(mutex_);
        std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
        std::map<std::string, Kept> copies;
        for (const auto& [path, file] : files_)
            if (path.starts_with(from + "/")) copies[to + path.substr(from.size())] = file;
        files_.merge(copies);
    }
    /// The disk is good, and the next process may use it.
    void mend() {
        const std::lock_guard lock(mutex_);
        lasting_ = false;
        left_ = 0;
    }
    /// Power is lost, and with it all that was not synced. Pre: nothing is open
    void lose_power() {
        const std::lock_guard lock(mutex_);
        std::error_code ignored;
        for (auto& [path, file] : files_) {
            std::filesystem::resize_file(path, file.synced, ignored);
            file.length = file.synced;
            file.dropped = false;
        }
    }

    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override {
        if (auto status = judge(Operation::kAppend); !status.ok()) return status;
        std::unique_ptr<rocksdb::FSWritableFile> file;
        if (auto status = target()->NewWritableFile(path, options, &file, debug); !status.ok()) return status;
        {
            const std::lock_guard lock(mutex_);
            files_[path] = {};
        }
        *result = std::make_unique<File>(std::move(file), *this, path);
        return rocksdb::IOStatus::OK();
    }
    /// Its syncs are no faults of their own: a directory is synced for files that are.
    rocksdb::IOStatus NewDirectory(const std::string&, const rocksdb::IOOptions&,
                                   std::unique_ptr<rocksdb::FSDirectory>* result, rocksdb::IODebugContext*) override {
        *result = std::make_unique<Directory>();
        return rocksdb::IOStatus::OK();
    }
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
        if (auto status = judge(Operation::kRename); !status.ok()) return status;
        {
            const std::lock_guard lock(mutex_);
            if (auto file = files_.extract(from)) {
                files_.erase(to);
                file.key() = to;
                files_.insert(std::move(file));
            }
        }
        return target()->RenameFile(from, to, options, debug);
    }
    rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
        {
            const std::lock_guard lock(mutex_);
            files_.erase(path);
        }
        return target()->DeleteFile(path, options, debug);
    }

private:
    struct Kept {
        std::uint64_t length = 0;
        std::uint64_t synced = 0;
        bool dropped = false;  ///< what is behind `synced` will never be on the disk
    };

    struct Directory final : rocksdb::FSDirectory {
        rocksdb::IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
            return rocksdb::IOStatus::OK();
        }
    };

    class File final : public rocksdb::FSWritableFileOwnerWrapper {
    public:
        File(std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFiles& disk, std::string path)
            : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), path_(std::move(path)) {}

        rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
            if (auto status = disk_.judge(Operation::kAppend); !status.ok()) return status;
            auto status = target()->Append(data, options, debug);
            if (status.ok()) disk_.appended(path_, data.size());
            return status;
        }
        rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                                 const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
            return Append(data, options, debug);
        }
        // The real files need no sync: the power is not lost in earnest.
        rocksdb::IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
            return disk_.synced(path_);
        }
        rocksdb::IOStatus Fsync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
            return disk_.synced(path_);
        }
        rocksdb::IOStatus RangeSync(std::uint64_t, std::uint64_t, const rocksdb::IOOptions&,
                                    rocksdb::IODebugContext*) override {
            return rocksdb::IOStatus::OK();
        }

    private:
        FaultyFiles& disk_;
        std::string path_;
    };

    static rocksdb::IOStatus broken() { return rocksdb::IOStatus::IOError("the disk fails on order"); }

    rocksdb::IOStatus judge(Operation operation) {
        const std::lock_guard lock(mutex_);
        return judge_locked(operation);
    }
    rocksdb::IOStatus judge_locked(Operation operation) {
        if (operation != at_) return rocksdb::IOStatus::OK();
        if (lasting_) return broken();
        if (left_ == 0 || --left_ > 0) return rocksdb::IOStatus::OK();
        met_ = true;
        lasting_ = lasts_;
        return broken();
    }
    void appended(const std::string& path, std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        files_[path].length += bytes;
    }
    rocksdb::IOStatus synced(const std::string& path) {
        const std::lock_guard lock(mutex_);
        const auto status = judge_locked(Operation::kSync);
        Kept& file = files_[path];
        if (!status.ok()) file.dropped = true;
        if (!file.dropped) file.synced = file.length;
        return status;
    }

    mutable std::mutex mutex_;
    std::map<std::string, Kept> files_;
    Operation at_{};
    bool lasts_ = false;
    std::uint64_t left_ = 0;
    bool met_ = false;
    bool lasting_ = false;
};

using Operation = FaultyFiles::Operation;

struct StoreDiskFaultsTest : ::testing::Test {
    std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
    std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    testing::TestDirectory founded;  ///< as every run finds it: to found takes longer than all else
    std::unique_ptr<testing::TestDirectory> directory;
    std::unique_ptr<ChainStore> store;
    Height acknowledged = 0;

    void SetUp() override { ASSERT_TRUE(open_rocksdb(founded.path() / "chain", &TestChain().founding())); }
    bool open() {
        store.reset();
        auto kv = rocksdb_kv(directory->path() / "chain", Access::kExisting, 1U << 20U, env.get());
        if (!kv) return false;
        auto opened = KvChainStore::open(*std::move(kv), nullptr, 1U << 20U);
        if (!opened) return false;
        store = *std::move(opened);
        return true;
    }
    /// Grows by `blocks`, each synced, as far as the disk lets it.
    void grow(TestChain& chain, int blocks) {
        for (int i = 0; i < blocks && store->write(chain.next(*store->view())) && store->sync(); ++i)
            acknowledged = store->view()->tip().header.height;
    }
    void expect_refuses(TestChain& chain) {
        EXPECT_FALSE(store->write(chain.next(*store->view()))) << "a write after one that failed";
        EXPECT_FALSE(store->sync());
    }
    void expect_whole(const TestChain& chain) {
        const auto view = store->view();
        const Height tip = view->tip().header.height;
        ASSERT_GE(tip, acknowledged);
        const auto state = chain.state(tip);
        EXPECT_EQ(view->leaves(NodeId{}, SIZE_MAX).value().size(), state.size());
        for (const auto& [path, value] : state) EXPECT_EQ(view->at(path).value(), std::optional(value));
        for (Height height = 1; height <= tip; ++height)
            EXPECT_EQ(store->block(height), *chain.commits()[height - 1].block);
    }
    /// The next process begins with what this one has left now.
    void die() {
        auto next = std::make_unique<testing::TestDirectory>();
        files->copy(directory->path(), next->path());
        files->mend();
        store.reset();
        directory = std::move(next);
    }
    /// One life with the fault at operation `number`, and two after it. Returns whether it met the fault.
    bool meet(Operation at, bool lasts, std::uint64_t number) {
        SCOPED_TRACE("at operation " + std::to_string(number));
        directory = std::make_unique<testing::TestDirectory>();
        files->copy(founded.path(), directory->path());
        TestChain chain;
        acknowledged = 0;
        files->fail(at, lasts, number);
        if (open()) grow(chain, 3);
        if (store && acknowledged < 3) expect_refuses(chain);
        const bool met = files->met();
        die();
        // In turn: the power is lost at once; or the next process works on before it is.
        if (number % 2 == 0) files->lose_power();
        for (int life = 0; life < 2; ++life) {
            EXPECT_TRUE(open());
            if (!store) return false;
            expect_whole(chain);
            chain.forget_above(store->view()->tip().header.height);
            const Height before = acknowledged = store->view()->tip().header.height;
            grow(chain, 1);
            EXPECT_EQ(acknowledged, before + 1);
            die();
            files->lose_power();
        }
        return met;
    }
    std::uint64_t meet_everywhere(Operation at, bool lasts, std::uint64_t step) {
        std::uint64_t runs = 0;
        while (meet(at, lasts, 1 + runs * step) && !HasFailure()) ++runs;
        return runs;
    }
};

TEST_F(StoreDiskFaultsTest, WhatWasSyncedStandsWhicheverSyncFails) {
    EXPECT_GT(meet_everywhere(Operation::kSync, false, 1), 2U);
}

TEST_F(StoreDiskFaultsTest, WhatWasSyncedStandsWhereTheDiskIsFull) {
    EXPECT_GT(meet_everywhere(Operation::kAppend, true, 5), 2U);
}

TEST_F(StoreDiskFaultsTest, WhatWasSyncedStandsWhereARenameFails) {
    EXPECT_GT(meet_everywhere(Operation::kRename, true, 1), 0U);
}

}  // namespace
}  // namespace salus::store
