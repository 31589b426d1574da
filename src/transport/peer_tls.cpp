#include "transport/peer_tls.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>

#include "transport/tls.hpp"

namespace salus::transport {
namespace {

namespace ssl = boost::asio::ssl;

template <auto kFree>
struct FreedBy {
    void operator()(auto* held) const noexcept { kFree(held); }
};
using Certificate = std::unique_ptr<X509, FreedBy<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;

constexpr std::size_t kEd25519Bytes = 32;

struct ShownKey {
    std::string name;
    PrivateKey key;
    Certificate certificate;
};

struct PeerRules {
    std::vector<ShownKey> shown;
    std::function<bool(ByteView)> admits;
};

/// From the epoch to the end of time, as RFC 5280, section 4.1.2.5 has it: when a key counts the chain says.
bool fill(X509* certificate, EVP_PKEY* key, const std::string& name) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19700101000000Z") == 1 &&
           ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           X509_sign(certificate, key, nullptr) > 0;
}

Result<ShownKey> shown_key(const PeerTls::Key& key) {
    ShownKey shown;
    shown.name = key.name;
    const ByteView seed = key.seed.expose();
    shown.key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    shown.certificate.reset(X509_new());
    if (!shown.key || !shown.certificate || !fill(shown.certificate.get(), shown.key.get(), key.name))
        return fail(ErrorCode::kInternal, "cannot make a certificate for " + key.name);
    return shown;
}

/// Instead of the whole check of a chain: there is none.
int judge_peer(X509_STORE_CTX* chain, void* rules) {
    const X509* certificate = X509_STORE_CTX_get0_cert(chain);
    const EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    ByteArray<kEd25519Bytes> raw{};
    std::size_t size = raw.size();
    if (key != nullptr && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1 && size == raw.size() &&
        static_cast<const PeerRules*>(rules)->admits(raw))
        return 1;
    X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
    return 0;
}

int show_named(SSL* connection, int* alert, void* rules) {
    const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    const auto& shown = static_cast<const PeerRules*>(rules)->shown;
    const auto found = std::ranges::find(shown, name == nullptr ? "" : name, &ShownKey::name);
    if (found != shown.end() && SSL_use_certificate(connection, found->certificate.get()) == 1 &&
        SSL_use_PrivateKey(connection, found->key.get()) == 1)
        return SSL_TLSEXT_ERR_OK;
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::shared_ptr<PeerRules>> rules_of(const PeerTls& peers) {
    auto rules = std::make_shared<PeerRules>();
    rules->admits = peers.admits;
    for (const PeerTls::Key& key : peers.keys) {
        SALUS_TRY(rules->shown.emplace_back(), shown_key(key));
    }
    return rules;
}

ssl::context context_of(ssl::context::method method, PeerRules& rules) {
    ssl::context context(method);
    SSL_CTX* const raw = context.native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 0);
    SSL_CTX_set1_sigalgs_list(raw, "ed25519");
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(raw, judge_peer, &rules);
    return context;
}

}  // namespace

Result<PeerContext> peer_server_tls(const PeerTls& peers) {
    SALUS_TRY(const auto rules, rules_of(peers));
    auto context = context_of(ssl::context::tls_server, *rules);
    // What OpenSSL's macros of these names do, by a cast of C.
    SSL_CTX_callback_ctrl(context.native_handle(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(show_named));
    SSL_CTX_ctrl(context.native_handle(), SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, rules.get());
    return PeerContext{rules, std::move(context)};
}

Result<PeerContext> peer_client_tls(const PeerTls& peer) {
    SALUS_TRY(const auto rules, rules_of(peer));
    auto context = context_of(ssl::context::tls_client, *rules);
    if (!rules->shown.empty()) {
        const ShownKey& own = rules->shown.front();
        if (SSL_CTX_use_certificate(context.native_handle(), own.certificate.get()) != 1 ||
            SSL_CTX_use_PrivateKey(context.native_handle(), own.key.get()) != 1)
            return fail(ErrorCode::kInternal, "cannot use the certificate for " + own.name);
    }
    return PeerContext{rules, std::move(context)};
}

}  // namespace salus::transport
