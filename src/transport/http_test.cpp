#include "transport/http.hpp"

#include <gtest/gtest.h>

#include "transport/head.hpp"
#include "transport/target.hpp"

namespace salus::transport {
namespace {

TEST(UrlEncode, leaves_only_unreserved_characters) {
    EXPECT_EQ(url_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(url_encode("a b/c?&=+%\xC3\xA4"), "a%20b%2Fc%3F%26%3D%2B%25%C3%A4");
}

TEST(UrlEncode, is_undone_by_the_query_of_a_target) {
    std::string all;
    for (char c = 1; c < 0x7F; ++c) all.push_back(c);
    const auto target = parse_target("/x?q=" + url_encode(all));
    ASSERT_TRUE(target) << target.error().message;
    EXPECT_EQ(target->query.at(0).second, all);
}

TEST(Target, is_decoded_and_keeps_the_order_of_its_query) {
    const auto target = parse_target("/v1/caf%C3%A9/a+b?from=7&limit=%31+0&from=8&flag&=x&");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v1/caf\xC3\xA9/a+b");
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"from", "7"}, {"limit", "1 0"}, {"from", "8"}, {"flag", ""}, {"", "x"}};
    EXPECT_EQ(target->query, expected);
    EXPECT_EQ(parse_target("/")->path, "/");
    EXPECT_EQ(parse_target("/a/")->path, "/a/");
    EXPECT_EQ(parse_target("/a//b")->path, "/a//b");
    EXPECT_EQ(parse_target("/a...b/.c/..d")->path, "/a...b/.c/..d");
}

TEST(Target, in_absolute_form_loses_scheme_and_authority) {
    EXPECT_EQ(parse_target("http://host:80/a?b=c")->path, "/a");
    EXPECT_EQ(parse_target("https://host")->path, "/");
    EXPECT_FALSE(parse_target("http://host?a=b"));
}

TEST(Target, refuses_what_servers_disagree_about) {
    for (const std::string raw :
         {"",       "a",      "*",     "host:443", "/%",         "/%4",     "/%4g",     "/%zz",    "/%00",
          "/a%0Ab", "/%7F",   "/%FF",  "/%C0%AF",  "/%ED%A0%80", "/a/../b", "/..",      "/.",      "/%2e%2E/b",
          "/a%2Fb", "/a%5cb", "/a\\b", "/a#b",     "/a?b=%",     "/a?b=%1", "/a?%00=c", "/a?b=%FF"})
        EXPECT_FALSE(parse_target(raw)) << raw;
}

TEST(Head, says_what_every_answer_says_unless_told_otherwise) {
    const auto head = response_head({200, {{"cache-control", "max-age=60"}}, {1, 2}}, Framing::kLength, true);
    ASSERT_TRUE(head);
    EXPECT_EQ(*head,
              "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\nx-content-type-options: nosniff\r\n"
              "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\nreferrer-policy: no-referrer\r\n"
              "content-length: 2\r\nconnection: keep-alive\r\n\r\n");
}

TEST(Head, of_an_answer_without_a_body_tells_no_length) {
    EXPECT_EQ(response_head({204, {}, {}}, Framing::kLength, false)->find("content-length"), std::string::npos);
    EXPECT_NE(response_head({200, {}, {}}, Framing::kLength, false)->find("content-length: 0"), std::string::npos);
}

TEST(Head, refuses_a_header_that_breaks_out_of_its_line) {
    EXPECT_FALSE(response_head({200, {{"location", "/a\r\nset-cookie: x"}}, {}}, Framing::kLength, true));
    EXPECT_FALSE(response_head({200, {{"a b", "c"}}, {}}, Framing::kLength, true));
    EXPECT_FALSE(request_head("GET", "/a b", "h", {}, 0));
    EXPECT_FALSE(request_head("GET", "/a\r\nx: y", "h", {}, 0));
    EXPECT_FALSE(request_head("GE T", "/", "h", {}, 0));
    EXPECT_FALSE(request_head("GET", "/", "h", {{"x", "a\nb"}}, 0));
}

TEST(Head, of_a_request_tells_the_length_where_a_body_is_expected) {
    EXPECT_EQ(*request_head("GET", "/a", "h:1", {}, 0), "GET /a HTTP/1.1\r\nhost: h:1\r\n\r\n");
    EXPECT_EQ(*request_head("POST", "/a", "h", {}, 0), "POST /a HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n");
}

}  // namespace
}  // namespace salus::transport
