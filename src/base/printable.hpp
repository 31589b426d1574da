#pragma once

#include <string>
#include <string_view>

namespace salus {

/// `text` as one line that a terminal shows and does not obey: each control character (C0, DEL, C1), each mark that
/// breaks a line or turns its direction, and each byte that is not UTF-8 becomes U+FFFD. For what others wrote.
std::string printable(std::string_view text);
/// Whether nothing of it would be replaced.
bool is_printable(std::string_view text);

}  // namespace salus
