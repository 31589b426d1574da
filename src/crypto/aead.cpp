#include "crypto/aead.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/check.hpp"
#include "crypto/gcm.hpp"

namespace salus::crypto {
namespace {

/// OpenSSL takes sizes as int.
constexpr std::size_t kUpdateBytesMax = std::size_t{1} << 30;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const EVP_CIPHER* cipher_of(std::size_t key_bytes) {
    static EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
    static EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    SALUS_CHECK(key_bytes == 16 || key_bytes == 32);
    return key_bytes == 16 ? aes128 : aes256;
}

/// `out` is null for associated data.
void update(EVP_CIPHER_CTX* context, std::uint8_t* out, ByteView in) {
    while (!in.empty()) {
        const ByteView part = in.first(std::min(in.size(), kUpdateBytesMax));
        int written = 0;
        SALUS_CHECK(EVP_CipherUpdate(context, out, &written, part.data(), static_cast<int>(part.size())) == 1);
        if (out != nullptr) out += written;
        in = in.subspan(part.size());
    }
}

Context begin(ByteView key, ByteView nonce, ByteView associated, bool encrypts) {
    Context context(EVP_CIPHER_CTX_new());
    SALUS_CHECK(context != nullptr && nonce.size() == kAeadNonceBytes);
    SALUS_CHECK(EVP_CipherInit_ex2(context.get(), cipher_of(key.size()), key.data(), nonce.data(), encrypts ? 1 : 0,
                                   nullptr) == 1);
    update(context.get(), nullptr, associated);
    return context;
}

}  // namespace

Bytes gcm_seal(ByteView key, ByteView nonce, ByteView associated, ByteView plaintext) {
    const Context context = begin(key, nonce, associated, true);
    Bytes sealed(plaintext.size() + kAeadTagBytes);
    update(context.get(), sealed.data(), plaintext);
    std::uint8_t* const tag = sealed.data() + plaintext.size();
    int none = 0;
    SALUS_CHECK(EVP_CipherFinal_ex(context.get(), tag, &none) == 1 && none == 0);
    SALUS_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, tag) == 1);
    return sealed;
}

std::optional<Bytes> gcm_open(ByteView key, ByteView nonce, ByteView associated, ByteView sealed) {
    if (sealed.size() < kAeadTagBytes) return std::nullopt;
    const Context context = begin(key, nonce, associated, false);
    const ByteView ciphertext = sealed.first(sealed.size() - kAeadTagBytes);
    ByteArray<kAeadTagBytes> tag;
    std::ranges::copy(sealed.last(kAeadTagBytes), tag.begin());
    Bytes plaintext(ciphertext.size());
    update(context.get(), plaintext.data(), ciphertext);
    SALUS_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1);
    std::uint8_t unused = 0;
    int none = 0;
    if (EVP_CipherFinal_ex(context.get(), &unused, &none) == 1) return plaintext;
    // What was decrypted is not authentic: nobody may see it.
    wipe(plaintext);
    return std::nullopt;
}

Bytes seal(const Key256& key, ByteView associated, ByteView plaintext, Random& random) {
    const auto nonce = random.bytes<kAeadNonceBytes>();
    Bytes out;
    out.reserve(kAeadOverheadBytes + plaintext.size());
    append(out, nonce);
    append(out, gcm_seal(key.expose(), nonce, associated, plaintext));
    return out;
}

Result<Bytes> open(const Key256& key, ByteView associated, ByteView sealed) {
    if (sealed.size() < kAeadOverheadBytes) return fail(ErrorCode::kCorrupt, "too short to be sealed bytes");
    auto plaintext = gcm_open(key.expose(), sealed.first(kAeadNonceBytes), associated, sealed.subspan(kAeadNonceBytes));
    if (!plaintext) return fail(ErrorCode::kCorrupt, "the sealed bytes were altered, or are of another key or place");
    return *std::move(plaintext);
}

}  // namespace salus::crypto
