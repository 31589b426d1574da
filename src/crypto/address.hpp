#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::crypto {

/// `prefix`, "1", then `data` in Bech32m. Source: BIP-350
std::string to_bech32m(std::string_view prefix, ByteView data);

/// The data. Errors: kUsage for mixed case, a foreign character, a wrong checksum, another prefix
Result<Bytes> from_bech32m(std::string_view prefix, std::string_view text);

}  // namespace salus::crypto
