#pragma once

#include <condition_variable>
#include <deque>
#include <map>

#include "base/encoding.hpp"
#include "base/mutex.hpp"
#include "base/strong_types.hpp"
#include "testing/threads.hpp"
#include "transport/http.hpp"

namespace salus::consensus {

/// A CometBFT of which only the RPC is there: it takes envelopes, and tells of the blocks that a test gives it.
class FakeCometBft {
public:
    static constexpr std::string_view kTaken = R"({"result":{"code":0,"data":"","log":"","hash":""}})";
    static constexpr std::string_view kRefused = R"({"result":{"code":1,"data":"","log":"","hash":""}})";

    struct Seen {
        std::vector<Bytes> envelopes;
        std::deque<std::string> answers;          ///< to the next envelopes; then kTaken
        std::map<EngineHeight, Hash> app_hashes;  ///< the header of that engine block carries it
        std::vector<std::string> asked;           ///< targets of what is not an envelope
    };

    explicit FakeCometBft(salus::testing::RealThreads& threads)
        : server_(transport::HttpServer::listen(
                      {}, threads, 1,
                      [this](transport::HttpRequest request, std::unique_ptr<transport::Responder> responder) {
                          responder->send(answer(request));
                      })
                      .value()) {}
    ~FakeCometBft() { server_->stop(std::chrono::seconds(1)); }
    FakeCometBft(const FakeCometBft&) = delete;
    FakeCometBft& operator=(const FakeCometBft&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

    template <class Predicate>
    void wait(Predicate predicate) {
        auto state = seen.lock();
        changed.wait(state.lock(), [&] { return predicate(*state); });
    }

    static std::string header(EngineHeight height, const Hash& app_hash) {
        const std::string hash = to_hex(Bytes(32, 0xAB));
        return R"({"version":{"block":"11","app":"1"},"chain_id":"salus-test-1","height":")" + std::to_string(height) +
               R"(","time":"2026-01-02T03:04:05.000000007Z","last_block_id":{"hash":")" + hash +
               R"(","parts":{"total":1,"hash":")" + hash + R"("}},"last_commit_hash":")" + hash +
               R"(","data_hash":"","validators_hash":")" + hash + R"(","next_validators_hash":")" + hash +
               R"(","consensus_hash":")" + hash + R"(","app_hash":")" + to_hex(app_hash) +
               R"(","last_results_hash":"","evidence_hash":"","proposer_address":")" + to_hex(Bytes(20, 1)) + R"("})";
    }

    Guarded<Seen> seen;
    std::condition_variable changed;

private:
    transport::HttpResponse answer(const transport::HttpRequest& request) {
        const auto state = seen.lock();
        if (request.method != "POST") state->asked.push_back(request.path);
        changed.notify_all();
        if (request.path == "/commit") return commit(*state, number(request, "height"));
        if (request.path == "/blockchain")
            return blockchain(*state, number(request, "minHeight"), number(request, "maxHeight"));
        if (request.path == "/validators")
            return text(R"({"result":{"validators":[{"address":")" + to_hex(Bytes(20, 1)) +
                        R"(","pub_key":{"type":"tendermint/PubKeyEd25519","value":")" + to_base64(Bytes(32, 2)) +
                        R"("},"voting_power":"10","proposer_priority":"-5"}],"count":"1","total":"1"}})");
        const std::string body(as_text(request.body));
        const auto begin = body.find(R"("tx":")") + 6;
        state->envelopes.push_back(from_base64(body.substr(begin, body.find('"', begin) - begin)).value());
        if (state->answers.empty()) return text(std::string(kTaken));
        const std::string next = state->answers.front();
        state->answers.pop_front();
        return text(next);
    }
    static std::uint64_t number(const transport::HttpRequest& request, std::string_view name) {
        return std::stoull(std::string(request.parameter(name).value()));
    }
    static transport::HttpResponse text(std::string body) { return {200, {}, to_bytes(body)}; }
    static transport::HttpResponse commit(const Seen& state, EngineHeight height) {
        const auto at = state.app_hashes.find(height);
        if (at == state.app_hashes.end())
            return {500, {}, to_bytes(R"({"error":{"code":-32603,"message":"Internal error","data":"too high"}})")};
        const std::string hash = to_hex(Bytes(32, 0xCD));
        return text(
            R"({"result":{"signed_header":{"header":)" + header(height, at->second) + R"(,"commit":{"height":")" +
            std::to_string(height) + R"(","round":3,"block_id":{"hash":")" + hash + R"(","parts":{"total":1,"hash":")" +
            hash + R"("}},"signatures":[{"block_id_flag":2,"validator_address":")" + to_hex(Bytes(20, 1)) +
            R"(","timestamp":"2026-01-02T03:04:06.5Z","signature":")" + to_base64(Bytes(64, 3)) +
            R"("},{"block_id_flag":1,"validator_address":"","timestamp":"0001-01-01T00:00:00Z","signature":null}]}},"canonical":true}})");
    }
    static transport::HttpResponse blockchain(const Seen& state, EngineHeight low, EngineHeight high) {
        std::string metas;
        for (auto at = state.app_hashes.rbegin(); at != state.app_hashes.rend(); ++at)
            if (at->first >= low && at->first <= high)
                metas += (metas.empty() ? "" : ",") + (R"({"header":)" + header(at->first, at->second) + "}");
        return text(R"({"result":{"block_metas":[)" + metas + "]}}");
    }

    std::unique_ptr<transport::HttpServer> server_;
};

}  // namespace salus::consensus
