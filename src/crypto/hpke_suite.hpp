#pragma once

#include <optional>

#include "crypto/hpke.hpp"

namespace salus::crypto {

/// What differs between the HPKE suites that run through one code: the AEAD. Private to this module; open for the
/// vectors of RFC 9180, which have AES-128-GCM only.
struct HpkeSuite {
    std::uint16_t aead_id;  ///< RFC 9180, section 7.3
    std::size_t key_bytes;
};
inline constexpr HpkeSuite kHpkeAes128Gcm{0x0001, 16};
inline constexpr HpkeSuite kHpkeAes256Gcm{0x0002, 32};

/// RFC 7748. Nothing where the result is zero, because `public_key` is of small order (RFC 9180, section 7.1.4).
std::optional<Key256> x25519(const Key256& secret, const SealingPublicKey& public_key);

/// With the ephemeral key given.
Result<Bytes> hpke_seal(const HpkeSuite& suite, const SealingKey& ephemeral, const SealingPublicKey& recipient,
                        ByteView info, ByteView associated, ByteView plaintext);
Result<Bytes> hpke_open(const HpkeSuite& suite, const SealingKey& recipient, ByteView info, ByteView associated,
                        ByteView sealed);

}  // namespace salus::crypto
