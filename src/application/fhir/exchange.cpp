#include "application/fhir/exchange.hpp"

#include <algorithm>

#include "application/fhir/outcome.hpp"
#include "base/log.hpp"
#include "network/problem.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kContentType = "application/fhir+json; charset=utf-8";

/// The media type of a Content-Type, without parameters, in lower case.
std::string media_type(std::string_view header) {
    std::string out(header.substr(0, header.find(';')));
    while (!out.empty() && out.back() == ' ') out.pop_back();
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

}  // namespace

std::vector<std::string> segments_below(std::string_view base_path, std::string_view path) {
    std::vector<std::string> out;
    if (!path.starts_with(base_path)) return out;
    path.remove_prefix(base_path.size());
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        if (end > 0) out.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return out;
}

transport::HttpResponse fhir_response(unsigned status, Bytes body) {
    return {status, {{"content-type", std::string(kContentType)}, {"cache-control", "no-store"}}, std::move(body)};
}

transport::HttpResponse fhir_error(const Error& error) {
    if (network::is_internal(error.code)) log_error("fhir", error.to_string());
    auto response = fhir_response(error_info(error.code).http_status, operation_outcome(error));
    if (response.status == 503 || response.status == 429) response.headers.emplace_back("retry-after", "1");
    return response;
}

std::string status_line(unsigned status) {
    switch (status) {
        case 200:
            return "200 OK";
        case 201:
            return "201 Created";
        default:
            return std::to_string(status);
    }
}

Status require_json(const transport::HttpRequest& request) {
    const std::string type = media_type(request.header("content-type"));
    if (type == "application/fhir+json" || type == "application/json") return {};
    return fail(ErrorCode::kUnsupportedMediaType, "send application/fhir+json");
}

bool prefers(const transport::HttpRequest& request, std::string_view what) {
    return request.header("prefer").find(what) != std::string_view::npos;
}

Result<std::vector<FormField>> fields_of(const transport::HttpRequest& request) {
    std::vector<FormField> fields;
    for (const auto& [name, value] : request.query) fields.push_back({name, value});
    if (request.method != "POST") return fields;
    if (media_type(request.header("content-type")) != "application/x-www-form-urlencoded")
        return fail(ErrorCode::kUnsupportedMediaType, "a search is posted as application/x-www-form-urlencoded");
    SALUS_TRY(auto posted, decode_form(as_text(request.body)));
    fields.insert(fields.end(), std::make_move_iterator(posted.begin()), std::make_move_iterator(posted.end()));
    return fields;
}

transport::HttpResponse resource_response(unsigned status, std::string_view base_url, const StoredVersion& version,
                                          Bytes body) {
    auto response = fhir_response(status, std::move(body));
    response.headers.emplace_back("etag", etag_of(version.version));
    response.headers.emplace_back(
        status == 201 ? "location" : "content-location",
        std::string(base_url) + "/" + version.type + "/" + version.id + "/_history/" + std::to_string(version.version));
    return response;
}

}  // namespace salus::application
