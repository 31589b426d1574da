#include "crypto/hpke.hpp"

#include "base/check.hpp"
#include "crypto/aead.hpp"
#include "crypto/gcm.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/hpke_suite.hpp"
#include "crypto/sodium.hpp"

namespace salus::crypto {
namespace {

constexpr std::uint16_t kKemId = 0x0020;  // DHKEM(X25519, HKDF-SHA256)
constexpr std::uint16_t kKdfId = 0x0001;  // HKDF-SHA256
constexpr std::uint8_t kModeBase = 0x00;

/// RFC 9180, section 4: the labelled steps of HKDF under one suite id.
class LabelledHkdf {
public:
    explicit LabelledHkdf(Bytes suite_id) : suite_id_(std::move(suite_id)) {}

    [[nodiscard]] Key256 extract(ByteView salt, std::string_view label, ByteView key) const {
        return hkdf_extract(salt, {as_bytes("HPKE-v1"), suite_id_, as_bytes(label), key});
    }
    [[nodiscard]] SecretBytes expand(const Key256& key, std::string_view label, ByteView info, std::size_t size) const {
        const auto size_bytes = big_endian(static_cast<std::uint16_t>(size));
        return hkdf_expand(key, {size_bytes, as_bytes("HPKE-v1"), suite_id_, as_bytes(label), info}, size);
    }

private:
    Bytes suite_id_;
};

Bytes suite_id(std::string_view name, std::initializer_list<std::uint16_t> ids) {
    Bytes out = to_bytes(name);
    for (const std::uint16_t id : ids) append(out, big_endian(id));
    return out;
}

struct MessageKey {
    SecretBytes key;
    SecretBytes nonce;
};

/// From the Diffie-Hellman value to the key and the nonce of message 0.
MessageKey key_schedule(const HpkeSuite& suite, const Key256& dh, const SealingPublicKey& encapsulated,
                        const SealingPublicKey& recipient, ByteView info) {
    // Section 4.1, ExtractAndExpand.
    const LabelledHkdf kem(suite_id("KEM", {kKemId}));
    Bytes kem_context = to_bytes(encapsulated);
    append(kem_context, recipient);
    const SecretBytes shared_secret =
        kem.expand(kem.extract({}, "eae_prk", dh.expose()), "shared_secret", kem_context, Key256::kSize);

    // Section 5.1, KeySchedule in base mode: no pre-shared key, and an empty id of it.
    const LabelledHkdf hpke(suite_id("HPKE", {kKemId, kKdfId, suite.aead_id}));
    Bytes context{kModeBase};
    append(context, hpke.extract({}, "psk_id_hash", {}).expose());
    append(context, hpke.extract({}, "info_hash", info).expose());
    const Key256 secret = hpke.extract(shared_secret.expose(), "secret", {});
    return {hpke.expand(secret, "key", context, suite.key_bytes),
            hpke.expand(secret, "base_nonce", context, kAeadNonceBytes)};
}

}  // namespace

SealingKey SealingKey::generate(Random& random) {
    Key256 seed;
    random.fill(seed.expose_mutable());
    return from_seed(seed);
}

SealingKey SealingKey::from_seed(const Key256& seed) {
    ready_sodium();
    SealingPublicKey public_key;
    SALUS_CHECK(crypto_scalarmult_base(public_key.data(), seed.expose().data()) == 0);
    return {seed.clone(), public_key};
}

std::optional<Key256> x25519(const Key256& secret, const SealingPublicKey& public_key) {
    ready_sodium();
    Key256 shared;
    if (crypto_scalarmult(shared.expose_mutable().data(), secret.expose().data(), public_key.data()) != 0)
        return std::nullopt;
    return shared;
}

Result<Bytes> hpke_seal(const HpkeSuite& suite, const SealingKey& ephemeral, const SealingPublicKey& recipient,
                        ByteView info, ByteView associated, ByteView plaintext) {
    const auto dh = x25519(ephemeral.secret(), recipient);
    if (!dh) return fail(ErrorCode::kUsage, "the recipient's sealing key is of small order: anyone could open this");
    const auto [key, nonce] = key_schedule(suite, *dh, ephemeral.public_key(), recipient, info);
    Bytes out = to_bytes(ephemeral.public_key());
    append(out, gcm_seal(key.expose(), nonce.expose(), associated, plaintext));
    return out;
}

Result<Bytes> hpke_open(const HpkeSuite& suite, const SealingKey& recipient, ByteView info, ByteView associated,
                        ByteView sealed) {
    if (sealed.size() < kHpkeEncBytes + kAeadTagBytes) return fail(ErrorCode::kCorrupt, "too short to be sealed bytes");
    SealingPublicKey encapsulated;
    std::ranges::copy(sealed.first(kHpkeEncBytes), encapsulated.begin());
    const auto dh = x25519(recipient.secret(), encapsulated);
    if (!dh) return fail(ErrorCode::kCorrupt, "the encapsulated key is of small order");
    const auto [key, nonce] = key_schedule(suite, *dh, encapsulated, recipient.public_key(), info);
    auto plaintext = gcm_open(key.expose(), nonce.expose(), associated, sealed.subspan(kHpkeEncBytes));
    if (!plaintext)
        return fail(ErrorCode::kCorrupt, "the sealed bytes were altered, or are for another key or purpose");
    return *std::move(plaintext);
}

Result<Bytes> hpke_seal(const SealingPublicKey& recipient, ByteView info, ByteView associated, ByteView plaintext,
                        Random& random) {
    return hpke_seal(kHpkeAes256Gcm, SealingKey::generate(random), recipient, info, associated, plaintext);
}

Result<Bytes> hpke_open(const SealingKey& recipient, ByteView info, ByteView associated, ByteView sealed) {
    return hpke_open(kHpkeAes256Gcm, recipient, info, associated, sealed);
}

}  // namespace salus::crypto
