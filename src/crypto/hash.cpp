#include "crypto/hash.hpp"

#include <openssl/evp.h>

#include "base/check.hpp"
#include "crypto/sodium.hpp"

namespace salus::crypto {
namespace {

/// A digest context that stays initialised with SHA-256. The algorithm is fetched once in the life of the process and a
/// context is begun anew without naming it again: both look-ups cost more than hashing a tree node does.
class Digest {
public:
    Digest() : context_(EVP_MD_CTX_new()) {
        static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        SALUS_CHECK(context_ != nullptr && algorithm != nullptr);
        SALUS_CHECK(EVP_DigestInit_ex2(context_, algorithm, nullptr) == 1);
    }
    ~Digest() { EVP_MD_CTX_free(context_); }
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;

    Digest& begin() {
        SALUS_CHECK(EVP_DigestInit_ex2(context_, nullptr, nullptr) == 1);
        return *this;
    }
    Digest& update(ByteView part) {
        SALUS_CHECK(EVP_DigestUpdate(context_, part.data(), part.size()) == 1);
        return *this;
    }
    Hash finish() {
        Hash hash;
        SALUS_CHECK(EVP_DigestFinal_ex(context_, hash.data(), nullptr) == 1);
        return hash;
    }

private:
    EVP_MD_CTX* context_;
};

/// For the functions below, none of which calls back while it hashes.
Digest& begin_in_thread() {
    thread_local Digest digest;
    return digest.begin();
}

}  // namespace

struct Sha256::State {
    Digest digest;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

Sha256& Sha256::update(ByteView part) {
    state_->digest.update(part);
    return *this;
}

Hash Sha256::finish() {
    const Hash hash = state_->digest.finish();
    state_->digest.begin();
    return hash;
}

Hash sha256(ByteView bytes) { return begin_in_thread().update(bytes).finish(); }

Hash tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts) {
    Digest& digest = begin_in_thread().update(as_bytes(tag));
    for (const ByteView part : parts) digest.update(part);
    return digest.finish();
}

Hash hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
    // libsodium's, though its SHA-256 is slower: it takes parts, needs no look-up and never fails.
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, non_null(key), key.size());
    for (const ByteView part : parts) crypto_auth_hmacsha256_update(&state, part.data(), part.size());
    Hash hash;
    crypto_auth_hmacsha256_final(&state, hash.data());
    sodium_memzero(&state, sizeof(state));
    return hash;
}

Hash merkle_leaf_hash(ByteView leaf) {
    constexpr std::uint8_t kPrefix[] = {0x00};
    return begin_in_thread().update(kPrefix).update(leaf).finish();
}

Hash merkle_node_hash(const Hash& left, const Hash& right) {
    // One update of 65 bytes is quicker than three.
    ByteArray<65> node;
    node[0] = 0x01;
    std::copy(left.begin(), left.end(), node.begin() + 1);
    std::copy(right.begin(), right.end(), node.begin() + 33);
    return sha256(node);
}

}  // namespace salus::crypto
