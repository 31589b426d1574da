#include "node/founding.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "store/rocksdb_kv.hpp"
#include "testing/directory.hpp"
#include "testkit/consortium.hpp"

namespace salus::node {
namespace {

class FoundingTest : public ::testing::Test {
protected:
    [[nodiscard]] std::filesystem::path chain() const { return directory_.path() / "chain"; }
    [[nodiscard]] std::filesystem::path unfinished() const { return directory_.path() / "chain.new"; }
    Height start() {
        const auto store = open_or_found(chain(), net_.genesis_bytes);
        EXPECT_TRUE(store) << store.error().to_string();
        return store ? (*store)->view()->tip().header.height : 99;
    }
    testing::TestDirectory directory_;
    const testkit::Consortium net_ = testkit::make_consortium();
};

TEST_F(FoundingTest, FoundsOnceAndOpensFromThenOn) {
    EXPECT_EQ(start(), 0U);
    EXPECT_FALSE(std::filesystem::exists(unfinished()));
    EXPECT_EQ(start(), 0U);
    const auto other = testkit::make_consortium([](Genesis& genesis) { genesis.name = "another"; });
    EXPECT_EQ(open_or_found(chain(), other.genesis_bytes).error().code, ErrorCode::kConflict);
}

TEST_F(FoundingTest, ANodeKilledInTheMidstOfFoundingStartsAgain) {
    std::filesystem::create_directories(unfinished());
    EXPECT_EQ(start(), 0U) << "the folder was made";
    std::filesystem::remove_all(chain());
    ASSERT_TRUE(store::rocksdb_kv(unfinished(), store::Access::kNew, 8U << 20U));
    EXPECT_EQ(start(), 0U) << "the families were made";
    std::filesystem::remove_all(chain());
    const auto founding = founding_of(net_.genesis_bytes).value();
    ASSERT_TRUE(store::open_rocksdb(unfinished(), &founding));
    EXPECT_EQ(start(), 0U) << "all was written, and not named";
    std::filesystem::remove_all(chain());
    std::filesystem::create_directories(unfinished());
    std::ofstream(unfinished() / "CURRENT") << "half a na";
    EXPECT_EQ(start(), 0U) << "a file was torn";
}

TEST_F(FoundingTest, AFolderWithoutALedgerIsFounded) {
    std::filesystem::create_directories(chain());
    EXPECT_EQ(start(), 0U);
    std::filesystem::remove_all(chain());
    ASSERT_TRUE(store::rocksdb_kv(chain(), store::Access::kNew, 8U << 20U));
    EXPECT_EQ(start(), 0U) << "what an earlier version left, killed before its first batch";
}

TEST_F(FoundingTest, WhatMayBeLeftOfALedgerIsNotFoundedOver) {
    EXPECT_EQ(start(), 0U);
    std::filesystem::remove(chain() / "CURRENT");
    EXPECT_EQ(open_or_found(chain(), net_.genesis_bytes).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace salus::node
