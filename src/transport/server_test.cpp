#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

#include "base/queue.hpp"
#include "testing/threads.hpp"
#include "transport/http.hpp"
#include "transport/test_peer.hpp"

namespace salus::transport {
namespace {

using namespace std::chrono_literals;
using test::Peer;

HttpResponse text(std::string_view body, unsigned status = 200) {
    return {status, {{"content-type", "text/plain"}}, to_bytes(body)};
}

/// "METHOD PATH BODY"
void echo_line(const HttpRequest& request, std::unique_ptr<Responder> responder) {
    responder->send(text(request.method + " " + request.path + " " + std::string(as_text(request.body))));
}

constexpr std::string_view kHello = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";

/// Keeps responders until the test answers them.
struct Parking {
    BoundedQueue<std::unique_ptr<Responder>> parked{100};
    Handler handler() {
        return [this](const HttpRequest&, std::unique_ptr<Responder> responder) {
            ASSERT_TRUE(parked.try_push(std::move(responder)));
        };
    }
    std::unique_ptr<Responder> next() { return std::move(parked.pop_all().at(0)); }
};

class ServerTest : public ::testing::Test {
protected:
    void start(Handler handler) {
        auto server = HttpServer::listen(config, threads, 2, std::move(handler));
        ASSERT_TRUE(server) << server.error().message;
        server_ = *std::move(server);
    }
    /// Still serves.
    void expect_alive() {
        Peer peer(server_->port());
        ASSERT_TRUE(peer.send("GET /alive HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
        EXPECT_NE(peer.read_all().find("GET /alive "), std::string::npos);
    }
    /// All that comes back for `bytes`, sent whole, when we then end our side.
    std::string reply(std::string_view bytes) {
        Peer peer(server_->port());
        peer.send(bytes);
        peer.finish();
        return peer.read_all();
    }

    /// Whether a newcomer is let in before any time-out makes room.
    bool served_at_last() {
        for (int tries = 0; tries < 1000; ++tries)
            if (reply(kHello).find("200 OK") != std::string::npos) return true;
        return false;
    }

    ServerConfig config;
    testing::RealThreads threads;
    Parking parking;  // outlives the server, whose threads may still be putting something there
    std::unique_ptr<HttpServer> server_;
};

TEST_F(ServerTest, answers_and_keeps_the_connection) {
    start(echo_line);
    Peer peer(server_->port());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(peer.send(kHello));
        const auto answer = peer.read_until("POST /a hello");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
        EXPECT_NE(answer.find("connection: keep-alive"), std::string::npos);
        EXPECT_EQ(answer.find("erver:"), std::string::npos);
    }
}

TEST_F(ServerTest, closes_when_asked_to) {
    start(echo_line);
    for (const std::string_view request :
         {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
        Peer peer(server_->port());
        ASSERT_TRUE(peer.send(request));
        EXPECT_NE(peer.read_all().find("connection: close"), std::string::npos);
    }
}

TEST_F(ServerTest, takes_a_request_byte_by_byte) {
    start(echo_line);
    Peer peer(server_->port());
    for (const char c : kHello) ASSERT_TRUE(peer.send({&c, 1}));
    EXPECT_NE(peer.read_until("POST /a hello").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, never_handles_a_request_that_is_cut_short) {
    std::atomic<int> handled = 0;
    start([&](const HttpRequest& request, std::unique_ptr<Responder> responder) {
        if (request.method == "POST") ++handled;
        echo_line(request, std::move(responder));
    });
    for (std::size_t size = 0; size < kHello.size(); ++size) EXPECT_EQ(reply(kHello.substr(0, size)), "") << size;
    EXPECT_EQ(handled, 0);
    expect_alive();
}

TEST_F(ServerTest, hangs_up_on_a_slow_sender) {
    config.read_timeout = 50ms;
    start(echo_line);
    for (const std::size_t size : {10UL, kHello.size() - 1}) {
        Peer peer(server_->port());
        ASSERT_TRUE(peer.send(kHello.substr(0, size)));
        EXPECT_EQ(peer.read_all(), "");
    }
    expect_alive();
}

TEST_F(ServerTest, hangs_up_on_who_sends_nothing) {
    config.idle_timeout = 50ms;
    start(echo_line);
    Peer silent(server_->port());
    EXPECT_EQ(silent.read_all(), "");
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send(kHello));
    const auto all = peer.read_all();
    EXPECT_NE(all.find("POST /a hello"), std::string::npos);
}

TEST_F(ServerTest, answers_pipelined_requests_in_order) {
    testing::ThreadPerJob executor;
    start([&](HttpRequest request, std::unique_ptr<Responder> responder) {
        auto shared = std::make_shared<std::unique_ptr<Responder>>(std::move(responder));
        executor.post([request = std::move(request), shared] { echo_line(request, std::move(*shared)); });
    });
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    const auto answers = reply(requests);
    std::size_t position = 0;
    for (int i = 0; i < 20; ++i) {
        position = answers.find("GET /" + std::to_string(i) + " ", position);
        ASSERT_NE(position, std::string::npos) << i;
    }
}

TEST_F(ServerTest, answers_what_came_before_garbage_and_then_closes) {
    start(echo_line);
    const auto answers = reply(std::string(kHello) + "\x7F\x45\x4C\x46 garbage\r\n\r\n" + std::string(kHello));
    const auto good = answers.find("200 OK");
    const auto bad = answers.find("400 Bad Request");
    EXPECT_LT(good, bad);
    EXPECT_NE(bad, std::string::npos);
    EXPECT_EQ(answers.find("200 OK", bad), std::string::npos);
    expect_alive();
}

TEST_F(ServerTest, refuses_what_is_too_large_and_says_the_limit) {
    config.body_bytes_max = 1000;
    start(echo_line);
    const auto large = reply("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'a'));
    EXPECT_TRUE(large.starts_with("HTTP/1.1 413 "));
    EXPECT_NE(large.find("1000 bytes"), std::string::npos);
    EXPECT_TRUE(reply("GET /" + std::string(kHeadBytesMax, 'a')).starts_with("HTTP/1.1 431 "));
    EXPECT_TRUE(reply("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                    .starts_with("HTTP/1.1 400 "));
}

TEST_F(ServerTest, words_a_refusal_as_it_is_told) {
    config.body_bytes_max = 3;
    config.refuse = [](unsigned status, const Error& error, std::string_view path) {
        return text("refused: " + error.message + " at " + std::string(path), status);
    };
    start(echo_line);
    EXPECT_NE(reply(kPost).find("3 bytes at "), std::string::npos);
    EXPECT_NE(reply("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n").find("refused: a '%'"), std::string::npos);
}

TEST_F(ServerTest, takes_of_a_body_what_its_path_allows_and_says_so_before_it_comes) {
    config.body_limit = [](std::string_view method, std::string_view path) -> std::size_t {
        return method == "POST" && path == "/large" ? 1000 : 10;
    };
    start(echo_line);
    const std::string rest = " HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n";
    EXPECT_TRUE(reply("POST /large" + rest + std::string(11, 'a')).starts_with("HTTP/1.1 200 "));
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("POST /small" + rest));
    EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, bids_a_client_continue_unless_it_will_refuse) {
    config.body_bytes_max = 10;
    start(echo_line);
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
    EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_NE(peer.read_until("POST /a hello").find("200 OK"), std::string::npos);
    ASSERT_TRUE(peer.send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"));
    EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, answers_head_without_a_body) {
    start(echo_line);
    const auto answer = reply("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(answer.find("content-length: 8\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, has_who_waited_longest_give_way_to_a_newcomer) {
    config.connections_max = 2;
    start(echo_line);
    Peer first(server_->port());
    Peer second(server_->port());
    ASSERT_TRUE(second.send(kHello));
    EXPECT_NE(second.read_until("POST /a hello").find("200 OK"), std::string::npos);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(first.send(kHello));
        EXPECT_NE(first.read_until("POST /a hello").find("200 OK"), std::string::npos);
    }
    // They wait as soon as their answers are sent, which is when we may have read them already.
    EXPECT_TRUE(served_at_last());
    EXPECT_EQ(second.read_all(), "");
}

TEST_F(ServerTest, has_those_give_way_who_bring_part_of_a_head) {
    config.connections_max = 2;
    start(echo_line);
    Peer first(server_->port());
    Peer second(server_->port());
    for (auto* peer : {&first, &second}) ASSERT_TRUE(peer->send(kHello.substr(0, 20)));
    EXPECT_TRUE(served_at_last());
    EXPECT_EQ(first.read_all(), "");
}

TEST_F(ServerTest, has_those_give_way_who_announce_a_body_and_are_silent) {
    config.connections_max = 1;
    start(echo_line);
    Peer silent(server_->port());
    ASSERT_TRUE(silent.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n"));
    EXPECT_TRUE(served_at_last());
    EXPECT_EQ(silent.read_all(), "");
}

TEST_F(ServerTest, turns_away_a_newcomer_where_all_have_a_request_under_way) {
    config.connections_max = 2;
    start(parking.handler());
    Peer first(server_->port());
    Peer second(server_->port());
    std::vector<std::unique_ptr<Responder>> responders;
    for (auto* peer : {&first, &second}) {
        ASSERT_TRUE(peer->send(kHello));
        responders.push_back(parking.next());
    }
    // What it had sent before is read, else the connection would be reset and its answer lost.
    const auto refused = reply(kHello);
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
    EXPECT_NE(refused.find("retry-after: 1\r\n"), std::string::npos);
    EXPECT_NE(refused.find("connection: close\r\n"), std::string::npos);
    responders[0]->send(text("done"));
    EXPECT_NE(first.read_until("done").find("200 OK"), std::string::npos);
    first.finish();
    EXPECT_EQ(first.read_all(), "");
    std::jthread third([&] { EXPECT_TRUE(served_at_last()); });
    parking.next()->send(text("third"));
}

TEST_F(ServerTest, bounds_the_answers_that_nobody_reads) {
    constexpr std::size_t kLarge = 32UL * 1024 * 1024;  // more than the sockets' own buffers hold
    config.answer_bytes_total_max = kLarge * 3 / 2;
    start([](const HttpRequest& request, std::unique_ptr<Responder> responder) {
        responder->send({200, {}, Bytes(request.path == "/large" ? kLarge : 10)});
    });
    const auto head_of = [&](Peer& peer, const std::string& request) {
        EXPECT_TRUE(peer.send(request + " HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"));
        return peer.read_until("\r\n\r\n");
    };
    auto unread = std::make_unique<Peer>(server_->port());
    EXPECT_TRUE(head_of(*unread, "GET /large").starts_with("HTTP/1.1 200 "));
    Peer second(server_->port());
    const auto refused = head_of(second, "GET /large");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 "));
    EXPECT_NE(refused.find("retry-after: "), std::string::npos);
    Peer small(server_->port());
    EXPECT_TRUE(head_of(small, "GET /small").starts_with("HTTP/1.1 200 "));
    // It has done something: to say "ask again" would have it done twice.
    EXPECT_TRUE(head_of(*std::make_unique<Peer>(server_->port()), "POST /large").starts_with("HTTP/1.1 200 "));
    unread.reset();
    while (!head_of(*std::make_unique<Peer>(server_->port()), "GET /large").starts_with("HTTP/1.1 200 ")) continue;
}

TEST_F(ServerTest, keeps_room_for_small_bodies_beside_the_largest) {
    config.body_bytes_total_max = 800'000;
    start(parking.handler());
    const auto post = [](std::size_t size) {
        return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
               std::string(size, 'a');
    };
    Peer alone(server_->port());
    ASSERT_TRUE(alone.send(post(800'000)));
    parking.next()->send(text("alone"));
    EXPECT_NE(alone.read_until("alone").find("200 OK"), std::string::npos);
    // Its share is free once its connection goes on, which the next answer over it shows.
    ASSERT_TRUE(alone.send(post(1)));
    parking.next()->send(text("again"));
    EXPECT_NE(alone.read_until("again").find("200 OK"), std::string::npos);
    Peer large(server_->port());
    ASSERT_TRUE(large.send(post(700'000)));
    const auto held = parking.next();
    EXPECT_TRUE(reply(post(65'537)).starts_with("HTTP/1.1 503 "));
    Peer small(server_->port());
    ASSERT_TRUE(small.send(post(65'536)));
    parking.next()->send(text("small"));
    EXPECT_NE(small.read_until("small").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, bounds_the_bodies_of_all_requests_together) {
    config.body_bytes_total_max = 100;
    start(parking.handler());
    const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n";
    const std::string chunked = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3c\r\n" +
                                std::string(60, 'a') + "\r\n0\r\n\r\n";
    Peer first(server_->port());
    ASSERT_TRUE(first.send(head + std::string(60, 'a')));
    auto responder = parking.next();
    for (const auto& request : {head + std::string(60, 'a'), chunked}) {
        const auto refused = reply(request);
        EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
        EXPECT_NE(refused.find("retry-after: "), std::string::npos);
    }
    responder->send(text("done"));
    EXPECT_TRUE(first.read_until("done").starts_with("HTTP/1.1 200 "));
    // The first one's share is free once its connection goes on.
    ASSERT_TRUE(first.send(chunked));
    parking.next()->send(text("again"));
    EXPECT_TRUE(first.read_until("again").starts_with("HTTP/1.1 200 "));
}

TEST_F(ServerTest, counts_what_was_received_and_not_what_was_announced) {
    config.body_bytes_total_max = 100;
    start(echo_line);
    std::vector<std::unique_ptr<Peer>> announcers;
    for (int i = 0; i < 16; ++i) {
        announcers.push_back(std::make_unique<Peer>(server_->port()));
        ASSERT_TRUE(announcers.back()->send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\na"));
    }
    for (int i = 0; i < 3; ++i) EXPECT_NE(reply(kPost).find("POST /a hello"), std::string::npos);
}

TEST_F(ServerTest, hangs_up_on_a_body_that_drips) {
    config.read_timeout = 200ms;
    config.body_step_bytes = 1000;
    start(echo_line);
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"));
    // Each byte comes well within the time that one may take. Dripped to its end this would last hours.
    const auto drip = [&] {
        std::this_thread::sleep_for(20ms);
        return peer.send("a");
    };
    while (drip()) continue;
    EXPECT_EQ(peer.read_all(), "");
}

TEST_F(ServerTest, answers_500_for_a_handler_that_throws_or_forgets) {
    start([](const HttpRequest& request, const std::unique_ptr<Responder>&) {
        if (request.path == "/throw") throw std::runtime_error("secret");
    });
    for (const std::string path : {"/throw", "/forget"}) {
        const auto answer = reply("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 "));
        EXPECT_EQ(answer.find("secret"), std::string::npos);
    }
}

TEST_F(ServerTest, answers_500_where_a_header_would_break_out) {
    start([](const HttpRequest&, std::unique_ptr<Responder> responder) {
        responder->send({200, {{"x", "a\r\nb: c"}}, {}});
    });
    const auto answer = reply("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 "));
    EXPECT_EQ(answer.find("b: c"), std::string::npos);
}

TEST_F(ServerTest, finishes_what_is_under_way_when_it_stops) {
    start(parking.handler());
    Peer idle(server_->port());
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send(kHello));
    auto responder = parking.next();
    auto stopped = std::async(std::launch::async, [&] { server_->stop(60s); });
    EXPECT_EQ(idle.read_all(), "");
    responder->send(text("finished"));
    const auto answer = peer.read_all();
    EXPECT_NE(answer.find("finished"), std::string::npos);
    EXPECT_NE(answer.find("connection: close"), std::string::npos);
    stopped.get();
    EXPECT_ANY_THROW(Peer(server_->port()));
    server_->stop(60s);
}

TEST_F(ServerTest, stops_without_those_who_never_answer) {
    start(parking.handler());
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send(kHello));
    auto responder = parking.next();
    Peer half(server_->port());
    ASSERT_TRUE(half.send(kHello.substr(0, 20)));
    server_->stop(1ms);
    EXPECT_EQ(peer.read_all(), "");
    server_.reset();
    responder->send(text("too late"));
}

TEST_F(ServerTest, streams_until_the_handler_closes) {
    BoundedQueue<std::shared_ptr<ResponseStream>> streams(10);
    start([&](const HttpRequest&, std::unique_ptr<Responder> responder) {
        ASSERT_TRUE(streams.try_push(responder->stream({200, {{"content-type", "text/event-stream"}}, {}}, ":\n")));
    });
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    auto stream = streams.pop_all().at(0);
    EXPECT_NE(peer.read_until("\r\n\r\n").find("transfer-encoding: chunked"), std::string::npos);
    std::latch drained(1);
    EXPECT_TRUE(stream->write("first"));
    stream->when_drained([&] { drained.count_down(); });
    EXPECT_EQ(peer.read_until("first\r\n"), "5\r\nfirst\r\n");
    drained.wait();
    EXPECT_TRUE(stream->write("second"));
    stream->close();
    EXPECT_FALSE(stream->write("third"));
    EXPECT_EQ(peer.read_until("0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
    ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    stream = streams.pop_all().at(0);
    EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
    server_->stop(60s);
    EXPECT_EQ(peer.read_all(), "0\r\n\r\n");
    EXPECT_FALSE(stream->write("fourth"));
}

TEST_F(ServerTest, says_something_on_a_stream_that_has_nothing_to_say) {
    config.stream_idle = 20ms;
    BoundedQueue<std::shared_ptr<ResponseStream>> streams(10);
    start([&](const HttpRequest&, std::unique_ptr<Responder> responder) {
        ASSERT_TRUE(streams.try_push(responder->stream({}, "idle")));
    });
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto stream = streams.pop_all().at(0);
    EXPECT_NE(peer.read_until("4\r\nidle\r\n4\r\nidle\r\n").find("idle"), std::string::npos);
    EXPECT_TRUE(stream->write("news"));
    EXPECT_TRUE(peer.read_until("news\r\n").ends_with("4\r\nnews\r\n"));
}

TEST_F(ServerTest, cuts_off_a_reader_that_is_too_slow) {
    config.stream_bytes_max = 256 * 1024;
    BoundedQueue<std::shared_ptr<ResponseStream>> streams(10);
    start([&](const HttpRequest&, std::unique_ptr<Responder> responder) {
        ASSERT_TRUE(streams.try_push(responder->stream({}, {})));
    });
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    auto stream = streams.pop_all().at(0);
    while (stream->write(std::string(64 * 1024, 'a'))) continue;
    EXPECT_FALSE(stream->write("more"));
    EXPECT_FALSE(peer.read_all().ends_with("0\r\n\r\n"));
}

TEST_F(ServerTest, gives_up_on_a_reader_that_reads_nothing) {
    config.write_timeout = 50ms;
    start(parking.handler());
    Peer peer(server_->port());
    ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    parking.next()->send({200, {}, Bytes(64UL * 1024 * 1024)});
    server_->stop(60s);
    EXPECT_LT(peer.read_all().size(), 64UL * 1024 * 1024);
}

TEST(Server, listens_off_loopback_only_under_tls) {
    testing::RealThreads threads;
    ServerConfig config;
    for (const std::string address : {"0.0.0.0", "::", "192.0.2.1"}) {
        config.address = address;
        const auto server = HttpServer::listen(config, threads, 1, echo_line);
        ASSERT_FALSE(server);
        EXPECT_EQ(server.error().code, ErrorCode::kConfig) << address;
    }
    config.address = "localhost:80";
    EXPECT_EQ(HttpServer::listen(config, threads, 1, echo_line).error().code, ErrorCode::kIo);
    config.address = "127.0.0.1";
    config.certificate_file = "/nowhere/cert.pem";
    EXPECT_EQ(HttpServer::listen(config, threads, 1, echo_line).error().code, ErrorCode::kConfig);
    config.key_file = "/nowhere/key.pem";
    EXPECT_EQ(HttpServer::listen(config, threads, 1, echo_line).error().code, ErrorCode::kIo);
}

TEST(Server, names_a_port_that_is_in_use) {
    testing::RealThreads threads;
    ServerConfig config;
    const auto first = HttpServer::listen(config, threads, 1, echo_line);
    ASSERT_TRUE(first);
    config.port = (*first)->port();
    const auto second = HttpServer::listen(config, threads, 1, echo_line);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kIo);
    EXPECT_NE(second.error().message.find(std::to_string(config.port)), std::string::npos);
}

}  // namespace
}  // namespace salus::transport
