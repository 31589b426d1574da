#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace salus {

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);

/// Either case; nothing on an odd length or a foreign character.
std::optional<Bytes> from_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string to_base64(ByteView bytes);

/// RFC 4648 section 4, strict: padding required, no foreign character, no stray bits.
std::optional<Bytes> from_base64(std::string_view text);

/// RFC 4648 section 5, without padding, for URLs.
std::string to_base64url(ByteView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

/// RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF.
bool is_utf8(ByteView bytes) noexcept;

/// Hex of exactly N bytes.
template <std::size_t N>
std::optional<ByteArray<N>> array_from_hex(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes || bytes->size() != N) return std::nullopt;
    ByteArray<N> out{};
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

template <class IdType>
std::optional<IdType> id_from_hex(std::string_view text) {
    auto bytes = array_from_hex<IdType::kSize>(text);
    if (!bytes) return std::nullopt;
    return IdType{*bytes};
}

}  // namespace salus
