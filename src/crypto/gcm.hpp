#pragma once

#include <optional>

#include "base/bytes.hpp"

namespace salus::crypto {

/// AES-GCM with the nonce given, for `seal` and for HPKE. Private to this module.
/// Pre: key of 16 or 32 bytes, nonce of 12, never used before with this key
/// Shape: ciphertext || tag (16)
Bytes gcm_seal(ByteView key, ByteView nonce, ByteView associated, ByteView plaintext);

/// Nothing where the tag is wrong.
std::optional<Bytes> gcm_open(ByteView key, ByteView nonce, ByteView associated, ByteView sealed);

}  // namespace salus::crypto
