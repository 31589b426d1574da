#include "application/web/web.hpp"

#include "network/problem.hpp"

namespace salus::application {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        path.remove_prefix(path.front() == '/' ? 1 : 0);
        const std::size_t end = std::min(path.find('/'), path.size());
        out.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return out;
}

/// What the {names} stand for, nothing where the pattern does not fit.
std::optional<std::map<std::string, std::string, std::less<>>> match(const std::vector<std::string>& pattern,
                                                                     const std::vector<std::string>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::map<std::string, std::string, std::less<>> parts;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i].starts_with('{'))
            parts[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
        else if (pattern[i] != path[i])
            return std::nullopt;
    }
    return parts;
}

}  // namespace

transport::HttpResponse problem(const Error& error) {
    transport::HttpResponse response = network::to_problem(error);
    response.headers.emplace_back("cache-control", "no-store");
    if (response.status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
    return response;
}

transport::HttpResponse json_response(unsigned status, std::string body, std::string_view type) {
    return {status, {{"content-type", std::string(type)}, {"cache-control", "no-store"}}, to_bytes(body)};
}

transport::HttpResponse message_response(unsigned status, Bytes body) {
    return {status, {{"content-type", "application/x-protobuf"}, {"cache-control", "no-store"}}, std::move(body)};
}

std::string_view bearer(const transport::HttpRequest& request) noexcept {
    constexpr std::string_view kScheme = "Bearer ";
    std::string_view value = request.header("authorization");
    if (!value.starts_with(kScheme)) return {};
    value.remove_prefix(kScheme.size());
    return value;
}

void Routes::add(std::string method, std::string_view pattern, Serve serve) {
    routes_.push_back({std::move(method), split(pattern), std::move(serve)});
}

std::optional<transport::HttpResponse> Routes::handle(const transport::HttpRequest& request,
                                                      std::string_view path) const {
    const std::vector<std::string> segments = split(path);
    std::string allowed;
    for (const Route& route : routes_) {
        auto parts = match(route.segments, segments);
        if (!parts) continue;
        if (route.method != request.method) {
            allowed += (allowed.empty() ? "" : ", ") + route.method;
            continue;
        }
        auto response = route.serve({request, *std::move(parts)});
        return response ? *std::move(response) : problem(response.error());
    }
    if (allowed.empty()) return std::nullopt;
    transport::HttpResponse response = problem({ErrorCode::kMethodNotAllowed, "this path knows: " + allowed});
    response.headers.emplace_back("allow", allowed);
    return response;
}

}  // namespace salus::application
