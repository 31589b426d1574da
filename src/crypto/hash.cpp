#include "crypto/hash.hpp"

#include <openssl/sha.h>

#include "base/check.hpp"
#include "crypto/sodium.hpp"

namespace salus::crypto {
namespace {

/// By the functions under OpenSSL's EVP interface, which it would rather have us use: what that does beside hashing
/// takes as long as hashing a node of a tree, and a transaction has some fifty of those.
class Digest {
public:
    Digest() { begin(); }

    void begin() { SALUS_CHECK(SHA256_Init(&context_) == 1); }
    Digest& update(ByteView part) {
        SALUS_CHECK(SHA256_Update(&context_, part.data(), part.size()) == 1);
        return *this;
    }
    Hash finish() {
        Hash hash;
        SALUS_CHECK(SHA256_Final(hash.data(), &context_) == 1);
        return hash;
    }

private:
    SHA256_CTX context_;
};

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

Hash sha256(ByteView bytes) { return Digest().update(bytes).finish(); }

Hash tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts) {
    Digest digest;
    digest.update(as_bytes(tag));
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
    return Digest().update(kPrefix).update(leaf).finish();
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
