#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "model/wire.hpp"

/// The canonical profile of the protobuf wire format (docs/protocol.md, "Encoding").
///
/// A message is a struct with a name and a table of its fields; the table is the whole of what is written and read:
///
///     struct Receipt {
///         TxId id;
///         std::uint32_t code = 0;
///         static constexpr std::string_view kName = "Receipt";
///         static constexpr auto kFields = codec::table(field<1>("id", &Receipt::id), field<3>("code",
///         &Receipt::code));
///     };
///
/// One value has one encoding: fields ascending, varints minimal, defaults (0, false, empty) left out. Fixed-size bytes
/// and messages have no default and are always there, unless they are std::optional.
///
///     bool, uint32, uint64, enum       varint; an enum asks `is_known(E)`, also for the 0 of a field left out
///     ByteArray<N>, Id<Tag, N>         exactly N bytes
///     Bytes, std::string               at most `max` bytes; strings are UTF-8
///     a message                        nested, length-delimited
///     std::optional<fixed, message or Bytes>   left out where empty; Bytes that are there are written, even none
///     std::vector<fixed or message or Bytes>   repeated, at most `max` of them
///     std::vector<uint64>              packed, at most `max` of them
///     std::variant<messages...>        a oneof over consecutive numbers; exactly one is there
namespace salus::codec {

template <std::uint32_t Number, class Message, class Member>
struct Field {
    static constexpr std::uint32_t kNumber = Number;
    std::string_view name;
    Member Message::*member;
    std::size_t max;       ///< bytes of a string, count of a repeated field
    std::size_t max_each;  ///< bytes of each element where Bytes repeat
};

inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);
inline constexpr unsigned kMaxDepth = 8;

template <std::uint32_t Number, class Message, class Member>
constexpr Field<Number, Message, Member> field(std::string_view name, Member Message::*member,
                                               std::size_t max = kNoLimit, std::size_t max_each = kNoLimit) {
    return {name, member, max, max_each};
}

/// A message's fields, in order. A plain aggregate: std::tuple's constructors would cost each includer seconds.
template <class... Fields>
struct Table {};
template <class First, class... Rest>
struct Table<First, Rest...> {
    First first;
    [[no_unique_address]] Table<Rest...> rest;
};
constexpr Table<> table() { return {}; }
template <class First, class... Rest>
constexpr Table<First, Rest...> table(First first, Rest... rest) {
    return {first, table(rest...)};
}

/// Shows `visitor` each field until it answers false; whether it never did.
template <class Visitor>
constexpr bool each_field(const Table<>&, Visitor&&) {
    return true;
}
template <class First, class... Rest, class Visitor>
constexpr bool each_field(const Table<First, Rest...>& fields, Visitor&& visitor) {
    return visitor(fields.first) && each_field(fields.rest, visitor);
}
template <class T>
concept Message = requires {
    T::kFields;
    { T::kName } -> std::convertible_to<std::string_view>;
};

namespace detail {

template <class T>
struct IsFixed : std::false_type {};
template <std::size_t N>
struct IsFixed<ByteArray<N>> : std::true_type {};
template <class Tag, std::size_t N>
struct IsFixed<Id<Tag, N>> : std::true_type {};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsRepeated = false;
template <class T>
inline constexpr bool kIsRepeated<std::vector<T>> = !std::is_same_v<T, std::uint8_t>;
template <class T>
inline constexpr bool kIsOneof = false;
template <class... Ts>
inline constexpr bool kIsOneof<std::variant<Ts...>> = true;

template <class T>
concept Fixed = IsFixed<T>::value;
template <class T>
concept Blob = std::is_same_v<T, Bytes> || std::is_same_v<T, std::string>;
template <class T>
concept Scalar = std::is_same_v<T, bool> || std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::uint64_t> ||
                 std::is_enum_v<T>;

template <std::size_t N>
std::span<std::uint8_t> storage(ByteArray<N>& value) {
    return value;
}
template <class Tag, std::size_t N>
std::span<std::uint8_t> storage(Id<Tag, N>& value) {
    return value.bytes;
}
template <std::size_t N>
ByteView view(const ByteArray<N>& value) {
    return value;
}
template <class Tag, std::size_t N>
ByteView view(const Id<Tag, N>& value) {
    return value.bytes;
}
inline ByteView view(const Bytes& value) { return value; }
inline ByteView view(const std::string& value) { return as_bytes(value); }

template <Message M>
std::size_t message_size(const M& message);
template <Message M>
void write_message(Bytes& out, const M& message);
template <Message M>
Status read_message(Reader reader, M& message, unsigned depth);

// --- sizes and writing
// -------------------------------------------------------------------------------------------------

template <class T>
std::size_t body_size(const T& value) {
    if constexpr (Message<T>)
        return message_size(value);
    else
        return view(value).size();
}

template <std::uint32_t Number, class T>
void visit_size(std::size_t& size, const T& value) {
    constexpr std::size_t kTag = varint_size(std::uint64_t{Number} << 3);
    if constexpr (Scalar<T>) {
        if (value != T{}) size += kTag + varint_size(static_cast<std::uint64_t>(value));
    } else if constexpr (kIsOptional<T>) {
        if (value) {
            const std::size_t body = body_size(*value);
            size += kTag + varint_size(body) + body;
        }
    } else if constexpr (std::is_same_v<T, std::vector<std::uint64_t>>) {
        std::size_t packed = 0;
        for (std::uint64_t element : value) packed += varint_size(element);
        if (!value.empty()) size += kTag + varint_size(packed) + packed;
    } else if constexpr (kIsRepeated<T>) {
        for (const auto& element : value) {
            const std::size_t body = body_size(element);
            size += kTag + varint_size(body) + body;
        }
    } else if constexpr (kIsOneof<T>) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((value.index() == I ? visit_size<Number + I>(size, std::get<I>(value)) : void()), ...);
        }(std::make_index_sequence<std::variant_size_v<T>>{});
    } else {
        const std::size_t body = body_size(value);
        if (Blob<T> && body == 0) return;
        size += kTag + varint_size(body) + body;
    }
}

