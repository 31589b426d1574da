#include "network/submission.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "model/transaction_json.hpp"
#include "network/answers.hpp"
#include "network/problem.hpp"

namespace salus::network {
namespace {

std::string media_type(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
    for (char& c : type)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return type;
}

Result<Bytes> transaction_of(const json::Value& value) {
    if (value.kind == json::Value::Kind::kObject) return json::transaction_from(value);
    auto bytes = value.kind == json::Value::Kind::kText ? from_base64(value.text) : std::nullopt;
    if (!bytes) return fail(ErrorCode::kMalformedEncoding, "a transaction is a string of base64 or an object");
    return *std::move(bytes);
}

tl::unexpected<Error> too_many() {
    return fail(ErrorCode::kTooLarge, fmt::format("at most {} transactions are taken in one request", kSubmissionMax));
}

Result<Submission> parse_json_submission(ByteView body) {
    SALUS_TRY(const auto value, json::parse(as_text(body)));
    if (value.elements.size() > kSubmissionMax) return too_many();
    Submission submission;
    submission.single = value.kind != json::Value::Kind::kArray;
    if (submission.single) {
        SALUS_TRY(auto transaction, transaction_of(value));
        submission.transactions.push_back(std::move(transaction));
        return submission;
    }
    for (const auto& element : value.elements) {
        auto transaction = transaction_of(element);
        if (!transaction)
            return fail(ErrorCode::kMalformedEncoding, fmt::format("element {}", submission.transactions.size()),
                        transaction.error());
        submission.transactions.push_back(*std::move(transaction));
    }
    return submission;
}

Result<Submission> parse_binary_submission(ByteView body) {
    Submission submission;
    codec::Reader reader(body);
    while (!reader.done()) {
        if (submission.transactions.size() == kSubmissionMax) return too_many();
        const auto transaction = reader.delimited();
        if (!transaction)
            return fail(ErrorCode::kMalformedEncoding,
                        fmt::format("transaction {} is not a length and as many bytes", submission.transactions.size()),
                        transaction.error());
        submission.transactions.push_back(to_bytes(*transaction));
    }
    return submission;
}

/// The id under which the client knows it, where it can be told at all.
std::string id_json(ByteView bytes) {
    const auto transaction = codec::decode<SignedTransaction>(bytes);
    return transaction ? "\"" + to_hex(transaction_id(transaction->body)) + "\"" : "null";
}

std::string place_json(const Submitted& submitted) {
    return fmt::format(R"("id":"{}","height":{},"index":{},"time_ms":{})", to_hex(submitted.id), submitted.height,
                       submitted.index, submitted.time_ms);
}

}  // namespace

Result<Submission> parse_submission(std::string_view content_type, ByteView body) {
    const auto type = media_type(content_type);
    const bool binary = type == kTransactionsType;
    if (!binary && type != "application/json")
        return fail(ErrorCode::kUnsupportedMediaType,
                    "transactions are taken as application/json or " + std::string(kTransactionsType));
    SALUS_TRY(auto submission, binary ? parse_binary_submission(body) : parse_json_submission(body));
    if (submission.transactions.empty()) return fail(ErrorCode::kUsage, "there is no transaction in the request");
    return submission;
}

std::string submitted_json(const Result<Submitted>& result, ByteView bytes) {
    if (!result) {
        const auto& error = result.error();
        return fmt::format(
            R"({{"id":{},"status":"refused","code":{},"name":"{}","detail":{}}})", id_json(bytes),
            static_cast<std::uint32_t>(error.code), error_info(error.code).name,
            json_string(is_internal(error.code) ? std::string("a fault of the node") : error.to_string()));
    }
    const std::uint32_t code = result->receipt.code;
    return fmt::format(R"({{{},"status":"{}","code":{},"name":"{}"}})", place_json(*result),
                       code == 0 ? "done" : "failed", code, code_name(code));
}

transport::HttpResponse submitted_response(const Result<Submitted>& result, ByteView bytes) {
    if (!result) return to_problem(result.error(), {}, fmt::format(R"("id":{})", id_json(bytes)));
    transport::HttpResponse response;
    if (result->receipt.code == 0) {
        response = json_answer(submitted_json(result, bytes));
    } else {
        const auto code = error_code(result->receipt.code).value_or(ErrorCode::kInternal);
        response = to_problem({code, "the contract refused it; it stands in the block with this code"}, {},
                              place_json(*result));
    }
    response.headers.emplace_back("location", "/v1/transactions/" + to_hex(result->id));
    return response;
}

}  // namespace salus::network
