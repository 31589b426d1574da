#pragma once

#include <string_view>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

/// RFC 5869 with SHA-256: extract and expand. Errors: kUsage where `length` > 255 * 32
Result<SecretBytes> hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t length);

/// The same for 32 bytes, which cannot fail.
Key256 hkdf_key(ByteView key, ByteView salt, ByteView info);

/// Argon2id (RFC 9106). Parameters travel with what they protect.
struct PassphraseParameters {
    std::uint64_t operations = 3;
    std::uint64_t memory_bytes = 64ULL * 1024 * 1024;
    ByteArray<16> salt{};
};
/// Errors: kUsage for parameters outside [1..10] operations and [8 KiB..1 GiB] of memory (a hostile file must not
/// exhaust us); kUnavailable where that memory is not to be had
Result<Key256> key_from_passphrase(ByteView passphrase, const PassphraseParameters& parameters);

}  // namespace salus::crypto
