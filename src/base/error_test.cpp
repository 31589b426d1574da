#include "base/error.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/result.hpp"

namespace salus {
namespace {

TEST(ErrorTable, GivesEachNameOnceAndAStatusThatIsAnError) {
    std::set<std::string_view> names;
    for (const ErrorInfo& row : error_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_GE(row.http_status, 400) << row.name;
        EXPECT_LT(row.http_status, 600) << row.name;
        EXPECT_TRUE(row.meaning.ends_with('.')) << row.name;
    }
}

TEST(ErrorTable, FindsARowByItsNumberAndNothingElse) {
    EXPECT_EQ(error_code(5), ErrorCode::kBusy);
    EXPECT_EQ(error_code(0), std::nullopt);
    EXPECT_EQ(error_code(4'000'000'000U), std::nullopt);
}

Result<int> half(int value) {
    if (value % 2 != 0) return fail(ErrorCode::kUsage, "odd");
    return value / 2;
}
Result<int> quarter(int value) {
    SALUS_TRY(const int once, half(value));
    return half(once);
}

TEST(Result, TryHandsTheFirstErrorUp) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(7).error().code, ErrorCode::kUsage);
    EXPECT_EQ(quarter(6).error().message, "odd");
}

TEST(Error, SaysItsCausesInOrder) {
    const Error error{ErrorCode::kIo, "cannot open the vault", Error{ErrorCode::kIo, "no such file"}};
    EXPECT_EQ(error.to_string(), "cannot open the vault: no such file");
}

}  // namespace
}  // namespace salus
