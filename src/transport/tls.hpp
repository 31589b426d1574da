#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

#include "base/result.hpp"

namespace salus::transport {

/// TLS 1.2 and 1.3 only, no compression, no renegotiation. Errors: kIo, naming the file
Result<boost::asio::ssl::context> server_tls(const std::string& certificate_file, const std::string& key_file);
/// Trusts `ca_file`, or what the system trusts where it is empty. Errors: kIo, naming the file
Result<boost::asio::ssl::context> client_tls(const std::string& ca_file);

}  // namespace salus::transport
