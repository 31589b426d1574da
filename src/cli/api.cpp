#include "cli/api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/encoding.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

Result<json::value> parse(ByteView body) {
    boost::system::error_code error;
    json::value value = json::parse(as_text(body), error);
    if (error) return fail(ErrorCode::kCorrupt, "the node's answer is not JSON");
    return value;
}

std::string text_or(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// What an OperationOutcome says: the first issue's code of ours, and its diagnostics.
std::pair<std::string, std::string> outcome_of(const json::object& object) {
    const json::value* issues = object.if_contains("issue");
    if (issues == nullptr || !issues->is_array() || issues->get_array().empty() || !issues->get_array()[0].is_object())
        return {};
    const json::object& issue = issues->get_array()[0].get_object();
    std::string name;
    if (const json::value* details = issue.if_contains("details"); details != nullptr && details->is_object())
        if (const json::value* coding = details->get_object().if_contains("coding");
            coding != nullptr && coding->is_array() && !coding->get_array().empty() &&
            coding->get_array()[0].is_object())
            name = text_or(coding->get_array()[0].get_object(), "code");
    return {name, text_or(issue, "diagnostics")};
}

ErrorCode code_by_name(std::string_view name, unsigned status) {
    for (const ErrorInfo& row : error_table())
        if (row.name == name) return row.code;
    switch (status) {
        case 400:
            return ErrorCode::kUsage;
        case 401:
            return ErrorCode::kUnauthenticated;
        case 403:
            return ErrorCode::kForbidden;
        case 404:
            return ErrorCode::kNotFound;
        case 409:
        case 412:
            return ErrorCode::kConflict;
        case 410:
            return ErrorCode::kGone;
        case 413:
            return ErrorCode::kTooLarge;
        case 503:
            return ErrorCode::kUnavailable;
        default:
            return ErrorCode::kInternal;
    }
}

constexpr std::string_view kNodeAnswered = "the node answered ";

Error error_of(const transport::HttpResponse& response) {
    std::string name;
    const std::string answered = std::string(kNodeAnswered) + std::to_string(response.status);
    std::string message;
    if (const auto body = parse(response.body); body && body->is_object()) {
        const json::object& object = body->get_object();
        if (text_or(object, "resourceType") == "OperationOutcome") {
            auto [code, text] = outcome_of(object);
            name = std::move(code);
            if (!text.empty()) message = std::move(text);
        } else {
            const std::string type = text_or(object, "type");
            name = type.substr(type.find_last_of(":/") + 1);
            if (std::string detail = text_or(object, "detail"); !detail.empty()) message = std::move(detail);
        }
    }
    const ErrorCode code = code_by_name(name, response.status);
    if (message.empty()) return {code, answered};
    return {code, std::move(message), {code, answered}};
}

/// For how long in all a node may ask for patience.
constexpr std::chrono::seconds kPatience{120};

/// How long to wait before the same is sent again; nothing where the node did not say that it took nothing.
std::optional<std::chrono::seconds> retry_after(const transport::HttpResponse& response) {
    if (response.status != 503 && response.status != 429) return std::nullopt;
    const ErrorCode code = error_of(response).code;
    if (code != ErrorCode::kBusy && code != ErrorCode::kRateLimited && code != ErrorCode::kInadmissibleQuota)
        return std::nullopt;
    const std::string_view said = response.header("retry-after");
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), seconds);
    if (error != std::errc() || end != said.data() + said.size()) return std::nullopt;
    return std::chrono::seconds(seconds);
}

}  // namespace

bool said_by_node(const Error& error) {
    return error.message.starts_with(kNodeAnswered) || (error.cause && said_by_node(*error.cause));
}

bool is_refusal(const Error& error) {
    const int status = error_info(error.code).http_status;
    return said_by_node(error) && status < 500 && status != 429 && error.code != ErrorCode::kInadmissibleReplay;
}

Result<Api> Api::connect(const std::string& url, std::ostream* terminal) {
    SALUS_TRY(auto client, transport::HttpClient::make(url, std::chrono::minutes(10)));
    return Api(url, std::move(client), terminal);
}

Result<transport::HttpResponse> Api::call(std::string_view method, std::string_view target, transport::Headers headers,
                                          Bytes body) {
    if (!token_.empty()) headers.emplace_back("authorization", "Bearer " + token_);
    auto answered = [&] {
        const Waiting waiting(terminal_, "waiting for " + url_);
        for (std::chrono::seconds waited{0};;) {
            auto response = client_->request(method, target, headers, body);
            const auto wait = response ? retry_after(*response) : std::nullopt;
            if (!wait) return response;
            waited += std::max(*wait, std::chrono::seconds(1));
            if (waited > kPatience) return response;
            node::pause(*wait);
        }
    }();
    if (!answered && answered.error().message.starts_with("cannot "))
        return fail(answered.error().code, answered.error().message +
                                               "; is a node serving there? Start one with `salus node --dir DIR`, or "
                                               "name another with --node or SALUS_NODE");
    SALUS_TRY(transport::HttpResponse response, std::move(answered));
    if (response.status >= 400) return fail(error_of(response));
    return response;
}

Result<json::value> Api::get(std::string_view target) {
    SALUS_TRY(const transport::HttpResponse response, call("GET", target));
    return parse(response.body);
}

Result<json::value> Api::post(std::string_view target, const json::value& body) {
    SALUS_TRY(const transport::HttpResponse response,
              call("POST", target, {{"content-type", "application/json"}}, to_bytes(json::serialize(body))));
    if (response.body.empty()) return json::value(json::object{});
    return parse(response.body);
}

Result<json::value> Api::submit(const Transaction& transaction) {
    return post("/v1/transactions", json::value(json::string(to_base64(transaction.bytes))));
}

Result<std::string> text_of(const json::value& object, std::string_view name) {
    if (object.is_object())
        if (const json::value* value = object.get_object().if_contains(name); value != nullptr && value->is_string())
            return std::string(value->get_string());
    return fail(ErrorCode::kCorrupt, "the node's answer has no text \"" + std::string(name) + "\"");
}

Result<std::uint64_t> number_of(const json::value& object, std::string_view name) {
    if (object.is_object())
        if (const json::value* value = object.get_object().if_contains(name)) {
            boost::system::error_code error;
            const auto number = value->to_number<std::uint64_t>(error);
            if (!error) return number;
        }
    return fail(ErrorCode::kCorrupt, "the node's answer has no number \"" + std::string(name) + "\"");
}

}  // namespace salus::cli
