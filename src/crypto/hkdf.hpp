#pragma once

#include "crypto/kdf.hpp"

namespace salus::crypto {

/// The two steps of RFC 5869, for HPKE, which names them apart. Private to this module.
Key256 hkdf_extract(ByteView salt, std::initializer_list<ByteView> key_parts);
/// Pre: length <= 255 * 32
SecretBytes hkdf_expand(const Key256& pseudorandom_key, std::initializer_list<ByteView> info_parts, std::size_t length);

}  // namespace salus::crypto
