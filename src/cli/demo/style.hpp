#pragma once

#include <string>
#include <string_view>

namespace salus::cli::demo {

enum class Look { kPlain, kBold, kDim, kGood, kBad };

/// `text` as a terminal shows it so; as it is where `colours` is false.
std::string styled(std::string_view text, Look look, bool colours);

/// `text` in lines of at most `width`, each after `indent` spaces, broken at spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

/// "3.2 s"
std::string seconds(long long milliseconds);

}  // namespace salus::cli::demo
