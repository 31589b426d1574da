#include "model/leaf.hpp"

#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

namespace salus {
namespace {

void add(Bytes& out, ByteView part) {
    append(out, big_endian(static_cast<std::uint32_t>(part.size())));
    append(out, part);
}

}  // namespace

Hash LeafContent::hash() const {
    Bytes rest;
    rest.reserve(256);
    add(rest, custodian);
    add(rest, as_bytes(type));
    add(rest, as_bytes(id));
    add(rest, big_endian(version));
    add(rest, big_endian(static_cast<std::uint32_t>(op)));
    add(rest, big_endian(written_ms));
    add(rest, origin);
    add(rest, big_endian(digest_suite));
    add(rest, digest);
    return crypto::tagged_hash("salus.record.v1", {salt, rest});
}

Hash LeafChain::hash() const { return crypto::tagged_hash("salus.chain.v1", {salt, big_endian(seq), previous}); }

Hash leaf_hash(const Hash& content, const Hash& chain) {
    Bytes both;
    append(both, content);
    append(both, chain);
    return crypto::merkle_leaf_hash(both);
}

Hash pad_leaf(const Salt& salt, const ByteArray<32>& random) {
    return leaf_hash(crypto::tagged_hash("salus.pad.v1", {salt}), random);
}

Hash superseded_nullifier(const Salt& salt) {
    const crypto::Key256 key = crypto::hkdf_key(salt, {}, as_bytes("salus.superseded.v1"));
    Hash nullifier;
    std::copy(key.expose().begin(), key.expose().end(), nullifier.begin());
    return nullifier;
}

}  // namespace salus
