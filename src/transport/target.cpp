#include "transport/target.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace salus::transport {
namespace {

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return fail(ErrorCode::kUsage, "a '%' in the target is not followed by two hexadecimal digits");
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    if (out.find('\0') != std::string::npos) return fail(ErrorCode::kUsage, "the target holds a NUL");
    if (!is_utf8(as_bytes(out))) return fail(ErrorCode::kUsage, "the target is not UTF-8");
    return out;
}

Result<std::string> decode_segment(std::string_view raw) {
    SALUS_TRY(auto segment, percent_decode(raw, false));
    if (segment == "." || segment == "..") return fail(ErrorCode::kUsage, "the path holds a \".\" or \"..\" segment");
    const bool clean = std::none_of(segment.begin(), segment.end(), [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte < 0x20 || byte == 0x7F || c == '/' || c == '\\';
    });
    if (!clean) return fail(ErrorCode::kUsage, "a path segment holds a control character, '/' or '\\'");
    return segment;
}

Result<std::string> decode_path(std::string_view raw) {
    if (!raw.starts_with('/')) return fail(ErrorCode::kUsage, "the target does not begin with '/'");
    std::string path;
    while (!raw.empty()) {
        raw.remove_prefix(1);
        const auto end = std::min(raw.find('/'), raw.size());
        SALUS_TRY(const auto segment, decode_segment(raw.substr(0, end)));
        path += '/';
        path += segment;
        raw.remove_prefix(end);
    }
    return path;
}

/// The part behind scheme and authority of "http://host/path".
std::string_view origin_form(std::string_view raw) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!raw.starts_with(scheme)) continue;
        raw.remove_prefix(scheme.size());
        const auto end = raw.find_first_of("/?");
        if (end == std::string_view::npos) return "/";
        return raw[end] == '/' ? raw.substr(end) : std::string_view{};
    }
    return raw;
}

}  // namespace

Result<Target> parse_target(std::string_view raw) {
    if (raw.find('#') != std::string_view::npos) return fail(ErrorCode::kUsage, "the target holds a fragment");
    raw = origin_form(raw);
    const auto mark = std::min(raw.find('?'), raw.size());
    Target target;
    SALUS_TRY(target.path, decode_path(raw.substr(0, mark)));
    auto rest = mark < raw.size() ? raw.substr(mark + 1) : std::string_view{};
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        SALUS_TRY(auto name, percent_decode(pair.substr(0, equals), true));
        SALUS_TRY(auto value,
                  percent_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view{}, true));
        target.query.emplace_back(std::move(name), std::move(value));
    }
    return target;
}

}  // namespace salus::transport
