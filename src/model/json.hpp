#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "model/codec.hpp"
#include "model/enum_names.hpp"

/// Messages as JSON for people and clients; what is hashed and signed is always the encoding.
///
///     number, boolean     as they are, 64-bit numbers too
///     enum                its name (model/enum_names.hpp); read by name or number
///     bytes of any kind   hexadecimal
///     string              as it is
///     message             object, every field in its order; an empty optional is left out
///     repeated            array
///     oneof               object with one member: the name of the message that is there
///
/// Reading: a field left out is empty, false or 0 where the encoding has such a default, else an error; unknown and
/// repeated members are errors, whole numbers only.
namespace salus::json {

/// A JSON text as it was parsed. Numbers are whole and not negative: no message has others.
struct Member;
struct Value {
    enum class Kind { kNull, kBoolean, kNumber, kText, kArray, kObject };

    Kind kind = Kind::kNull;
    bool boolean = false;
    std::uint64_t number = 0;
    std::string text;
    std::vector<Value> elements;
    std::vector<Member> members;

    /// nullptr where there is no such member, or no object.
    [[nodiscard]] const Value* member(std::string_view name) const;
};
struct Member {
    std::string name;
    Value value;
};

inline constexpr std::size_t kDepthMax = 32;
/// In one text: room for 10,000 transactions with their signatures.
inline constexpr std::size_t kValuesMax = 256UL * 1024;

/// RFC 8259, strict; a member that stands twice, a number that is not a whole one of 64 bits, invalid UTF-8 and nesting
/// deeper than kDepthMax are refused.
/// Errors: kMalformedEncoding; kTooLarge for more than `values_max` values, of which each takes fifty times its text
Result<Value> parse(std::string_view text, std::size_t values_max = kValuesMax);

/// Builds a JSON text. Pre: calls in the order of the text
class Writer {
public:
    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    void key(std::string_view name);
    void text(std::string_view value);
    void number(std::uint64_t value);
    void boolean(bool value);
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void open(char bracket);
    void close(char bracket);
    void separate();
    void quote(std::string_view value);

