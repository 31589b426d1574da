#include "base/queue.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace salus {
namespace {

using std::chrono::milliseconds;

TEST(BoundedQueue, GivesAllInOrderOfArrival) {
    BoundedQueue<int> queue(3);
    EXPECT_TRUE(queue.try_push(1));
    EXPECT_TRUE(queue.try_push(2));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(queue.pop_all(), (std::vector{1, 2}));
    EXPECT_EQ(queue.pop_all(milliseconds(0)), std::vector<int>{});
}

TEST(BoundedQueue, RefusesWhenFullAndLeavesTheItem) {
    BoundedQueue<std::unique_ptr<int>> queue(1);
    EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
    auto second = std::make_unique<int>(2);
    EXPECT_FALSE(queue.try_push(std::move(second)));
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(queue.pop_all().size(), 1U);
    EXPECT_TRUE(queue.try_push(std::move(second)));
}

TEST(BoundedQueue, WhenClosedRefusesItemsAndStillGivesThoseItHas) {
    BoundedQueue<int> queue(2);
    EXPECT_TRUE(queue.try_push(1));
    queue.close();
    EXPECT_FALSE(queue.try_push(2));
    EXPECT_TRUE(queue.closed());
    EXPECT_EQ(queue.pop_all(), std::vector{1});
    EXPECT_EQ(queue.pop_all(), std::vector<int>{});
}

TEST(BoundedQueue, WakesWhoWaitsOnAnItemAndOnClosing) {
    BoundedQueue<int> queue(1);
    std::vector<int> seen;
    std::thread consumer([&] {
        for (auto items = queue.pop_all(); !items.empty(); items = queue.pop_all())
            seen.insert(seen.end(), items.begin(), items.end());
    });
    for (int i = 0; i < 100; ++i)
        while (!queue.try_push(i)) std::this_thread::yield();
    queue.close();
    consumer.join();
    ASSERT_EQ(seen.size(), 100U);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace salus
