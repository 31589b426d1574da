#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace salus {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The bytes of `text`, unchanged.
inline ByteView as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// `bytes` seen as characters; nothing is decoded.
inline std::string_view as_text(ByteView bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }

inline void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

inline bool equal(ByteView a, ByteView b) noexcept {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

/// Fixed-width big-endian integer, the form in which integers enter every hash that is concatenated by hand.
template <class Unsigned>
constexpr ByteArray<sizeof(Unsigned)> big_endian(Unsigned value) noexcept {
    ByteArray<sizeof(Unsigned)> out{};
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
        out[sizeof(Unsigned) - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
    return out;
}

/// Pre: bytes.size() == sizeof(Unsigned)
template <class Unsigned>
constexpr Unsigned from_big_endian(ByteView bytes) noexcept {
    Unsigned value = 0;
    for (std::uint8_t byte : bytes) value = static_cast<Unsigned>((value << 8) | byte);
    return value;
}

/// A SHA-256 value.
using Hash = ByteArray<32>;

/// An identifier of its own kind: ids with different tags do not interconvert. `Tag` is an incomplete type.
template <class Tag, std::size_t N>
struct Id {
    static constexpr std::size_t kSize = N;
    ByteArray<N> bytes{};

    auto operator<=>(const Id&) const = default;
    operator ByteView() const noexcept { return bytes; }
    [[nodiscard]] bool is_zero() const noexcept { return *this == Id{}; }
};

/// For hash tables of ids and hashes, which are uniformly distributed: the first eight bytes serve.
struct PrefixHasher {
    template <std::size_t N>
    std::size_t operator()(const ByteArray<N>& bytes) const noexcept {
        static_assert(N >= sizeof(std::size_t));
        std::size_t value = 0;
        std::memcpy(&value, bytes.data(), sizeof(value));
        return value;
    }
    template <class Tag, std::size_t N>
    std::size_t operator()(const Id<Tag, N>& id) const noexcept {
        return (*this)(id.bytes);
    }
};

}  // namespace salus
