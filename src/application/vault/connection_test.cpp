#include "application/vault/connection.hpp"

#include <gtest/gtest.h>

#include "testing/directory.hpp"

namespace salus::application {
namespace {

TEST(Connection, KeepsNoMoreStatementsThanTheLastOnesUsed) {
    const salus::testing::TestDirectory directory;
    const auto connection = Connection::open(directory.path() / "test.db", Connection::Mode::kWrite).value();
    const auto number = [&](std::size_t alternatives) {
        std::string sql = "SELECT 7 WHERE 1 IN (1";
        for (std::size_t i = 0; i < alternatives; ++i) sql += ", 0";
        return connection->query_value<std::uint64_t>(sql + ")").value();
    };
    for (std::size_t i = 0; i < Connection::kStatementsMax - 1; ++i) EXPECT_EQ(number(i), 7U);
    const std::size_t before = connection->statements();
    EXPECT_LE(before, Connection::kStatementsMax);
    for (std::size_t i = 0; i < 3 * Connection::kStatementsMax; ++i) EXPECT_EQ(number(i), 7U);
    EXPECT_EQ(connection->statements(), Connection::kStatementsMax);
    // One that failed is not kept, and is no obstacle.
    EXPECT_FALSE(connection->query_value<std::uint64_t>("SELECT nothing"));
    EXPECT_EQ(number(0), 7U);
}

}  // namespace
}  // namespace salus::application
