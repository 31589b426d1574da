#include "crypto/signature.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/sodium.hpp"

namespace salus::crypto {
namespace {

constexpr auto kSuites = std::to_array<SuiteInfo>({
    {SignatureSuite::kEd25519, "ed25519", crypto_sign_PUBLICKEYBYTES, crypto_sign_BYTES},
});

/// Jobs that one call of the executor takes: enough to make its cost vanish (a check takes some 60 us), few enough that
/// all threads end together.
constexpr std::size_t kChunkJobs = 8;

}  // namespace

const SuiteInfo* suite_info(SignatureSuite suite) noexcept {
    const auto* row = std::ranges::find(kSuites, suite, &SuiteInfo::suite);
    return row == kSuites.end() ? nullptr : row;
}

SigningKey SigningKey::generate(Random& random) {
    Key256 seed;
    random.fill(seed.expose_mutable());
    return from_seed(seed);
}

SigningKey SigningKey::from_seed(const Key256& seed) {
    ready_sodium();
    PublicKey public_key{SignatureSuite::kEd25519, Bytes(crypto_sign_PUBLICKEYBYTES)};
    Secret<64> expanded;
    static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_SEEDBYTES == Key256::kSize);
    SALUS_CHECK(
        crypto_sign_seed_keypair(public_key.bytes.data(), expanded.expose_mutable().data(), seed.expose().data()) == 0);
    return {seed.clone(), std::move(expanded), std::move(public_key)};
}

Bytes SigningKey::sign(ByteView message) const {
    Bytes signature(crypto_sign_BYTES);
    SALUS_CHECK(crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                                     expanded_.expose().data()) == 0);
    return signature;
}

// libsodium's rule is the frozen one, in each part: it refuses S >= L (sc25519_is_canonical), A that is not canonical
// (ge25519_is_canonical), A and R of small order in any encoding (ge25519_has_small_order ignores the sign bit), and it
// compares R byte by byte with the encoding of [S]B - [h]A that it computes, which is canonical; that comparison is
// also the cofactorless equation. A build with ED25519_COMPAT would not: the tests name each part, so such a build is
// noticed.
bool verify(const PublicKey& key, ByteView message, ByteView signature) noexcept {
    if (key.suite != SignatureSuite::kEd25519 || key.bytes.size() != crypto_sign_PUBLICKEYBYTES ||
        signature.size() != crypto_sign_BYTES)
        return false;
    ready_sodium();
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.bytes.data()) == 0;
}

bool in_prime_subgroup(const PublicKey& key) noexcept {
    ready_sodium();
    return key.suite == SignatureSuite::kEd25519 && key.bytes.size() == crypto_sign_PUBLICKEYBYTES &&
           crypto_core_ed25519_is_valid_point(key.bytes.data()) == 1;
}

std::vector<char> verify_batch(Executor& executor, std::span<const VerifyJob> jobs) {
    std::vector<char> verdicts(jobs.size());
    executor.parallel_for((jobs.size() + kChunkJobs - 1) / kChunkJobs, [&](std::size_t chunk) {
        const std::size_t end = std::min(jobs.size(), (chunk + 1) * kChunkJobs);
        for (std::size_t i = chunk * kChunkJobs; i < end; ++i)
            verdicts[i] = verify(*jobs[i].key, jobs[i].message, jobs[i].signature) ? 1 : 0;
    });
    return verdicts;
}

}  // namespace salus::crypto
