#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace salus::crypto {

/// SHA-256 over a sequence of parts. Source: FIPS 180-4.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    Sha256& update(ByteView part);
    Sha256& update(std::string_view part) { return update(as_bytes(part)); }
    /// The digest; the object begins anew.
    Hash finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// SHA-256 of one string of bytes.
Hash sha256(ByteView bytes);

/// SHA-256(tag || part || part ...). `tag` is a "salus.<what>.v<n>" domain: every hash of ours begins with one.
Hash tagged_hash(std::string_view tag, std::initializer_list<ByteView> parts);

/// RFC 2104 with SHA-256.
Hash hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

/// RFC 6962 section 2.1: SHA-256(0x00 || leaf) and SHA-256(0x01 || left || right).
Hash merkle_leaf_hash(ByteView leaf);
Hash merkle_node_hash(const Hash& left, const Hash& right);

}  // namespace salus::crypto
