#include "application/fhir/document.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <limits>

#include "application/fhir/utf8.hpp"

namespace salus::application {
namespace {

constexpr std::size_t kPairwiseMax = 12;  ///< members whose names are compared each with each; more are sorted

/// Bytes that a string runs through without a look: ASCII but for controls, the quote and the backslash.
constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
    return plain;
}();

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The four hexadecimal digits at the front of `text`; nothing where they are not there.
std::optional<std::uint32_t> read_hex4(std::string_view text) {
    if (text.size() < 4) return {};
    std::uint32_t value = 0;
    for (char c : text.substr(0, 4)) {
        const int digit = hex_digit(c);
        if (digit < 0) return {};
        value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return value;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

class Scanner {
public:
    Scanner(std::string_view text, std::uint32_t depth_max) : text_(text), depth_max_(depth_max) {
        nodes_.reserve(text.size() / 24 + 8);  // what pretty-printed FHIR takes
    }

    /// The whole text is one value. Containers that are open stand on a stack of ours, not on the thread's.
    Result<std::vector<JsonNode>> scan() {
        skip_space();
        SALUS_TRY_STATUS(value({}));
        while (!open_.empty()) SALUS_TRY_STATUS(inside());
        skip_space();
        if (place_ != text_.size()) return fault("something follows the document");
        return std::move(nodes_);
    }

private:
    tl::unexpected<Error> fault(std::string_view what) const {
        return fail(ErrorCode::kJson, fmt::format("byte {}: {}", place_, what));
    }

    [[nodiscard]] char peek() const { return place_ < text_.size() ? text_[place_] : '\0'; }
    void skip_space() {
        while (place_ < text_.size() &&
               (text_[place_] == ' ' || text_[place_] == '\n' || text_[place_] == '\r' || text_[place_] == '\t'))
            ++place_;
    }
    [[nodiscard]] std::uint32_t here() const { return static_cast<std::uint32_t>(place_); }

    /// One step in the container that is open: its next child, or its end.
    Status inside() {
        const std::uint32_t index = open_.back();
        const bool object = nodes_[index].kind == JsonKind::kObject;
        const bool first = nodes_.size() == index + 1;
        skip_space();
        if (peek() == (object ? '}' : ']')) return close(index);
        if (!first) {
            if (peek() != ',') return fault(object ? "no comma or } here" : "no comma or ] here");
            ++place_;
            skip_space();
        }
        if (!object) return value({});
        if (peek() != '"') return fault("no member name here");
        bool escaped = false;
        SALUS_TRY(const Span quoted, string(escaped));
        if (escaped) return fault("a member name has an escape");
        skip_space();
        if (peek() != ':') return fault("no colon behind a member name");
        ++place_;
        skip_space();
        return value({quoted.begin + 1, quoted.end - 1});
    }

    Status close(std::uint32_t index) {
        ++place_;
        nodes_[index].span.end = here();
        nodes_[index].after = static_cast<std::uint32_t>(nodes_.size());
        open_.pop_back();
        if (nodes_[index].kind == JsonKind::kObject && has_name_twice(index))
            return fault("an object has a member twice");
        return {};
    }

    bool has_name_twice(std::uint32_t index) {
        names_.clear();
        for (std::uint32_t child = index + 1; child < nodes_.size(); child = nodes_[child].after)
            names_.push_back(text_.substr(nodes_[child].key.begin, nodes_[child].key.end - nodes_[child].key.begin));
        if (names_.size() > kPairwiseMax) {
            std::sort(names_.begin(), names_.end());
            return std::adjacent_find(names_.begin(), names_.end()) != names_.end();
        }
        for (std::size_t i = 1; i < names_.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (names_[i] == names_[j]) return true;
        return false;
    }

    /// A scalar whole; of a container the opening bracket.
    Status value(Span key) {
        const std::uint32_t begin = here();
        JsonNode node{.span = {begin, begin}, .key = key, .after = static_cast<std::uint32_t>(nodes_.size() + 1)};
        switch (peek()) {
            case '{':
            case '[':
                if (open_.size() >= depth_max_) return fault("too many levels");
                node.kind = peek() == '{' ? JsonKind::kObject : JsonKind::kArray;
                open_.push_back(static_cast<std::uint32_t>(nodes_.size()));
                ++place_;
                break;
            case '"': {
                node.kind = JsonKind::kString;
                SALUS_TRY(node.span, string(node.escaped));
                break;
            }
            case 't':
                node.kind = JsonKind::kBoolean;
                SALUS_TRY_STATUS(word("true"));
                break;
            case 'f':
                node.kind = JsonKind::kBoolean;
                SALUS_TRY_STATUS(word("false"));
                break;
            case 'n':
                node.kind = JsonKind::kNull;
                SALUS_TRY_STATUS(word("null"));
                break;
            default:
                node.kind = JsonKind::kNumber;
                SALUS_TRY_STATUS(number());
        }
        node.span.end = here();
        nodes_.push_back(node);
        return {};
    }

    Status word(std::string_view word) {
        if (text_.substr(place_, word.size()) != word) return fault("no JSON value here");
        place_ += word.size();
        return {};
    }

    Status number() {
        if (peek() == '-') ++place_;
        if (!is_digit(peek())) return fault("no JSON value here");
        if (peek() == '0') {
            ++place_;
        } else {
            while (is_digit(peek())) ++place_;
        }
        if (peek() == '.') {
            ++place_;
            SALUS_TRY_STATUS(digits());
        }
        if (peek() == 'e' || peek() == 'E') {
            ++place_;
            if (peek() == '+' || peek() == '-') ++place_;
            SALUS_TRY_STATUS(digits());
        }
        return {};
    }
    Status digits() {
        if (!is_digit(peek())) return fault("a number without the digits that belong there");
        while (is_digit(peek())) ++place_;
        return {};
    }

    Result<Span> string(bool& escaped) {
        const std::uint32_t begin = here();
        ++place_;
        for (;;) {
            while (place_ < text_.size() && kPlain[static_cast<std::uint8_t>(text_[place_])]) ++place_;
            if (place_ == text_.size()) return fault("a string does not end");
            const auto byte = static_cast<std::uint8_t>(text_[place_]);
            if (byte == '"') {
                ++place_;
                return Span{begin, here()};
            }
            if (byte == '\\') {
                escaped = true;
                SALUS_TRY_STATUS(escape());
            } else if (byte < 0x20) {
                return fault("a control character in a string");
            } else {
                const std::size_t length = utf8_length(text_, place_);
                if (length == 0) return fault("not UTF-8");
                place_ += length;
            }
        }
    }

    Status escape() {
        const std::string_view rest = text_.substr(place_ + 1);
        if (rest.empty()) return fault("a string does not end");
        if (std::string_view("\"\\/nrt").find(rest[0]) != std::string_view::npos) {
            place_ += 2;
            return {};
        }
        if (rest[0] == 'b' || rest[0] == 'f') return fault("a control character in a string");
        if (rest[0] != 'u') return fault("an escape that is none");
        const auto unit = read_hex4(rest.substr(1));
        if (!unit) return fault("an escape that is none");
        if (*unit < 0x20 && *unit != '\t' && *unit != '\n' && *unit != '\r')
            return fault("a control character in a string");
        if (is_low_surrogate(*unit)) return fault("half a surrogate pair");
        place_ += 6;
        if (!is_high_surrogate(*unit)) return {};
        const auto low = text_.substr(place_, 2) == "\\u" ? read_hex4(text_.substr(place_ + 2)) : std::nullopt;
        if (!low || !is_low_surrogate(*low)) return fault("half a surrogate pair");
        place_ += 6;
        return {};
    }

    std::string_view text_;
    std::uint32_t depth_max_;
    std::size_t place_ = 0;
    std::vector<JsonNode> nodes_;
    std::vector<std::uint32_t> open_;
    std::vector<std::string_view> names_;
};

void append_utf8(std::string& out, std::uint32_t point) {
    const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xC0U | (point >> 6U));
    } else if (point < 0x10000) {
        put(0xE0U | (point >> 12U));
        put(0x80U | ((point >> 6U) & 0x3FU));
    } else {
        put(0xF0U | (point >> 18U));
        put(0x80U | ((point >> 12U) & 0x3FU));
        put(0x80U | ((point >> 6U) & 0x3FU));
    }
    put(0x80U | (point & 0x3FU));
}

/// What stands between the quotes, without escapes. Pre: it passed the scan
std::string unescape_json(std::string_view inner) {
    std::string out;
    out.reserve(inner.size());
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] != '\\') {
            out.push_back(inner[i]);
            continue;
        }
        const char kind = inner[++i];
        if (kind != 'u') {
            out.push_back(kind == 'n' ? '\n' : kind == 'r' ? '\r' : kind == 't' ? '\t' : kind);
            continue;
        }
        std::uint32_t point = *read_hex4(inner.substr(i + 1));
        i += 4;
        if (is_high_surrogate(point)) {
            point = 0x10000 + ((point - 0xD800) << 10U) + (*read_hex4(inner.substr(i + 3)) - 0xDC00);
            i += 6;
        }
        append_utf8(out, point);
    }
    return out;
}

