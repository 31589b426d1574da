#include "cli/demo/style.hpp"

#include <fmt/format.h>

namespace salus::cli::demo {

std::string styled(std::string_view text, Look look, bool colours) {
    static constexpr std::string_view kCodes[] = {"", "\033[1m", "\033[2m", "\033[32m", "\033[1;31m"};
    if (!colours || look == Look::kPlain) return std::string(text);
    return std::string(kCodes[static_cast<std::size_t>(look)]).append(text).append("\033[0m");
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    const std::string margin(indent, ' ');
    std::string out;
    std::size_t column = width + 1;  // so that the first word begins a line
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (column + 1 + word.size() > width) {
            out += (out.empty() ? "" : "\n") + margin;
            column = indent;
        } else {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
    }
    return out + "\n";
}

std::string seconds(long long milliseconds) { return fmt::format("{:.1f} s", static_cast<double>(milliseconds) / 1e3); }

}  // namespace salus::cli::demo
