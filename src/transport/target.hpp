#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace salus::transport {

/// What a request line asks for, decoded.
struct Target {
    std::string path;
    std::vector<std::pair<std::string, std::string>> query;
};

/// Reads a request target in origin or absolute form. What servers are known to disagree about is refused rather than
/// put right: "." and ".." segments, an encoded '/' or '\', control characters, NUL, what is not UTF-8, a fragment. In
/// the query,
/// '+' is a space.
/// Errors: kUsage. Source: RFC 9112, section 3.2; RFC 3986, sections 2.1 and 3.3
Result<Target> parse_target(std::string_view raw);

}  // namespace salus::transport