/// The first place from `place` on whose byte does not stand in a string as it is: all of most strings does.
std::size_t plain_until(std::string_view text, std::size_t place) {
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
    const auto from = text.begin() + static_cast<std::ptrdiff_t>(place);
    return static_cast<std::size_t>(std::find_if_not(from, text.end(), plain) - text.begin());
}

}  // namespace

Result<Document> Document::parse(Bytes bytes, const DocumentLimits& limits) {
    const std::size_t most = std::min<std::size_t>(limits.bytes_max, std::numeric_limits<std::uint32_t>::max());
    if (bytes.size() > most)
        return fail(ErrorCode::kTooLarge, fmt::format("the document has {} bytes, more than {}", bytes.size(), most));
    SALUS_TRY(auto nodes, Scanner(as_text(bytes), limits.depth_max).scan());
    return Document(std::move(bytes), std::move(nodes));
}

std::string JsonValue::text() const {
    if (!is_string()) return {};
    const std::string_view quoted = raw();
    const std::string_view inner = quoted.substr(1, quoted.size() - 2);
    return node().escaped ? unescape_json(inner) : std::string(inner);
}

bool JsonValue::is(std::string_view value) const {
    if (!is_string()) return false;
    const std::string_view quoted = raw();
    return node().escaped ? text() == value : quoted.substr(1, quoted.size() - 2) == value;
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
    if (!is_object()) return {};
    for (const JsonValue member : children())
        if (member.key() == name) return member;
    return {};
}

