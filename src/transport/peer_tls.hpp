#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace salus::transport {

/// TLS 1.3 between nodes: either side shows an Ed25519 key in a certificate that it has made of it itself, and of the
/// other's certificate the key alone counts, whatever it says of names, times and signers. No session is taken up
/// again, so that each connection is judged.
struct PeerTls {
    struct Key {
        std::string name;  ///< by which clients ask for it; a DNS label
        crypto::Key256 seed;
    };
    std::vector<Key> keys;  ///< a server shows the one that the client names; a client its first
    std::string name;       ///< a client's: whose key it asks for
    /// Whether the holder of that Ed25519 key is let in. Called during a handshake, on any thread; does not throw.
    std::function<bool(ByteView public_key)> admits;
};

}  // namespace salus::transport
