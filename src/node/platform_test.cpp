#include "node/platform.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <set>

namespace salus::node {
namespace {

TEST(RealWallClock, IsInThisCentury) {
    const TimeMs now = RealWallClock().now_ms();
    EXPECT_GT(now, 1'700'000'000'000U);
    EXPECT_LT(now, 4'102'444'800'000U);
}

TEST(BootTimeClock, NeverGoesBack) {
    const BootTimeClock clock;
    auto last = clock.now();
    for (int i = 0; i < 1000; ++i) {
        const auto now = clock.now();
        ASSERT_GE(now, last);
        last = now;
    }
}

TEST(OsRandom, FillsAllAndNeverTheSame) {
    OsRandom random;
    Bytes large(100'000);
    random.fill(large);
    // Two of 12,500 blocks of eight bytes are alike once in 10^11 runs.
    std::set<Bytes> blocks;
    for (std::size_t i = 0; i < large.size(); i += 8)
        EXPECT_TRUE(blocks.insert(to_bytes(ByteView(large).subspan(i, 8))).second);
    EXPECT_FALSE(blocks.contains(Bytes(8)));
}

TEST(ThreadPool, CallsTheBodyOncePerIndex) {
    ThreadPool pool(3);
    for (const std::size_t count : {0U, 1U, 2U, 3U, 1000U}) {
        std::vector<std::atomic<int>> calls(count);
        pool.parallel_for(count, [&](std::size_t i) { ++calls[i]; });
        for (const auto& each : calls) EXPECT_EQ(each, 1);
    }
}

TEST(ThreadPool, SpreadsABatchOverItsThreads) {
    ThreadPool pool(2);
    // Each of three bodies waits for the others: with fewer than three threads at work this would never end.
    std::atomic<int> arrived = 0;
    pool.parallel_for(3, [&](std::size_t) {
        ++arrived;
        while (arrived < 3) std::this_thread::yield();
    });
    EXPECT_EQ(arrived, 3);
}

/// Idle threads are woken one by one: each round would never end if one were not.
TEST(ThreadPool, PutsAsManyThreadsToWorkAsThereAreJobs) {
    ThreadPool pool(4);
    for (int round = 0; round < 200; ++round) {
        const auto arrived = std::make_shared<std::atomic<int>>(0);
        const auto all = std::make_shared<std::promise<void>>();
        for (int i = 0; i < 4; ++i)
            pool.post([=] {
                const bool last = ++*arrived == 4;
                while (*arrived < 4) std::this_thread::yield();
                if (last) all->set_value();
            });
        all->get_future().wait();
    }
}

TEST(ThreadPool, AJobMayItselfRunABatch) {
    ThreadPool pool(1);
    std::promise<int> sum;
    pool.post([&] {
        std::atomic<int> total = 0;
        pool.parallel_for(10, [&](std::size_t i) { total += static_cast<int>(i); });
        sum.set_value(total);
    });
    EXPECT_EQ(sum.get_future().get(), 45);
}

TEST(ThreadPool, RunsWhatWasPostedBeforeItEnds) {
    std::atomic<int> ran = 0;
    {
        ThreadPool pool(2);
        for (int i = 0; i < 1000; ++i) pool.post([&] { ++ran; });
    }
    EXPECT_EQ(ran, 1000);
}

TEST(ThreadPool, HoldsBackWhoPostsToAFullQueueButNotItself) {
    std::atomic<std::size_t> ran = 0;
    {
        ThreadPool pool(1);
        std::promise<void> gate;
        pool.post([&] { gate.get_future().wait(); });
        std::atomic<std::size_t> posted = 0;
        std::thread poster([&] {
            for (std::size_t i = 0; i < ThreadPool::kJobsMax + 10; ++i, ++posted) pool.post([&] { ++ran; });
        });
        while (posted < ThreadPool::kJobsMax - 1) std::this_thread::yield();
        EXPECT_LE(posted, ThreadPool::kJobsMax + 1);
        gate.set_value();
        poster.join();
        pool.post([&] {
            for (std::size_t i = 0; i < 2 * ThreadPool::kJobsMax; ++i) pool.post([&] { ++ran; });
        });
    }
    EXPECT_EQ(ran, 3 * ThreadPool::kJobsMax + 10);
}

TEST(OsThreads, RunTheBodyUnderItsName) {
    std::string name(16, '\0');
    {
        const auto thread = OsThreads().start("a-name-longer-than-linux-keeps",
                                              [&] { pthread_getname_np(pthread_self(), name.data(), name.size()); });
        thread->join();
    }
    EXPECT_EQ(name.substr(0, 15), "a-name-longer-t");
}

TEST(OpenFiles, AreRaisedToWhatMayBe) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit low{64, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_open_files_max(), before.rlim_max);
    rlimit after{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
    EXPECT_EQ(after.rlim_cur, before.rlim_max);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(OsProcessDeathTest, EndsWithoutUnwinding) {
    EXPECT_EXIT(OsProcess().die("sync failed"), ::testing::ExitedWithCode(OsProcess::kExitStatus),
                "salus: sync failed");
}

}  // namespace
}  // namespace salus::node
