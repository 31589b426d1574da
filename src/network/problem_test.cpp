#include "network/problem.hpp"

#include <gtest/gtest.h>

#include "model/json.hpp"

namespace salus::network {
namespace {

TEST(Problem, is_an_object_of_the_error_table) {
    const auto response = to_problem({ErrorCode::kNotFound, "no \"block\" 7\n"});
    EXPECT_EQ(response.status, 404U);
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
    const auto body = json::parse(as_text(response.body));
    ASSERT_TRUE(body) << as_text(response.body);
    EXPECT_EQ(body->member("type")->text, "urn:salus:error:not-found");
    EXPECT_EQ(body->member("status")->number, 404U);
    EXPECT_EQ(body->member("detail")->text, "no \"block\" 7\n");
    EXPECT_EQ(body->member("code")->number, 4U);
}

TEST(Problem, of_every_row_of_the_table_is_json_with_its_status) {
    for (const auto& row : error_table()) {
        const auto response = to_problem({row.code, "x"});
        EXPECT_EQ(response.status, row.http_status);
        EXPECT_TRUE(json::parse(as_text(response.body))) << row.name;
        EXPECT_EQ(response.status == 503 || response.status == 429, !response.header("retry-after").empty())
            << row.name;
    }
}

TEST(Problem, keeps_a_fault_of_the_node_to_itself) {
    const auto response = to_problem({ErrorCode::kIo, "/var/lib/salus: no space"});
    EXPECT_EQ(as_text(response.body).find("/var"), std::string_view::npos);
}

TEST(Problem, takes_another_status_and_further_members) {
    const auto response = to_problem({ErrorCode::kUsage, "x"}, 417, R"("id":"ab")");
    EXPECT_EQ(response.status, 417U);
    EXPECT_EQ(json::parse(as_text(response.body))->member("id")->text, "ab");
    EXPECT_EQ(json::parse(as_text(response.body))->member("status")->number, 417U);
}

}  // namespace
}  // namespace salus::network
