#include "model/json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

namespace salus::json {
namespace {

/// Boost's parser keeps the last of two members with one name; a signer and a verifier that keep different ones would
/// disagree, so the tree is built here.
class Builder {
public:
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = 256;
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    using Code = boost::json::error_code;

    explicit Builder(std::size_t values_max) : values_free_(values_max) {}

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code& code) { return enter(Value::Kind::kObject, code); }
    bool on_object_end(std::size_t, Code& code) { return leave_object(code); }
    bool on_array_begin(Code& code) { return enter(Value::Kind::kArray, code); }
    bool on_array_end(std::size_t, Code&) { return leave(); }
    bool on_key_part(boost::json::string_view part, std::size_t, Code&) { return gather(part); }
    bool on_key(boost::json::string_view part, std::size_t, Code&) {
        gather(part);
        stack_.back().members.push_back({std::move(gathered_), Value{}});
        gathered_.clear();
        return true;
    }
    bool on_string_part(boost::json::string_view part, std::size_t, Code&) { return gather(part); }
    bool on_string(boost::json::string_view part, std::size_t, Code& code) {
        gather(part);
        Value value;
        value.kind = Value::Kind::kText;
        value.text = std::move(gathered_);
        gathered_.clear();
        return add(std::move(value), code);
    }
    bool on_number_part(boost::json::string_view, Code&) { return true; }
    bool on_int64(std::int64_t number, boost::json::string_view, Code& code) {
        if (number < 0) return refuse(code);
        return on_uint64(static_cast<std::uint64_t>(number), {}, code);
    }
    bool on_uint64(std::uint64_t number, boost::json::string_view, Code& code) {
        Value value;
        value.kind = Value::Kind::kNumber;
        value.number = number;
        return add(std::move(value), code);
    }
    bool on_double(double, boost::json::string_view, Code& code) { return refuse(code); }
    bool on_bool(bool boolean, Code& code) {
        Value value;
        value.kind = Value::Kind::kBoolean;
        value.boolean = boolean;
        return add(std::move(value), code);
    }
    bool on_null(Code& code) { return add({}, code); }
    bool on_comment_part(boost::json::string_view, Code&) { return true; }
    bool on_comment(boost::json::string_view, Code&) { return true; }

    [[nodiscard]] Value take() { return std::move(root_); }
    [[nodiscard]] bool too_many() const noexcept { return too_many_; }

private:
    static bool refuse(Code& code) {
        code = boost::json::error::syntax;
        return false;
    }
    bool gather(boost::json::string_view part) {
        gathered_.append(part.data(), part.size());
        return true;
    }
    bool count(Code& code) {
        too_many_ = values_free_ == 0;
        if (too_many_) return refuse(code);
        --values_free_;
        return true;
    }
    bool add(Value value, Code& code) { return count(code) && put(std::move(value)); }
    bool enter(Value::Kind kind, Code& code) {
        if (!count(code)) return false;
        stack_.emplace_back().kind = kind;
        return true;
    }
    bool leave_object(Code& code) {
        std::vector<std::string_view> names;
        for (const auto& [name, value] : stack_.back().members) names.push_back(name);
        std::ranges::sort(names);
        if (std::ranges::adjacent_find(names) != names.end()) return refuse(code);
        return leave();
    }
    bool leave() {
        Value value = std::move(stack_.back());
        stack_.pop_back();
        return put(std::move(value));
    }
    bool put(Value value) {
        if (stack_.empty())
            root_ = std::move(value);
        else if (stack_.back().kind == Value::Kind::kArray)
            stack_.back().elements.push_back(std::move(value));
        else
            stack_.back().members.back().value = std::move(value);
        return true;
    }

    std::size_t values_free_;
    bool too_many_ = false;
    std::vector<Value> stack_;  ///< objects and arrays that are open
    std::string gathered_;
    Value root_;
};

}  // namespace

const Value* Value::member(std::string_view name) const {
    const auto found = std::ranges::find(members, name, &Member::name);
    return found == members.end() ? nullptr : &found->value;
}

Result<Value> parse(std::string_view text, std::size_t values_max) {
    boost::json::parse_options options;
    options.max_depth = kDepthMax;
    boost::json::basic_parser<Builder> parser(options, values_max);
    boost::json::error_code code;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
    if (parser.handler().too_many())
        return fail(ErrorCode::kTooLarge, "the JSON has more than " + std::to_string(values_max) + " values");
    if (code) return detail::mismatch("the JSON is not well-formed, or has a number or member that no message has");
    const auto rest = text.substr(used);
    if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) return detail::mismatch("more follows the JSON");
    return parser.handler().take();
}

void Writer::separate() {
    if (!first_) out_ += ',';
    first_ = false;
}

void Writer::open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
}

void Writer::close(char bracket) {
    out_ += bracket;
    first_ = false;
}

void Writer::key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    first_ = true;
}

void Writer::text(std::string_view value) {
    separate();
    quote(value);
}

void Writer::number(std::uint64_t value) {
    separate();
    out_ += std::to_string(value);
}

void Writer::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
}

void Writer::quote(std::string_view value) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out_ += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (byte < 0x20) {
            out_ += "\\u00";
            out_ += kHex[byte >> 4];
            out_ += kHex[byte & 15];
        } else {
            out_ += c;
        }
    }
    out_ += '"';
}

namespace detail {

tl::unexpected<Error> mismatch(std::string what) { return fail(ErrorCode::kMalformedEncoding, std::move(what)); }

Result<Bytes> bytes_of(const Value& value, std::string_view field) {
    if (value.kind == Value::Kind::kText)
        if (auto bytes = from_hex(value.text)) return *std::move(bytes);
    return mismatch(std::string(field) + " is not hexadecimal");
}

Status check_members(const Value& value, std::string_view message, std::span<const std::string_view> known) {
    if (value.kind != Value::Kind::kObject) return mismatch(std::string(message) + " is not an object");
    for (const auto& [name, member] : value.members)
        if (std::ranges::find(known, name) == known.end())
            return mismatch(std::string(message) + " has an unknown member");
    return {};
}

}  // namespace detail

}  // namespace salus::json
