#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::crypto {

/// `prefix`, "1", then `data` in Bech32m, lower case. Source: BIP-350
/// Pre: `prefix` is 1 to 83 printable ASCII characters without upper case; the text has at most 90 characters
std::string to_bech32m(std::string_view prefix, ByteView data);

/// The data. Either case. Pre: `prefix` as above
/// Errors: kUsage for mixed case, a foreign character, a wrong checksum, another prefix, padding that is not zero or of
/// five bits and more, more than 90 characters
Result<Bytes> from_bech32m(std::string_view prefix, std::string_view text);

}  // namespace salus::crypto
