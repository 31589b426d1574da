#include "transport/http.hpp"

#include <algorithm>

namespace salus::transport {
namespace {

std::string_view find(const Headers& headers, std::string_view name) {
    const auto found =
        std::find_if(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

bool unreserved(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const { return find(headers, name); }

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

std::string_view HttpResponse::header(std::string_view name) const { return find(headers, name); }

std::string url_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (unreserved(c)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        out.push_back('%');
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
    }
    return out;
}

}  // namespace salus::transport