template <std::uint32_t Number, class T>
void write_delimited(Bytes& out, const T& value) {
    write_varint(out, (std::uint64_t{Number} << 3) | kWireDelimited);
    write_varint(out, body_size(value));
    if constexpr (Message<T>)
        write_message(out, value);
    else
        append(out, view(value));
}

template <std::uint32_t Number, class T>
void write_field(Bytes& out, const T& value) {
    if constexpr (Scalar<T>) {
        if (value == T{}) return;
        write_varint(out, (std::uint64_t{Number} << 3) | kWireVarint);
        write_varint(out, static_cast<std::uint64_t>(value));
    } else if constexpr (kIsOptional<T>) {
        if (value) write_delimited<Number>(out, *value);
    } else if constexpr (std::is_same_v<T, std::vector<std::uint64_t>>) {
        if (value.empty()) return;
        std::size_t packed = 0;
        for (std::uint64_t element : value) packed += varint_size(element);
        write_varint(out, (std::uint64_t{Number} << 3) | kWireDelimited);
        write_varint(out, packed);
        for (std::uint64_t element : value) write_varint(out, element);
    } else if constexpr (kIsRepeated<T>) {
        for (const auto& element : value) write_delimited<Number>(out, element);
    } else if constexpr (kIsOneof<T>) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((value.index() == I ? write_delimited<Number + I>(out, std::get<I>(value)) : void()), ...);
        }(std::make_index_sequence<std::variant_size_v<T>>{});
    } else if constexpr (Blob<T>) {
        if (!value.empty()) write_delimited<Number>(out, value);
    } else {
        write_delimited<Number>(out, value);
    }
}

template <Message M>
std::size_t message_size(const M& message) {
    std::size_t size = 0;
    each_field(M::kFields, [&](const auto& f) {
        visit_size<std::remove_cvref_t<decltype(f)>::kNumber>(size, message.*(f.member));
        return true;
    });
    return size;
}

template <Message M>
void write_message(Bytes& out, const M& message) {
    each_field(M::kFields, [&](const auto& f) {
        write_field<std::remove_cvref_t<decltype(f)>::kNumber>(out, message.*(f.member));
        return true;
    });
}

// --- reading ---

template <class T>
Status read_scalar(std::uint64_t raw, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        if (raw > 1) return malformed("a boolean is 0 or 1");
        value = raw == 1;
    } else if constexpr (std::is_enum_v<T>) {
        if (raw > 0xFFFFFFFFULL || !is_known(static_cast<T>(raw))) return malformed("has unknown value", raw);
        value = static_cast<T>(raw);
    } else {
        if (raw > static_cast<std::uint64_t>(static_cast<T>(-1))) return malformed("number too large");
        value = static_cast<T>(raw);
    }
    return {};
}

template <class T>
Status read_body(ByteView body, T& value, std::size_t max, unsigned depth) {
    if constexpr (Message<T>) {
        return read_message(Reader(body), value, depth + 1);
    } else if constexpr (Fixed<T>) {
        auto out = storage(value);
        if (body.size() != out.size()) return malformed("has a length other than", out.size());
        std::copy(body.begin(), body.end(), out.begin());
        return {};
    } else {
        if (body.size() > max) return malformed("has more bytes than", max);
        if constexpr (std::is_same_v<T, std::string>) {
            if (!is_valid_utf8(body)) return malformed("is not UTF-8");
        }
        value.assign(body.begin(), body.end());
        return {};
    }
}

