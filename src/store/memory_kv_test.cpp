#include "store/memory_kv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "store/test_chain.hpp"

/// What only a disk in memory can be asked: power losses at a chosen place, and faults on demand.
namespace salus::store {
namespace {

TEST(MemoryDisk, LosesInACrashOnlyWhatWasNotSynced) {
    TestChain chain;
    MemoryDisk disk;
    auto store = open_memory(disk, &chain.founding()).value();
    ASSERT_TRUE(store->write(chain.next(*store->view())));
    ASSERT_TRUE(store->sync());
    ASSERT_TRUE(store->write(chain.next(*store->view())));
    ASSERT_TRUE(store->write(chain.next(*store->view())));
    EXPECT_EQ(disk.unsynced(), 2U);
    disk.crash();
    EXPECT_EQ(store->write(Commit{}).error().code, ErrorCode::kIo) << "a dead store must not write";
    store = open_memory(disk, nullptr).value();
    EXPECT_EQ(store->view()->tip().header.height, 1U);
    EXPECT_EQ(store->block(2).error().code, ErrorCode::kNotFound);
}

RC_GTEST_PROP(MemoryDisk, KeepsAPrefixOfWhatWasWritten, (std::uint64_t seed)) {
    TestChain chain(seed);
    MemoryDisk disk;
    auto store = open_memory(disk, &chain.founding()).value();
    Height synced = 0;
    for (const bool sync : *rc::gen::container<std::vector<bool>>(12, rc::gen::arbitrary<bool>())) {
        RC_ASSERT(store->write(chain.next(*store->view())));
        if (!sync) continue;
        RC_ASSERT(store->sync());
        synced = store->view()->tip().header.height;
    }
    const auto survivors = *rc::gen::inRange<std::size_t>(0, disk.unsynced() + 1);
    disk.crash(survivors);
    store = open_memory(disk, nullptr).value();
    const Height tip = store->view()->tip().header.height;
    RC_ASSERT(tip == synced + survivors);
    for (Height height = 0; height <= tip; ++height) {
        const auto leaves = store->view_at(height).value()->leaves(NodeId{}, SIZE_MAX).value();
        RC_ASSERT(leaves.size() == chain.state(height).size());
    }
    chain.forget_above(tip);
    RC_ASSERT(store->write(chain.next(*store->view())));
}

TEST(MemoryDisk, AStoreWhoseWriteFailedRefusesAllOthers) {
    TestChain chain;
    MemoryDisk disk;
    auto store = open_memory(disk, &chain.founding()).value();
    const Commit commit = chain.next(*store->view());
    disk.fail_when([](MemoryDisk::Operation operation) { return operation == MemoryDisk::Operation::kWrite; });
    EXPECT_EQ(store->write(commit).error().code, ErrorCode::kIo);
    disk.fail_when({});
    EXPECT_EQ(store->write(commit).error().code, ErrorCode::kIo);
    EXPECT_EQ(store->sync().error().code, ErrorCode::kIo);
    EXPECT_EQ(store->view()->tip().header.height, 0U);
}

TEST(MemoryDisk, AStoreWhoseSyncFailedNeverTriesAgain) {
    TestChain chain;
    MemoryDisk disk;
    auto store = open_memory(disk, &chain.founding()).value();
    disk.fail_when([](MemoryDisk::Operation operation) { return operation == MemoryDisk::Operation::kSync; });
    ASSERT_TRUE(store->write(chain.next(*store->view())));
    EXPECT_EQ(store->sync().error().code, ErrorCode::kIo);
    disk.fail_when({});
    EXPECT_EQ(store->sync().error().code, ErrorCode::kIo);
    disk.crash();
    EXPECT_EQ(open_memory(disk, nullptr).value()->view()->tip().header.height, 0U);
}

}  // namespace
}  // namespace salus::store
