#include "base/csv.hpp"

namespace salus {

std::string csv_line(const std::vector<std::string_view>& cells) {
    std::string out;
    for (const std::string_view cell : cells) {
        out += out.empty() ? "\"" : ",\"";
        if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) out += '\'';
        for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
        out += '"';
    }
    return out + "\r\n";
}

}  // namespace salus
