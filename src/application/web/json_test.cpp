#include "application/web/json.hpp"

#include <gtest/gtest.h>

namespace salus::application {
namespace {

Result<JsonBody> body(std::string_view text) { return JsonBody::parse(as_bytes(text), {"a", "b"}); }

TEST(JsonBody, GivesTheFieldsThatItKnows) {
    const auto in = body(R"({"a":"x","b":9223372036854775807})");
    ASSERT_TRUE(in) << in.error().message;
    EXPECT_EQ(in->text("a").value(), "x");
    EXPECT_EQ(in->number_or("b", 0).value(), 9223372036854775807U);
    EXPECT_EQ(body("{}")->number_or("b", 7).value(), 7U);
    EXPECT_EQ(body(R"({"a":["x","y"]})")->texts("a").value(), (std::vector<std::string>{"x", "y"}));
}

TEST(JsonBody, GivesObjectsInAList) {
    const auto objects = [](std::string_view text) { return body(text)->objects("a", {"c"}); };
    const auto in = objects(R"({"a":[{"c":"x"},{}]})");
    ASSERT_TRUE(in);
    ASSERT_EQ(in->size(), 2U);
    EXPECT_EQ(in->front().text("c").value(), "x");
    EXPECT_TRUE(objects("{}")->empty());
    for (const char* bad : {R"({"a":{}})", R"({"a":["x"]})", R"({"a":[{"d":1}]})"})
        EXPECT_EQ(objects(bad).error().code, ErrorCode::kUsage) << bad;
}

TEST(JsonBody, RefusesAFieldThatStandsTwice) {
    for (const char* twice : {R"({"a":"x","a":"y"})", R"({"a":"x","\u0061":"y"})", R"({"a":{"c":1,"c":1}})"})
        EXPECT_EQ(body(twice).error().code, ErrorCode::kUsage) << twice;
}

TEST(JsonBody, RefusesWhatIsNoObjectAndWhatItDoesNotKnow) {
    for (const char* bad : {"", "[]", "7", R"({"c":1})", R"({"a":1.5})", R"({"a":-1})", R"({"a":1} x)"})
        EXPECT_EQ(body(bad).error().code, ErrorCode::kUsage) << bad;
    EXPECT_EQ(body(R"({"a":9223372036854775808})")->number_or("a", 0).error().code, ErrorCode::kUsage);
    EXPECT_EQ(body(R"({"a":1})")->text("a").error().code, ErrorCode::kUsage);
    EXPECT_EQ(body(R"({"a":["x",1]})")->texts("a").error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace salus::application
