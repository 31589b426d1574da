#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "transport/peer_tls.hpp"

namespace salus::transport {

/// TLS 1.2 and 1.3 only, no compression, no renegotiation. Errors: kIo, naming the file
Result<boost::asio::ssl::context> server_tls(const std::string& certificate_file, const std::string& key_file);
/// Trusts `ca_file`, or what the system trusts where it is empty. Errors: kIo, naming the file
Result<boost::asio::ssl::context> client_tls(const std::string& ca_file);

/// A context by keys, and what it refers to: that outlives it.
struct PeerContext {
    std::shared_ptr<const void> rules;
    boost::asio::ssl::context context;
};
/// Errors: kInternal
Result<PeerContext> peer_server_tls(const PeerTls& peers);
Result<PeerContext> peer_client_tls(const PeerTls& peer);

}  // namespace salus::transport
