#include "base/printable.hpp"

#include "base/encoding.hpp"

namespace salus {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

std::size_t announced_length(char first) {
    const auto lead = static_cast<std::uint8_t>(first);
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

bool between(std::string_view symbol, std::string_view first, std::string_view last) {
    return symbol.size() == first.size() && symbol >= first && symbol <= last;
}

/// Pre: one character in UTF-8
bool is_command(std::string_view symbol) {
    return between(symbol, std::string_view("\0", 1), "\x1F") || symbol == "\x7F" ||
           between(symbol, "\xC2\x80", "\xC2\x9F") ||          // C1
           symbol == "\xD8\x9C" ||                             // U+061C, Arabic letter mark
           between(symbol, "\xE2\x80\x8E", "\xE2\x80\x8F") ||  // left-to-right mark, right-to-left mark
           between(symbol, "\xE2\x80\xA8", "\xE2\x80\xAE") ||  // line and paragraph separator, embeddings, overrides
           between(symbol, "\xE2\x81\xA6", "\xE2\x81\xA9");    // isolates
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::string_view symbol = text.substr(0, announced_length(text.front()));
        const bool whole = is_utf8(as_bytes(symbol));
        if (!whole) symbol = text.substr(0, 1);
        out += whole && !is_command(symbol) ? symbol : kReplacement;
        text.remove_prefix(symbol.size());
    }
    return out;
}

bool is_printable(std::string_view text) { return printable(text) == text; }

}  // namespace salus
