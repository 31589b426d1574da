#include <gtest/gtest.h>

#include "store/faulty_files.hpp"
#include "store/kv_chain_store.hpp"
#include "store/rocksdb_kv.hpp"
#include "store/test_chain.hpp"
#include "store/test_directory.hpp"

/// What the chain store says, and what is in it afterwards, when its disk fails.
namespace salus::store {
namespace {

using Operation = FaultyFiles::Operation;

struct StoreDiskFaultsTest : ::testing::Test {
    std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
    std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    TestDirectory founded;  ///< as every run finds it: to found takes longer than all else
    std::unique_ptr<TestDirectory> directory;
    std::unique_ptr<ChainStore> store;
    Height acknowledged = 0;

    void SetUp() override { ASSERT_TRUE(open_rocksdb(founded.path() / "chain", &TestChain().founding())); }
    bool open() {
        store.reset();
        auto kv = rocksdb_kv(directory->path() / "chain", Access::kExisting, 1U << 20U, env.get());
        if (!kv) return false;
        auto opened = KvChainStore::open(*std::move(kv), nullptr);
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
        auto next = std::make_unique<TestDirectory>();
        files->copy(directory->path(), next->path());
        files->mend();
        store.reset();
        directory = std::move(next);
    }
    /// One life with the fault at operation `number`, and two after it. Returns whether it met the fault.
    bool meet(Operation at, bool lasts, std::uint64_t number) {
        SCOPED_TRACE("at operation " + std::to_string(number));
        directory = std::make_unique<TestDirectory>();
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