template <std::uint32_t Number, class T>
Status read_field(Reader& reader, T& value, std::size_t max, std::size_t max_each, unsigned depth) {
    if constexpr (Scalar<T>) {
        if (!reader.at(Number, kWireVarint)) {
            if constexpr (std::is_enum_v<T>) {
                if (!is_known(T{})) return malformed("is missing");
            }
            value = T{};
            return {};
        }
        SALUS_TRY(const std::uint64_t raw, reader.varint());
        if (raw == 0) return malformed("writes its default value");
        return read_scalar(raw, value);
    } else if constexpr (kIsOptional<T>) {
        value.reset();
        if (!reader.at(Number, kWireDelimited)) return {};
        SALUS_TRY(const ByteView body, reader.delimited());
        return read_body(body, value.emplace(), max, depth);
    } else if constexpr (std::is_same_v<T, std::vector<std::uint64_t>>) {
        value.clear();
        if (!reader.at(Number, kWireDelimited)) return {};
        SALUS_TRY(const ByteView body, reader.delimited());
        if (body.empty()) return malformed("writes its default value");
        Reader packed(body);
        while (!packed.done()) {
            if (value.size() == max) return malformed("has more elements than", max);
            SALUS_TRY(const std::uint64_t element, packed.varint());
            value.push_back(element);
        }
        return {};
    } else if constexpr (kIsRepeated<T>) {
        value.clear();
        while (reader.at(Number, kWireDelimited)) {
            if (value.size() == max) return malformed("has more elements than", max);
            SALUS_TRY(const ByteView body, reader.delimited());
            SALUS_TRY_STATUS(read_body(body, value.emplace_back(), max_each, depth));
        }
        return {};
    } else if constexpr (kIsOneof<T>) {
        Status status = malformed("is missing");
        auto attempt = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            if (!reader.at(Number + static_cast<std::uint32_t>(I), kWireDelimited)) return false;
            auto body = reader.delimited();
            status = body ? read_body(*body, value.template emplace<I>(), max, depth)
                          : Status(tl::make_unexpected(body.error()));
            return true;
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)(attempt(std::integral_constant<std::size_t, I>{}) || ...);
        }(std::make_index_sequence<std::variant_size_v<T>>{});
        return status;
    } else {
        if (!reader.at(Number, kWireDelimited)) {
            if constexpr (Blob<T>) {
                value.clear();
                return {};
            } else {
                return malformed("is missing");
            }
        }
        SALUS_TRY(const ByteView body, reader.delimited());
        if (Blob<T> && body.empty()) return malformed("writes its default value");
        return read_body(body, value, max, depth);
    }
}

template <Message M>
Status read_message(Reader reader, M& message, unsigned depth) {
    if (depth > kMaxDepth) return malformed("nested deeper than 8");
    Status status;
    auto one = [&](const auto& f) {
        status = read_field<std::remove_cvref_t<decltype(f)>::kNumber>(reader, message.*(f.member), f.max, f.max_each,
                                                                       depth);
        if (!status) status = in_field(M::kName, f.name, status.error());
        return status.has_value();
    };
    each_field(M::kFields, one);
    if (status && !reader.done()) status = surplus(M::kName, reader.position());
    return status;
}

}  // namespace detail

/// The one encoding of `message`.
template <Message M>
Bytes encode(const M& message) {
    Bytes out;
    out.reserve(detail::message_size(message));
    detail::write_message(out, message);
    return out;
}

template <Message M>
std::size_t encoded_size(const M& message) {
    return detail::message_size(message);
}

/// The message that has exactly these bytes as its encoding.
/// Errors: kMalformedEncoding, naming message and field; never what the field holds
template <Message M>
Result<M> decode(ByteView bytes) {
    M message{};
    SALUS_TRY_STATUS(detail::read_message(Reader(bytes), message, 1));
    return message;
}

}  // namespace salus::codec

/// In the header of a message, inside namespace salus: its codec is compiled once, by SALUS_DEFINE_CODEC in its .cpp
/// file, and not again in everyone who uses it.
#define SALUS_DECLARE_CODEC(Message)                                          \
    extern template Bytes codec::encode<Message>(const Message&);             \
    extern template std::size_t codec::encoded_size<Message>(const Message&); \
    extern template Result<Message> codec::decode<Message>(ByteView);

#define SALUS_DEFINE_CODEC(Message)                                    \
    template Bytes codec::encode<Message>(const Message&);             \
    template std::size_t codec::encoded_size<Message>(const Message&); \
    template Result<Message> codec::decode<Message>(ByteView);
