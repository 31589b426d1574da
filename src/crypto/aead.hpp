#pragma once

#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;
inline constexpr std::size_t kAeadOverheadBytes = kAeadNonceBytes + kAeadTagBytes;

/// AES-256-GCM: nonce (12, random) || ciphertext || tag (16). `associated` says what it is and is not stored.
/// Source: SP 800-38D
Bytes seal(const Key256& key, ByteView associated, ByteView plaintext, Random& random);

/// Errors: kCorrupt for anything that `seal` with this key and `associated` did not make
Result<Bytes> open(const Key256& key, ByteView associated, ByteView sealed);

}  // namespace salus::crypto
