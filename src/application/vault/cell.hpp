#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/bytes.hpp"

/// What stands in a row: NULL, a 64-bit integer, text, bytes; and how our types become one of them.
namespace salus::application {

enum class CellKind { kInteger, kText, kBytes };
using Cell = std::variant<std::monostate, std::int64_t, std::string, Bytes>;
/// A number that no column holds, 2^63 or more: the statement that it is given to fails with kUsage.
struct Unstorable {};
/// A parameter; refers to what it was made of.
using CellView = std::variant<std::monostate, std::int64_t, std::string_view, ByteView, Unstorable>;

namespace detail {
template <class T>
inline constexpr bool kIsOptionalCell = false;
template <class T>
inline constexpr bool kIsOptionalCell<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsByteArray = false;
template <std::size_t N>
inline constexpr bool kIsByteArray<ByteArray<N>> = true;
template <class T>
concept IsId = requires(T t) {
    { T::kSize } -> std::convertible_to<std::size_t>;
    { t.bytes } -> std::convertible_to<ByteView>;
};
}  // namespace detail

template <class T>
CellView to_cell(const T& value) {
    if constexpr (detail::kIsOptionalCell<T>) {
        return value ? to_cell(*value) : CellView{};
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        const auto raw = static_cast<std::uint64_t>(value);
        if constexpr (std::is_unsigned_v<T>) {
            if (raw > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return Unstorable{};
        }
        return static_cast<std::int64_t>(raw);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        return std::string_view(value);
    } else if constexpr (detail::IsId<T>) {
        return ByteView(value.bytes);
    } else {
        return ByteView(value);
    }
}

template <class T>
constexpr CellKind cell_kind() {
    if constexpr (detail::kIsOptionalCell<T>)
        return cell_kind<typename T::value_type>();
    else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>)
        return CellKind::kInteger;
    else if constexpr (std::is_same_v<T, std::string>)
        return CellKind::kText;
    else
        return CellKind::kBytes;
}

/// Moves the value out. False where the cell is NULL, or of another type or size.
template <class T>
bool from_cell(Cell& cell, T& out) {
    if constexpr (detail::kIsOptionalCell<T>) {
        out.reset();
        return std::holds_alternative<std::monostate>(cell) || from_cell(cell, out.emplace());
    } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
        const auto* value = std::get_if<std::int64_t>(&cell);
        if (value != nullptr) out = static_cast<T>(*value);
        return value != nullptr;
    } else if constexpr (std::is_same_v<T, std::string>) {
        auto* value = std::get_if<std::string>(&cell);
        if (value != nullptr) out = std::move(*value);
        return value != nullptr;
    } else {
        auto* value = std::get_if<Bytes>(&cell);
        if (value == nullptr) return false;
        if constexpr (std::is_same_v<T, Bytes>) {
            out = std::move(*value);
        } else if constexpr (detail::kIsByteArray<T>) {
            if (value->size() != out.size()) return false;
            std::copy(value->begin(), value->end(), out.begin());
        } else {
            if (value->size() != T::kSize) return false;
            std::copy(value->begin(), value->end(), out.bytes.begin());
        }
        return true;
    }
}

}  // namespace salus::application
