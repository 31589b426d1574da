#include "network/api.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "network/answers.hpp"
#include "network/block_feed.hpp"
#include "network/problem.hpp"
#include "network/submission.hpp"

namespace salus::network {
namespace {

using transport::HttpResponse;

void count_outcomes(Metrics& metrics, const LedgerService::Answer& answer) {
    double done = 0;
    double failed = 0;
    for (const auto& result : answer)
        if (result) (result->receipt.code == 0 ? done : failed) += 1;
    const auto refused = static_cast<double>(answer.size()) - done - failed;
    const std::string help = "Transactions submitted here, by what became of them.";
    for (const auto& [outcome, count] :
         {std::pair{"done", done}, std::pair{"failed", failed}, std::pair{"refused", refused}})
        if (count > 0) metrics.count("salus_submitted_transactions_total", help, {{"outcome", outcome}}, count);
}

HttpResponse submission_answer(const LedgerService::Answer& answer, const Submission& submission) {
    if (submission.single) return submitted_response(answer.at(0), submission.transactions[0]);
    std::string items;
    for (std::size_t i = 0; i < answer.size(); ++i)
        items += (i == 0 ? "" : ",") + submitted_json(answer[i], submission.transactions[i]);
    return json_answer("[" + items + "]");
}

/// A whole answer that does not change while the program runs.
HttpResponse document(std::string_view text, std::string_view type) {
    auto response = bytes_answer(to_bytes(text), type);
    response.headers.emplace_back("cache-control", "max-age=300");
    return response;
}

}  // namespace

LedgerApi::LedgerApi(const Parts& parts)
    : parts_(parts), feed_(std::make_shared<BlockFeed>(parts.ledger, parts.executor, parts.followers_max)) {
    parts_.ledger.on_block([feed = std::weak_ptr(feed_), &metrics = parts_.metrics](const Block& block) {
        metrics.count("salus_blocks_total", "Blocks made durable since the start.");
        metrics.count("salus_transactions_total", "Transactions in them.", {},
                      static_cast<double>(block.receipts.size()));
        if (const auto alive = feed.lock()) alive->notify();
    });
    parts_.metrics.on_text([&ledger = parts_.ledger](Metrics& metrics) {
        const auto status = ledger.status();
        metrics.set("salus_block_height", "Height of the newest block.", {}, static_cast<double>(status.height));
        metrics.set("salus_block_timestamp_seconds", "Its time.", {}, static_cast<double>(status.block_time_ms) / 1000);
        metrics.set("salus_era", "The era it stands in.", {}, static_cast<double>(status.era));
        metrics.set("salus_queued_transactions", "Transactions that wait to be put in a block.", {},
                    static_cast<double>(status.queued));
        metrics.set("salus_ready", "1 while the node makes blocks.", {}, status.problem.empty() ? 1 : 0);
    });
}

LedgerApi::~LedgerApi() = default;

void LedgerApi::mount(Router& router) {
    mount_transactions(router);
    mount_blocks(router);
    mount_proofs(router);
    mount_node(router);
}

void LedgerApi::mount_transactions(Router& router) {
    router.add_later(
        "POST", "/v1/transactions",
        [this](const Request& request, std::unique_ptr<Reply> reply) { submit(request, std::move(reply)); },
        {.large_body = true});
    router.add_later("GET", "/v1/events", [this](const Request& request, std::unique_ptr<Reply> reply) {
        follow(request, std::move(reply));
    });
}

void LedgerApi::submit(const Request& request, std::unique_ptr<Reply> reply) {
    auto parsed = parse_submission(request.http.header("content-type"), request.http.body);
    if (!parsed) return reply->fail(parsed.error());
    // Shared by the callback, which must be copied, and by this function, which answers where nothing was taken.
    struct Job {
        Submission submission;
        std::unique_ptr<Reply> reply;
        Metrics& metrics;
    };
    auto job = std::make_shared<Job>(Job{*std::move(parsed), std::move(reply), parts_.metrics});
    const Status taken = parts_.ledger.submit(job->submission.transactions, [job](const LedgerService::Answer& answer) {
        count_outcomes(job->metrics, answer);
        std::exchange(job->reply, nullptr)->send(submission_answer(answer, job->submission));
    });
    if (!taken) std::exchange(job->reply, nullptr)->fail(taken.error());
}

void LedgerApi::follow(const Request& request, std::unique_ptr<Reply> reply) {
    auto from = number_parameter(request, "from");
    if (!from) return reply->fail(from.error());
    if (const auto last = request.http.header("last-event-id"); !last.empty()) {
        const auto seen = parse_number(last, "Last-Event-ID");
        if (!seen) return reply->fail(seen.error());
        *from = *seen + 1;
    }
    const Height begin = from->value_or(parts_.ledger.status().height + 1);
    if (begin == 0) return reply->fail({ErrorCode::kUsage, "the first block has height 1"});
    if (!feed_->reserve()) return reply->fail({ErrorCode::kUnavailable, "too many follow the events already"});
    feed_->follow(reply->stream({200, {{"content-type", "text/event-stream"}}, {}}, ": nothing new\n\n"), begin);
}

void LedgerApi::mount_node(Router& router) {
    const Handle show_status = [this](const Request&) -> Result<HttpResponse> {
        const auto status = parts_.ledger.status();
        const Genesis& genesis = parts_.ledger.genesis();
        return json_answer(fmt::format(
            R"({{"network_id":"{}","network":{},"era":{},"height":{},"block_time_ms":{},"node_time_ms":{},"queued":{},"ready":{},"problem":{},"version":{}}})",
            to_hex(genesis.network_id()), json_string(genesis.name), status.era, status.height, status.block_time_ms,
            status.node_time_ms, status.queued, status.problem.empty(), json_string(status.problem),
            json_string(parts_.version)));
    };
    // Whether a node lives is asked above all when everything else waits.
    router.add("GET", "/v1/status", show_status, {.at_once = true});
    router.add("GET", "/v1/genesis", [this](const Request&) -> Result<HttpResponse> {
        return bytes_answer(parts_.ledger.genesis_bytes(), kBinaryType);
    });
    const Handle alive = [](const Request&) -> Result<HttpResponse> { return json_answer(R"({"status":"alive"})"); };
    router.add("GET", "/health", alive, {.at_once = true});
    const Handle ready = [this](const Request&) -> Result<HttpResponse> {
        const auto problem = parts_.ledger.status().problem;
        if (!problem.empty()) return fail(ErrorCode::kUnavailable, "not ready: " + problem);
        return json_answer(R"({"status":"ready"})");
    };
    router.add("GET", "/health/ready", ready, {.at_once = true});
    router.add("GET", "/metrics", [this](const Request&) -> Result<HttpResponse> {
        return bytes_answer(to_bytes(parts_.metrics.text()), "text/plain; version=0.0.4; charset=utf-8");
    });
    router.add("GET", "/openapi.yaml",
               [](const Request&) -> Result<HttpResponse> { return document(openapi_yaml(), "application/yaml"); });
    router.add("GET", "/openapi.json",
               [](const Request&) -> Result<HttpResponse> { return document(openapi_json(), "application/json"); });
}

}  // namespace salus::network
