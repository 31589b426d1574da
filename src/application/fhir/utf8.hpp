#pragma once

#include <cstdint>
#include <string_view>

namespace salus::application {

/// The length of the UTF-8 sequence at `place`; 0 where none stands there (overlong, a surrogate, past U+10FFFF, cut).
/// Pre: place < text.size()    Source: RFC 3629 section 4
inline std::size_t utf8_length(std::string_view text, std::size_t place) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[place + i]); };
    const auto tail = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
        return place + i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const std::uint8_t first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;
    if (first < 0xE0) return tail(1) ? 2 : 0;
    if (first < 0xF0) {
        const bool second = first == 0xE0 ? tail(1, 0xA0, 0xBF) : first == 0xED ? tail(1, 0x80, 0x9F) : tail(1);
        return second && tail(2) ? 3 : 0;
    }
    if (first > 0xF4) return 0;
    const bool second = first == 0xF0 ? tail(1, 0x90, 0xBF) : first == 0xF4 ? tail(1, 0x80, 0x8F) : tail(1);
    return second && tail(2) && tail(3) ? 4 : 0;
}

}  // namespace salus::application
