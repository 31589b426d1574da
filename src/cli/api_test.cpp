#include "cli/api.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "network/problem.hpp"
#include "testing/threads.hpp"

namespace salus::cli {
namespace {

/// A node that answers `error`, and asks for a wait of `retry_after`, so often before it does what it is asked.
class BusyNode {
public:
    BusyNode(const Error& error, const std::string& retry_after, int refusals) {
        auto server = transport::HttpServer::listen(
            {}, threads_, 1,
            [this, error, retry_after, refusals](const transport::HttpRequest& request, auto responder) {
                transport::HttpResponse answer{200, {}, request.body};
                if (++asked <= refusals) {
                    answer = network::to_problem(error);
                    std::erase_if(answer.headers, [](const auto& header) { return header.first == "retry-after"; });
                    if (!retry_after.empty()) answer.headers.emplace_back("retry-after", retry_after);
                }
                responder->send(std::move(answer));
            });
        server_ = std::move(server.value());
    }
    Result<transport::HttpResponse> ask() {
        auto api = Api::connect("http://127.0.0.1:" + std::to_string(server_->port()), nullptr);
        return api->call("POST", "/", {}, to_bytes("the same"));
    }
    std::atomic<int> asked = 0;

private:
    testing::RealThreads threads_;
    std::unique_ptr<transport::HttpServer> server_;
};

TEST(Api, SendsABusyNodeTheSameAgainWhenItSays) {
    for (const ErrorCode code : {ErrorCode::kBusy, ErrorCode::kRateLimited, ErrorCode::kInadmissibleQuota}) {
        BusyNode node({code, ""}, "0", 3);
        const auto answer = node.ask();
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(as_text(answer->body), "the same");
        EXPECT_EQ(node.asked, 4);
    }
}

TEST(Api, RepeatsNothingThatMayHaveBeenTaken) {
    for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kInternal, ErrorCode::kConflict}) {
        BusyNode node({code, ""}, "0", 3);
        EXPECT_EQ(node.ask().error().code, code);
        EXPECT_EQ(node.asked, 1);
    }
}

TEST(Api, WaitsForNoMoreThanTwoMinutes) {
    for (const std::string retry_after : {"121", "99999999999", "soon", ""}) {
        BusyNode node({ErrorCode::kBusy, ""}, retry_after, 3);
        EXPECT_EQ(node.ask().error().code, ErrorCode::kBusy) << retry_after;
        EXPECT_EQ(node.asked, 1);
    }
    BusyNode stuck({ErrorCode::kBusy, ""}, "0", 1'000'000);
    EXPECT_EQ(stuck.ask().error().code, ErrorCode::kBusy);
    EXPECT_EQ(stuck.asked, 121);
}

}  // namespace
}  // namespace salus::cli