    std::string out_;
    bool first_ = true;  ///< of its object or array, or just behind its key
};

namespace detail {

tl::unexpected<Error> mismatch(std::string what);
/// Errors: kMalformedEncoding, naming `field`
Result<Bytes> bytes_of(const Value& value, std::string_view field);
Status check_members(const Value& value, std::string_view message, std::span<const std::string_view> known);

template <codec::Message M>
void write_message(Writer& out, const M& message);
template <codec::Message M>
Status read_message(const Value& value, M& message, unsigned depth);

template <class T>
void write_value(Writer& out, const T& value) {
    using namespace codec::detail;
    if constexpr (std::is_same_v<T, bool>) {
        out.boolean(value);
    } else if constexpr (std::is_enum_v<T>) {
        if (const auto name = enum_name(value); !name.empty())
            out.text(name);
        else
            out.number(static_cast<std::uint64_t>(value));
    } else if constexpr (Scalar<T>) {
        out.number(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
        out.text(value);
    } else if constexpr (std::is_same_v<T, Bytes> || Fixed<T>) {
        out.text(to_hex(view(value)));
    } else if constexpr (kIsRepeated<T>) {
        out.begin_array();
        for (const auto& element : value) write_value(out, element);
        out.end_array();
    } else if constexpr (kIsOneof<T>) {
        out.begin_object();
        std::visit(
            [&](const auto& alternative) {
                out.key(std::remove_cvref_t<decltype(alternative)>::kName);
                write_message(out, alternative);
            },
            value);
        out.end_object();
    } else {
        write_message(out, value);
    }
}

template <codec::Message M>
void write_message(Writer& out, const M& message) {
    out.begin_object();
    codec::each_field(M::kFields, [&](const auto& field) {
        const auto& value = message.*(field.member);
        if constexpr (codec::detail::kIsOptional<std::remove_cvref_t<decltype(value)>>) {
            if (!value) return true;
            out.key(field.name);
            write_value(out, *value);
        } else {
            out.key(field.name);
            write_value(out, value);
        }
        return true;
    });
    out.end_object();
}

template <class T>
Status read_value(const Value& value, T& out, std::string_view field, unsigned depth) {
    using namespace codec::detail;
    if constexpr (std::is_same_v<T, bool>) {
        if (value.kind != Value::Kind::kBoolean) return mismatch(std::string(field) + " is not true or false");
        out = value.boolean;
    } else if constexpr (std::is_enum_v<T>) {
        if (value.kind == Value::Kind::kText) {
            const auto found = enum_from_name<T>(value.text);
            if (!found) return mismatch(std::string(field) + " has an unknown name");
            out = *found;
        } else {
            if (value.kind != Value::Kind::kNumber) return mismatch(std::string(field) + " is not a name or number");
            return read_scalar(value.number, out);
        }
    } else if constexpr (Scalar<T>) {
        if (value.kind != Value::Kind::kNumber) return mismatch(std::string(field) + " is not a whole number");
        if (auto status = read_scalar(value.number, out); !status)
            return mismatch(std::string(field) + " is too large");
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (value.kind != Value::Kind::kText) return mismatch(std::string(field) + " is not a string");
        out = value.text;
    } else if constexpr (std::is_same_v<T, Bytes>) {
        SALUS_TRY(out, bytes_of(value, field));
    } else if constexpr (Fixed<T>) {
        SALUS_TRY(const Bytes bytes, bytes_of(value, field));
        auto place = storage(out);
        if (bytes.size() != place.size())
            return mismatch(std::string(field) + " is not of " + std::to_string(place.size()) + " bytes");
        std::copy(bytes.begin(), bytes.end(), place.begin());
    } else if constexpr (kIsRepeated<T>) {
        if (value.kind != Value::Kind::kArray) return mismatch(std::string(field) + " is not an array");
        out.clear();
        for (const Value& element : value.elements)
            SALUS_TRY_STATUS(read_value(element, out.emplace_back(), field, depth));
    } else if constexpr (kIsOneof<T>) {
        if (value.kind != Value::Kind::kObject || value.members.size() != 1)
            return mismatch(std::string(field) + " is not an object with one member");
        Status status = mismatch(std::string(field) + " names an unknown message");
        const auto attempt = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            using Alternative = std::variant_alternative_t<I, T>;
            if (value.members[0].name != Alternative::kName) return false;
            status = read_message(value.members[0].value, out.template emplace<I>(), depth + 1);
            return true;
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)(attempt(std::integral_constant<std::size_t, I>{}) || ...);
        }(std::make_index_sequence<std::variant_size_v<T>>{});
        return status;
    } else {
        return read_message(value, out, depth + 1);
    }
    return {};
}

template <class T>
Status read_field(const Value* value, T& out, std::string_view field, unsigned depth) {
    using namespace codec::detail;
    if constexpr (kIsOptional<T>) {
        if (value == nullptr) return {};
        return read_value(*value, out.emplace(), field, depth);
    } else {
        if (value != nullptr) return read_value(*value, out, field, depth);
        if constexpr (std::is_enum_v<T>) {
            if (!is_known(T{})) return mismatch(std::string(field) + " is missing");
        } else if constexpr (!Scalar<T> && !Blob<T> && !kIsRepeated<T>) {
            return mismatch(std::string(field) + " is missing");
        }
        return {};
    }
}

template <codec::Message M>
Status read_message(const Value& value, M& message, unsigned depth) {
    if (depth > codec::kMaxDepth) return mismatch("nested deeper than 8");
    std::vector<std::string_view> known;
    codec::each_field(M::kFields, [&](const auto& field) {
        known.push_back(field.name);
        return true;
    });
    SALUS_TRY_STATUS(check_members(value, M::kName, known));
    Status status;
    codec::each_field(M::kFields, [&](const auto& field) {
        status = read_field(value.member(field.name), message.*(field.member), field.name, depth);
        return status.has_value();
    });
    return status;
}

}  // namespace detail

template <codec::Message M>
std::string to_json(const M& message) {
    Writer out;
    detail::write_message(out, message);
    return out.take();
}

/// The message that the JSON says, if it has an encoding too: limits are the encoding's.
/// Errors: kMalformedEncoding, naming the field
template <codec::Message M>
Result<M> message_from(const Value& value) {
    M message{};
    SALUS_TRY_STATUS(detail::read_message(value, message, 1));
    return codec::decode<M>(codec::encode(message));
}
template <codec::Message M>
Result<M> from_json(std::string_view text) {
    SALUS_TRY(const Value value, parse(text));
    return message_from<M>(value);
}

}  // namespace salus::json
