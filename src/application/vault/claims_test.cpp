#include "application/vault/claims.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace salus::application {
namespace {

constexpr std::chrono::milliseconds kNow{0};

TEST(Claims, AdditionsGoTogetherAndSoDoLooksButNotWithOneAnother) {
    Claims claims;
    const auto add = claims.take({{"a", ClaimMode::kAdd}}, kNow);
    ASSERT_TRUE(add);
    EXPECT_TRUE(claims.take({{"a", ClaimMode::kAdd}}, kNow));
    EXPECT_EQ(claims.take({{"a", ClaimMode::kLook}}, kNow).error().code, ErrorCode::kBusy);
    EXPECT_EQ(claims.take({{"a", ClaimMode::kExclusive}}, kNow).error().code, ErrorCode::kBusy);
    const auto look = claims.take({{"b", ClaimMode::kLook}}, kNow);
    EXPECT_TRUE(claims.take({{"b", ClaimMode::kLook}}, kNow));
    EXPECT_FALSE(claims.take({{"b", ClaimMode::kAdd}}, kNow));
    EXPECT_FALSE(claims.take({{"a", ClaimMode::kAdd}, {"b", ClaimMode::kAdd}}, kNow));
}

TEST(Claims, AWriterWaitsUntilTheOtherIsDone) {
    Claims claims;
    std::atomic<bool> released = false;
    auto first = claims.take({{"a", ClaimMode::kExclusive}}, kNow);
    std::thread second([&] {
        EXPECT_TRUE(claims.take({{"a", ClaimMode::kExclusive}}));
        EXPECT_TRUE(released);
    });
    released = true;
    first = Claims::Held();
    second.join();
    EXPECT_TRUE(claims.take({{"a", ClaimMode::kExclusive}}, kNow));
}

TEST(Claims, OneNameInTwoModesIsExclusive) {
    Claims::Names names;
    Claims::add(names, "a", ClaimMode::kAdd);
    Claims::add(names, "a", ClaimMode::kAdd);
    EXPECT_EQ(names.at("a"), ClaimMode::kAdd);
    Claims::add(names, "a", ClaimMode::kLook);
    EXPECT_EQ(names.at("a"), ClaimMode::kExclusive);
}

}  // namespace
}  // namespace salus::application
