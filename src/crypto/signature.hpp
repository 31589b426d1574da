#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/platform/executor.hpp"
#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

/// Which signature scheme a key belongs to. Numbers are on the wire: stable for ever.
enum class SignatureSuite : std::uint32_t { kEd25519 = 1 };
constexpr bool is_known(SignatureSuite suite) noexcept { return suite == SignatureSuite::kEd25519; }

/// One row of the table of suites.
struct SuiteInfo {
    SignatureSuite suite;
    std::string_view name;
    std::size_t public_key_bytes;
    std::size_t signature_bytes;
};
/// Nothing where this binary does not know the suite.
const SuiteInfo* suite_info(SignatureSuite suite) noexcept;

/// A public key with its suite; ordered by suite, then bytes (the order of signers in a transaction).
struct PublicKey {
    SignatureSuite suite = SignatureSuite::kEd25519;
    Bytes bytes;

    auto operator<=>(const PublicKey&) const = default;
};

/// Ed25519 key pair. Source: RFC 8032.
class SigningKey {
public:
    static SigningKey generate(Random& random);
    static SigningKey from_seed(const Key256& seed);

    [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
    /// 64 bytes over `message`, which begins with a domain tag.
    [[nodiscard]] Bytes sign(ByteView message) const;
    [[nodiscard]] const Key256& seed() const noexcept { return seed_; }

private:
    SigningKey(Key256 seed, Secret<64> expanded, PublicKey public_key)
        : seed_(std::move(seed)), expanded_(std::move(expanded)), public_key_(std::move(public_key)) {}

    Key256 seed_;
    Secret<64> expanded_;
    PublicKey public_key_;
};

/// Whether `signature` over `message` by `key` is good under the frozen rule (docs/protocol.md, "Hashes and
/// signatures"): S < L, canonical A and R, neither of small order, cofactorless equation. Any bytes may be given.
[[nodiscard]] bool verify(const PublicKey& key, ByteView message, ByteView signature) noexcept;

/// Whether the key is a point of the subgroup of prime order, where each of its signatures counts by every rule that
/// verifiers have.
[[nodiscard]] bool in_prime_subgroup(const PublicKey& key) noexcept;

struct VerifyJob {
    const PublicKey* key;
    ByteView message;
    ByteView signature;
};

/// Verifies a batch on all threads of `executor`; result i is the verdict of job i, the same that `verify` gives.
[[nodiscard]] std::vector<char> verify_batch(Executor& executor, std::span<const VerifyJob> jobs);

}  // namespace salus::crypto
