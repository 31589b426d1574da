#include "transport/links.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "testing/threads.hpp"
#include "transport/http.hpp"
#include "transport/test_peer.hpp"

namespace salus::transport {
namespace {

using namespace std::chrono_literals;
using test::Peer;

constexpr LinkFault kHeld{true, 0ms};

std::string asked(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
}

/// A server that says how many have asked it, behind a link.
class LinksTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto server = HttpServer::listen({}, threads_, 1, [this](const HttpRequest& request, auto responder) {
            ++asked_;
            responder->send({200, {}, request.path == "/large" ? Bytes(kLarge) : to_bytes(request.path)});
        });
        ASSERT_TRUE(server) << server.error().message;
        server_ = *std::move(server);
        auto links = Links::open({{0, server_->port()}, {0, 1}}, threads_);
        ASSERT_TRUE(links) << links.error().message;
        links_ = *std::move(links);
    }

    static constexpr std::size_t kLarge = std::size_t{9} << 20U;  // more than a link has under way
    std::atomic<int> asked_{0};
    testing::RealThreads threads_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<Links> links_;
};

TEST_F(LinksTest, BytesArriveBothWaysAndSoDoesTheEnd) {
    Peer small(links_->port(0));
    ASSERT_TRUE(small.send(asked("/hello")));
    EXPECT_TRUE(small.read_all().ends_with("/hello"));
    Peer large(links_->port(0));
    ASSERT_TRUE(large.send(asked("/large")));
    EXPECT_GT(large.read_all().size(), kLarge);
}

TEST_F(LinksTest, WhoConnectsIsToldWhereNobodyListensBehindTheLink) {
    Peer peer(links_->port(1));
    peer.send(asked("/hello"));
    EXPECT_EQ(peer.read_all(), "");
}

TEST_F(LinksTest, APortThatIsTakenIsNamed) {
    const auto taken = Links::open({{links_->port(0), 1}}, threads_);
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().message.find(std::to_string(links_->port(0))), std::string::npos);
}

TEST_F(LinksTest, WhatIsSentIntoACutArrivesWhenItIsMended) {
    links_->set(0, kHeld, {});
    Peer peer(links_->port(0));
    ASSERT_TRUE(peer.send(asked("/hello")));
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(asked_, 0);
    links_->set(0, {}, {});
    EXPECT_TRUE(peer.read_all().ends_with("/hello"));
    EXPECT_EQ(asked_, 1);
}

TEST_F(LinksTest, ACutOfOneDirectionLeavesTheOther) {
    links_->set(0, {}, kHeld);
    Peer peer(links_->port(0));
    ASSERT_TRUE(peer.send(asked("/hello")));
    while (asked_ == 0) std::this_thread::yield();
    std::string answer;
    std::thread reader([&] { answer = peer.read_all(); });
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(answer, "");
    links_->set(0, {}, {});
    reader.join();
    EXPECT_TRUE(answer.ends_with("/hello"));
}

TEST_F(LinksTest, ADelayCountsInEachDirectionItWasGivenFor) {
    links_->set(0, {false, 60ms}, {false, 90ms});
    const auto begun = std::chrono::steady_clock::now();
    Peer peer(links_->port(0));
    ASSERT_TRUE(peer.send(asked("/hello")));
    EXPECT_TRUE(peer.read_all().ends_with("/hello"));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 150ms);
}

TEST_F(LinksTest, WhatIsLateArrivesAtOnceWhenTheDelayEnds) {
    links_->set(0, {false, std::chrono::hours(1)}, {});
    Peer peer(links_->port(0));
    ASSERT_TRUE(peer.send(asked("/hello")));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(asked_, 0);
    links_->set(0, {}, {});
    EXPECT_TRUE(peer.read_all().ends_with("/hello"));
}

TEST_F(LinksTest, EndsWithConnectionsOpenAndBytesHeld) {
    links_->set(0, kHeld, kHeld);
    Peer peer(links_->port(0));
    ASSERT_TRUE(peer.send(asked("/hello")));
    links_.reset();
    EXPECT_EQ(peer.read_all(), "");
}

}  // namespace
}  // namespace salus::transport
