#include "consensus/cometbft/rpc.hpp"

#include <abci.pb.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/encoding.hpp"
#include "consensus/cometbft/light_block.hpp"

namespace salus::consensus {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr int kValidatorsPerPage = 100;

tl::unexpected<Error> bad_answer() {
    return fail(ErrorCode::kMalformedEncoding, "CometBFT's RPC answered what is no answer");
}

const json::value* find(const json::value& parent, std::string_view name) {
    const json::object* object = parent.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

std::string text_at(const json::value& parent, std::string_view name) {
    const json::value* found = find(parent, name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

/// One of the two.
struct Rpc::Answer {
    json::value result;
    std::string error;
};

Result<Rpc> Rpc::make(const std::string& url) {
    SALUS_TRY(auto http, transport::HttpClient::make(url, kPatience));
    return Rpc(std::move(http));
}

Result<Rpc::Answer> Rpc::ask(std::string_view method, const std::string& target, const std::string& body) {
    transport::Headers headers;
    if (!body.empty()) headers.emplace_back("content-type", "application/json");
    SALUS_TRY(const auto response, http_->request(method, target, std::move(headers), to_bytes(body)));
    boost::system::error_code broken;
    const json::value parsed = json::parse(as_text(response.body), broken);
    if (broken) return bad_answer();
    if (const json::value* error = find(parsed, "error"); error != nullptr && error->is_object())
        return Answer{{}, text_at(*error, "message") + " " + text_at(*error, "data")};
    const json::value* result = find(parsed, "result");
    if (result == nullptr) return bad_answer();
    return Answer{*result, {}};
}

Result<Rpc::Taken> Rpc::broadcast(ByteView envelope) {
    const std::string body =
        R"({"jsonrpc":"2.0","id":1,"method":"broadcast_tx_sync","params":{"tx":")" + to_base64(envelope) + R"("}})";
    SALUS_TRY(const Answer answer, ask("POST", "/", body));
    const auto says = [&](std::string_view what) { return answer.error.find(what) != std::string::npos; };
    if (says("tx already exists in cache")) return Taken::kTaken;
    if (says("mempool is full")) return Taken::kFull;
    if (says("too large")) return Taken::kTooLarge;
    if (!answer.error.empty()) return fail(ErrorCode::kIo, "CometBFT takes no envelope: " + answer.error);
    const json::value* code = find(answer.result, "code");
    if (code == nullptr || !code->is_int64()) return bad_answer();
    return code->get_int64() == 0 ? Taken::kTaken : Taken::kRefused;
}

Result<CometBftCertificate> Rpc::certificate(EngineHeight engine) {
    SALUS_TRY(const Answer answer, ask("GET", "/commit?height=" + std::to_string(engine)));
    if (!answer.error.empty()) return fail(ErrorCode::kNotFound, "no commit of engine block " + std::to_string(engine));
    const json::value* signed_header = find(answer.result, "signed_header");
    const json::value* header = signed_header == nullptr ? nullptr : find(*signed_header, "header");
    const json::value* commit = signed_header == nullptr ? nullptr : find(*signed_header, "commit");
    if (header == nullptr || commit == nullptr) return bad_answer();
    SALUS_TRY(const abci::Header read_header, header_of(*header));
    SALUS_TRY(const abci::Commit read_commit, commit_of(*commit));
    CometBftCertificate certificate;
    certificate.header = to_bytes(read_header.SerializeAsString());
    certificate.commit = to_bytes(read_commit.SerializeAsString());
    SALUS_TRY(certificate.validators,
              validators(engine, read_header.validators_hash(), read_header.proposer_address()));
    return certificate;
}

Result<Bytes> Rpc::validators(EngineHeight engine, const std::string& hash, const std::string& proposer) {
    if (known_set_.hash != hash) {
        abci::ValidatorSet set;
        for (int page = 1;; ++page) {
            SALUS_TRY(const Answer answer,
                      ask("GET", "/validators?height=" + std::to_string(engine) + "&page=" + std::to_string(page) +
                                     "&per_page=" + std::to_string(kValidatorsPerPage)));
            const json::value* listed = find(answer.result, "validators");
            if (listed == nullptr)
                return fail(ErrorCode::kNotFound, "no validators of engine block " + std::to_string(engine));
            const int before = set.validators_size();
            SALUS_TRY_STATUS(append_validators(set, *listed));
            if (set.validators_size() - before < kValidatorsPerPage) break;
            // A last page that is full is followed by an error, not by an empty one.
            if (text_at(answer.result, "total") == std::to_string(set.validators_size())) break;
        }
        known_set_ = {hash, to_bytes(set.SerializeAsString())};
    }
    abci::ValidatorSet set;
    if (!set.ParseFromArray(known_set_.encoded.data(), static_cast<int>(known_set_.encoded.size())))
        return bad_answer();
    const auto at = std::ranges::find(set.validators(), proposer, &abci::Validator::address);
    if (at == set.validators().end()) return bad_answer();
    *set.mutable_proposer() = *at;
    return to_bytes(set.SerializeAsString());
}

Result<std::optional<EngineHeight>> Rpc::header_with(const Hash& app_hash, EngineHeight low, EngineHeight high) {
    SALUS_TRY(const Answer answer,
              ask("GET", "/blockchain?minHeight=" + std::to_string(low) + "&maxHeight=" + std::to_string(high)));
    const json::value* metas = find(answer.result, "block_metas");
    if (metas == nullptr || !metas->is_array()) return fail(ErrorCode::kNotFound, "no such engine blocks");
    for (const json::value& meta : metas->get_array()) {
        const json::value* header = find(meta, "header");
        if (header == nullptr) return bad_answer();
        SALUS_TRY(const abci::Header read, header_of(*header));
        if (read.height() > 0 && equal(as_bytes(read.app_hash()), app_hash))
            return std::optional(static_cast<EngineHeight>(read.height()));
    }
    return std::optional<EngineHeight>{};
}

}  // namespace salus::consensus
