#include "transport/parser.hpp"

#include <gtest/gtest.h>

namespace salus::transport {
namespace {

constexpr std::size_t kBodyMax = 1000;

/// Feeds `text` to one parser after another, `cut` bytes at a time, as a connection does.
struct Outcome {
    std::vector<HttpRequest> requests;
    std::optional<unsigned> refused;
    ParseStage stage = ParseStage::kHead;
};

Outcome parse(std::string_view text, std::size_t cut) {
    Outcome outcome;
    RequestParser parser(kBodyMax);
    Bytes input;
    while (true) {
        while (!input.empty() || parser.stage() == ParseStage::kDone) {
            if (parser.stage() == ParseStage::kDone) {
                outcome.requests.push_back(parser.take());
                parser = RequestParser(kBodyMax);
                continue;
            }
            const auto taken = parser.feed(input);
            if (!taken) {
                outcome.refused = taken.error().status;
                return outcome;
            }
            input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(*taken));
            if (*taken == 0 && parser.stage() != ParseStage::kDone) break;
        }
        outcome.stage = parser.stage();
        if (text.empty()) return outcome;
        append(input, as_bytes(text.substr(0, cut)));
        text.remove_prefix(std::min(cut, text.size()));
    }
}

unsigned refusal(std::string_view text) { return parse(text, text.size()).refused.value_or(0); }

constexpr std::string_view kPost = "POST /a?b=c HTTP/1.1\r\nHost: h\r\nX-Thing:  v \r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view kChunked =
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nX-Thing: "
    "trailer\r\n\r\n";

TEST(RequestParser, reads_a_request_however_it_is_cut) {
    for (std::size_t cut = 1; cut <= kPost.size(); ++cut) {
        const auto outcome = parse(kPost, cut);
        ASSERT_EQ(outcome.requests.size(), 1U) << cut;
        const auto& request = outcome.requests[0];
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.path, "/a");
        EXPECT_EQ(request.parameter("b"), "c");
        EXPECT_EQ(request.header("x-thing"), "v");
        EXPECT_EQ(as_text(request.body), "hello");
    }
}

TEST(RequestParser, reads_chunks_however_they_are_cut_and_believes_no_trailer) {
    for (std::size_t cut = 1; cut <= kChunked.size(); ++cut) {
        const auto outcome = parse(kChunked, cut);
        ASSERT_EQ(outcome.requests.size(), 1U) << cut;
        EXPECT_EQ(as_text(outcome.requests[0].body), "hello");
        EXPECT_EQ(outcome.requests[0].header("x-thing"), "");
    }
}

TEST(RequestParser, waits_for_the_rest_of_every_prefix) {
    for (const auto whole : {kPost, kChunked})
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto outcome = parse(whole.substr(0, size), 7);
            EXPECT_TRUE(outcome.requests.empty()) << size;
            EXPECT_FALSE(outcome.refused) << size;
            EXPECT_NE(outcome.stage, ParseStage::kDone) << size;
        }
}

TEST(RequestParser, stops_behind_each_of_several_requests) {
    const std::string three = std::string(kPost) + "\r\n" + std::string(kChunked) + "GET /last HTTP/1.0\r\n\r\n";
    for (const std::size_t cut : {1UL, 3UL, 50UL, three.size()}) {
        const auto outcome = parse(three, cut);
        ASSERT_EQ(outcome.requests.size(), 3U) << cut;
        EXPECT_EQ(outcome.requests[2].path, "/last");
    }
}

TEST(RequestParser, refuses_two_ways_to_frame_a_body) {
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              400U);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
              400U);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"), 400U);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nhello"), 400U);
    EXPECT_EQ(
        refusal(
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        400U);
    EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501U);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n"), 501U);
}

TEST(RequestParser, refuses_a_length_that_is_no_number) {
    for (const std::string length : {"-1", "+5", "5x", "0x5", "", "18446744073709551616", "5 5"})
        EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\nhello"), 400U) << length;
}

TEST(RequestParser, refuses_folded_lines_bare_line_feeds_and_blanks_before_a_colon) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400U);
}

TEST(RequestParser, refuses_a_missing_or_second_host) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.0\r\n\r\n"), 0U);
}

