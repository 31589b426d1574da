#pragma once

#include <gtest/gtest.h>

#include "network/router.hpp"
#include "testing/platform.hpp"
#include "testing/threads.hpp"
#include "transport/test_peer.hpp"

namespace salus::network::test {

/// A router behind a server on loopback, and a client of it.
class ApiTest : public ::testing::Test {
protected:
    void serve() {
        transport::ServerConfig config;
        config.body_limit = router.body_limit();
        config.refuse = router.refusal();
        server = transport::HttpServer::listen(config, threads, 2, router.handler()).value();
        client = transport::HttpClient::make("http://127.0.0.1:" + std::to_string(server->port())).value();
    }
    transport::HttpResponse ask(std::string_view method, std::string_view target, transport::Headers headers = {},
                                std::string_view body = {}) {
        auto response = client->request(method, target, std::move(headers), to_bytes(body));
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(transport::HttpResponse{0, {}, {}});
    }
    transport::HttpResponse get(std::string_view target) { return ask("GET", target); }
    static std::string text(const transport::HttpResponse& response) { return std::string(as_text(response.body)); }

    testing::RealThreads threads;
    testing::ThreadPerJob executor;
    testing::SeededRandom random;
    testing::ManualClock clock;
    Metrics metrics;
    Router router{{executor, random, clock, metrics}};
    std::unique_ptr<transport::HttpServer> server;
    std::unique_ptr<transport::HttpClient> client;
};

}  // namespace salus::network::test
