#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace salus {

/// One line of a CSV file, with its end. A cell that a spreadsheet would take for a formula gets a quote before it:
/// names in an audit come from other organisations. Source: RFC 4180
std::string csv_line(const std::vector<std::string_view>& cells);

}  // namespace salus