TEST(RequestParser, refuses_other_versions_targets_and_garbage) {
    EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505U);
    EXPECT_EQ(refusal("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505U);
    EXPECT_EQ(refusal("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET\r\n\r\n"), 400U);
    EXPECT_EQ(refusal(std::string_view("\x16\x03\x01\0\x01\r\n\r\n", 9)), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\nX: \xFF\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\nX: a\x01z\r\n\r\n"), 400U);
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n"), 417U);
}

TEST(RequestParser, bounds_the_head) {
    const auto padded = [](std::size_t size) {
        std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
        head += std::string(size - head.size() - 4, 'a') + "\r\n\r\n";
        return head;
    };
    for (const std::size_t cut : {100UL, 100'000UL}) {
        EXPECT_EQ(parse(padded(kHeadBytesMax), cut).requests.size(), 1U);
        EXPECT_EQ(parse(padded(kHeadBytesMax + 1), cut).refused, 431U);
    }
    EXPECT_EQ(parse("GET /" + std::string(kHeadBytesMax, 'a'), 100).refused, 431U);
}

TEST(RequestParser, bounds_the_body_by_what_is_told_and_by_what_comes) {
    const auto post = [](std::size_t size) {
        return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
               std::string(size, 'a');
    };
    EXPECT_EQ(parse(post(kBodyMax), 64).requests.size(), 1U);
    EXPECT_EQ(parse(post(kBodyMax + 1), 64).refused, 413U);
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string chunks;
    for (int i = 0; i < 10; ++i) chunks += "64\r\n" + std::string(100, 'a') + "\r\n";
    EXPECT_EQ(parse(head + chunks + "0\r\n\r\n", 64).requests.size(), 1U);
    EXPECT_EQ(parse(head + chunks + "1\r\na\r\n0\r\n\r\n", 64).refused, 413U);
    EXPECT_EQ(parse(head + "1;" + std::string(2 * kHeadBytesMax, 'x'), 1000).refused, 431U);
    EXPECT_EQ(parse(head + "zz\r\n", 64).refused, 400U);
    EXPECT_EQ(parse(head + "5\r\nhello!!!!\r\n", 64).refused, 400U);
}

TEST(RequestParser, tells_what_the_connection_must_know) {
    RequestParser parser(kBodyMax);
    const std::string head =
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n";
    ASSERT_EQ(parser.feed(as_bytes(head)).value_or(0), head.size());
    EXPECT_TRUE(parser.expects_continue());
    EXPECT_FALSE(parser.keep_alive());
    EXPECT_EQ(parser.method(), "POST");
    EXPECT_EQ(parser.path(), "/");
}

TEST(RequestParser, takes_no_more_of_a_body_than_its_route_does) {
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
    const auto limited = [&](const std::string& rest, std::size_t bytes_max) -> unsigned {
        RequestParser parser(kBodyMax);
        if (const auto begun = parser.feed(as_bytes(head + rest)); !begun) return begun.error().status;
        const auto limit = parser.limit_body(bytes_max);
        if (!limit) return limit.error().status;
        const auto body = parser.feed(as_bytes("3\r\nabc\r\n0\r\n\r\n"));
        return body ? 0 : body.error().status;
    };
    EXPECT_EQ(limited("Content-Length: 4\r\n\r\n", 3), 413U);
    EXPECT_EQ(limited("Content-Length: 3\r\n\r\n", 3), 0U);
    EXPECT_EQ(limited("Transfer-Encoding: chunked\r\n\r\n", 2), 413U);
    EXPECT_EQ(limited("Transfer-Encoding: chunked\r\n\r\n", 3), 0U);
    // It is lowered only.
    EXPECT_EQ(limited("Content-Length: 1001\r\n\r\n", 5000), 413U);
}

TEST(ResponseParser, passes_over_interim_answers) {
    ResponseParser parser(kBodyMax, false);
    std::string text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    while (!parser.done()) {
        const auto taken = parser.feed(as_bytes(text));
        ASSERT_TRUE(taken);
        ASSERT_GT(*taken, 0U);
        text.erase(0, *taken);
    }
    const auto response = parser.take();
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(as_text(response.body), "ok");
}

TEST(ResponseParser, calls_an_early_end_an_error) {
    const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (std::size_t size = 1; size < whole.size(); ++size) {
        ResponseParser parser(kBodyMax, false);
        std::string text = whole.substr(0, size);
        for (std::size_t taken = 1; taken > 0 && !text.empty(); text.erase(0, taken)) {
            const auto fed = parser.feed(as_bytes(text));
            ASSERT_TRUE(fed);
            taken = *fed;
        }
        EXPECT_FALSE(parser.end()) << size;
    }
}

}  // namespace
}  // namespace salus::transport
