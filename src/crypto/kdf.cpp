#include "crypto/kdf.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/sodium.hpp"

namespace salus::crypto {
namespace {

constexpr std::size_t kExpandBytesMax = 255 * std::tuple_size_v<Hash>;
constexpr std::uint64_t kOperationsMax = 10;
constexpr std::uint64_t kMemoryBytesMin = 8ULL * 1024;
constexpr std::uint64_t kMemoryBytesMax = 1024ULL * 1024 * 1024;

}  // namespace

Key256 hkdf_extract(ByteView salt, std::initializer_list<ByteView> key_parts) {
    Hash pseudorandom_key = hmac_sha256(salt, key_parts);
    Key256 key(pseudorandom_key);
    wipe(pseudorandom_key);
    return key;
}

SecretBytes hkdf_expand(const Key256& pseudorandom_key, std::initializer_list<ByteView> info_parts,
                        std::size_t length) {
    SALUS_CHECK(length <= kExpandBytesMax);
    Bytes info;
    for (const ByteView part : info_parts) append(info, part);
    // T(i) = HMAC(key, T(i-1) || info || i). Room for the last block in full, so that growing leaves no copy behind.
    Bytes out;
    out.reserve(length + std::tuple_size_v<Hash>);
    Hash block{};
    ByteView previous;
    for (std::uint8_t i = 1; out.size() < length; ++i) {
        block = hmac_sha256(pseudorandom_key.expose(), {previous, info, ByteView(&i, 1)});
        append(out, block);
        previous = block;
    }
    wipe(block);
    wipe(info);
    wipe(std::span(out).subspan(length));
    out.resize(length);
    return SecretBytes(std::move(out));
}

Result<SecretBytes> hkdf_sha256(ByteView key, ByteView salt, ByteView info, std::size_t length) {
    if (length > kExpandBytesMax) return fail(ErrorCode::kUsage, "HKDF-SHA256 gives 8160 bytes at most");
    return hkdf_expand(hkdf_extract(salt, {key}), {info}, length);
}

Key256 hkdf_key(ByteView key, ByteView salt, ByteView info) {
    const SecretBytes bytes = hkdf_expand(hkdf_extract(salt, {key}), {info}, Key256::kSize);
    Key256 out;
    std::ranges::copy(bytes.expose(), out.expose_mutable().begin());
    return out;
}

Result<Key256> key_from_passphrase(ByteView passphrase, const PassphraseParameters& parameters) {
    if (parameters.operations < 1 || parameters.operations > kOperationsMax)
        return fail(ErrorCode::kUsage, "Argon2id takes from 1 to 10 operations here");
    if (parameters.memory_bytes < kMemoryBytesMin || parameters.memory_bytes > kMemoryBytesMax)
        return fail(ErrorCode::kUsage, "Argon2id takes from 8 KiB to 1 GiB of memory here");
    ready_sodium();
    static_assert(crypto_pwhash_SALTBYTES == std::tuple_size_v<decltype(parameters.salt)>);
    Key256 key;
    if (crypto_pwhash(key.expose_mutable().data(), Key256::kSize, reinterpret_cast<const char*>(non_null(passphrase)),
                      passphrase.size(), parameters.salt.data(), parameters.operations, parameters.memory_bytes,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return fail(ErrorCode::kUnavailable, "there is not enough memory to derive a key from the passphrase");
    return key;
}

}  // namespace salus::crypto
