#pragma once

#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

/// HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message a context. Source: RFC 9180.
/// Base mode does not say who sent: the sender signs over SHA-256(sealed).
using SealingPublicKey = ByteArray<32>;

class SealingKey {
public:
    static SealingKey generate(Random& random);
    /// `seed` is the X25519 secret itself: from_seed(key.secret()) is the same key.
    static SealingKey from_seed(const Key256& seed);
    [[nodiscard]] const SealingPublicKey& public_key() const noexcept { return public_key_; }
    [[nodiscard]] const Key256& secret() const noexcept { return secret_; }

private:
    SealingKey(Key256 secret, const SealingPublicKey& public_key)
        : secret_(std::move(secret)), public_key_(public_key) {}
    Key256 secret_;
    SealingPublicKey public_key_;
};

inline constexpr std::size_t kHpkeEncBytes = 32;

/// enc (32) || ciphertext || tag. Errors: kUsage for a recipient key of small order
Result<Bytes> hpke_seal(const SealingPublicKey& recipient, ByteView info, ByteView associated, ByteView plaintext,
                        Random& random);
/// Errors: kCorrupt
Result<Bytes> hpke_open(const SealingKey& recipient, ByteView info, ByteView associated, ByteView sealed);

}  // namespace salus::crypto
