#include "transport/tls.hpp"

namespace salus::transport {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

ssl::context make(ssl::context::method method) {
    ssl::context context(method);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    return context;
}

}  // namespace

Result<ssl::context> server_tls(const std::string& certificate_file, const std::string& key_file) {
    auto context = make(ssl::context::tls_server);
    // AEAD with forward secrecy only. Source: RFC 9325, section 4.2
    SSL_CTX_set_cipher_list(context.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    error_code error;
    if (context.use_certificate_chain_file(certificate_file, error); error)
        return fail(ErrorCode::kIo, "cannot use the certificate in " + certificate_file + ": " + error.message());
    if (context.use_private_key_file(key_file, ssl::context::pem, error); error)
        return fail(ErrorCode::kIo, "cannot use the private key in " + key_file + ": " + error.message());
    if (SSL_CTX_check_private_key(context.native_handle()) != 1)
        return fail(ErrorCode::kIo, key_file + " is not the key of the certificate in " + certificate_file);
    return context;
}

Result<ssl::context> client_tls(const std::string& ca_file) {
    auto context = make(ssl::context::tls_client);
    error_code error;
    context.set_verify_mode(ssl::verify_peer, error);
    if (ca_file.empty())
        context.set_default_verify_paths(error);
    else
        context.load_verify_file(ca_file, error);
    if (error)
        return fail(ErrorCode::kIo, "cannot use the certificates in " +
                                        (ca_file.empty() ? "the system's store" : ca_file) + ": " + error.message());
    return context;
}

}  // namespace salus::transport