std::optional<JsonValue> JsonValue::at(std::initializer_list<std::string_view> path) const {
    std::optional<JsonValue> value = *this;
    for (const std::string_view name : path)
        if (value) value = value->find(name);
    return value;
}

std::optional<std::string> JsonValue::text_at(std::initializer_list<std::string_view> path) const {
    const auto value = at(path);
    if (!value || !value->is_string()) return {};
    return value->text();
}

void append_json_string(Bytes& out, std::string_view text) {
    out.push_back('"');
    for (std::size_t place = 0; place < text.size();) {
        const std::size_t end = plain_until(text, place);
        append(out, as_bytes(text.substr(place, end - place)));
        place = end;
        if (place == text.size()) break;
        const auto byte = static_cast<std::uint8_t>(text[place]);
        const std::size_t length = utf8_length(text, place);
        if (length == 0) {
            append(out, as_bytes("\xEF\xBF\xBD"));
        } else if (byte == '"' || byte == '\\') {
            out.push_back('\\');
            out.push_back(byte);
        } else if (byte < 0x20) {
            append(out, as_bytes(fmt::format("\\u{:04x}", byte)));
        } else {
            append(out, as_bytes(text.substr(place, length)));
        }
        place += std::max<std::size_t>(length, 1);
    }
    out.push_back('"');
}

}  // namespace salus::application
