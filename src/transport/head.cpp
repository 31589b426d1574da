#include "transport/head.hpp"

#include <algorithm>

namespace salus::transport {
namespace {

bool token(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool printable(std::string_view value) {
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7F; });
}

std::string_view reason(unsigned status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "";  // RFC 9112, section 4: clients ignore it
    }
}

void line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Result<std::string> response_head(const HttpResponse& response, Framing framing, bool keep_alive) {
    std::string out =
        "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason(response.status)) + "\r\n";
    for (const auto& [name, value] : response.headers) {
        if (!token(name) || !printable(value))
            return fail(ErrorCode::kInternal, "an answer has a header that would break out of its line");
        line(out, name, value);
    }
    constexpr std::pair<std::string_view, std::string_view> kDefaults[] = {
        {"x-content-type-options", "nosniff"},
        {"cache-control", "no-store"},
        {"content-security-policy", "default-src 'none'; frame-ancestors 'none'"},
        {"referrer-policy", "no-referrer"},
    };
    for (const auto& [name, value] : kDefaults)
        if (response.header(name).empty()) line(out, name, value);
    // RFC 9110, section 8.6: none of these has a body, and a length would speak of one.
    const bool bodiless = response.status == 204 || response.status == 304;
    if (framing == Framing::kChunked) line(out, "transfer-encoding", "chunked");
    if (framing == Framing::kLength && !bodiless) line(out, "content-length", std::to_string(response.body.size()));
    line(out, "connection", keep_alive ? "keep-alive" : "close");
    return out + "\r\n";
}

Result<std::string> request_head(std::string_view method, std::string_view target, std::string_view host,
                                 const Headers& headers, std::size_t body_bytes) {
    const bool plain = std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!token(method) || !plain || !target.starts_with('/'))
        return fail(ErrorCode::kUsage, "method or target cannot stand in a request line");
    std::string out = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
    line(out, "host", host);
    for (const auto& [name, value] : headers) {
        if (!token(name) || !printable(value))
            return fail(ErrorCode::kUsage, "the header " + name + " would break out of its line");
        line(out, name, value);
    }
    if (body_bytes > 0 || method == "POST" || method == "PUT" || method == "PATCH")
        line(out, "content-length", std::to_string(body_bytes));
    return out + "\r\n";
}

}  // namespace salus::transport
