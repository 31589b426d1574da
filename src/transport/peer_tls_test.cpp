#include "transport/peer_tls.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>

#include "crypto/signature.hpp"
#include "testing/threads.hpp"
#include "transport/http.hpp"
#include "transport/test_peer.hpp"

namespace salus::transport {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

crypto::Key256 seed_of(std::uint8_t number) {
    ByteArray<32> bytes{};
    bytes.fill(number);
    return crypto::Key256(bytes);
}

Bytes public_key_of(std::uint8_t number) { return crypto::SigningKey::from_seed(seed_of(number)).public_key().bytes; }

/// A server with the keys of "anna" (1) and "bert" (2) that lets the holder of key 7 in.
class PeerTlsTest : public ::testing::Test {
protected:
    PeerTlsTest() {
        auto peers = std::make_shared<PeerTls>();
        peers->keys.push_back({"anna", seed_of(1)});
        peers->keys.push_back({"bert", seed_of(2)});
        peers->admits = [this](ByteView key) {
            ++judged;
            return admitting && equal(key, public_key_of(7));
        };
        ServerConfig config;
        config.peers = peers;
        server = *HttpServer::listen(config, threads, 1, [](HttpRequest request, std::unique_ptr<Responder> responder) {
            responder->send({200, {}, std::move(request.body)});
        });
        url = "https://127.0.0.1:" + std::to_string(server->port());
    }

    /// Of who holds `own` and expects `wanted` of `name`.
    static ClientConfig client_of(std::uint8_t own, const std::string& name, std::uint8_t wanted) {
        auto peer = std::make_shared<PeerTls>();
        if (own != 0) peer->keys.push_back({"me", seed_of(own)});
        peer->name = name;
        peer->admits = [wanted](ByteView key) { return equal(key, public_key_of(wanted)); };
        ClientConfig config;
        config.timeout = 20s;
        config.peer = peer;
        return config;
    }
    Result<HttpResponse> ask(std::uint8_t own, const std::string& name, std::uint8_t wanted) {
        return (*HttpClient::make(url, client_of(own, name, wanted)))->request("POST", "/", {}, Bytes(200'000, 'x'));
    }

    /// By a client that shows `certificate`: whether it gets an answer.
    bool answered_with(X509* certificate, EVP_PKEY* key, int newest = TLS1_3_VERSION) {
        asio::ssl::context tls(asio::ssl::context::tls_client);
        SSL_CTX_set_max_proto_version(tls.native_handle(), newest);
        if (certificate != nullptr) {
            SSL_CTX_use_certificate(tls.native_handle(), certificate);
            SSL_CTX_use_PrivateKey(tls.native_handle(), key);
        }
        asio::io_context context;
        asio::ssl::stream<asio::ip::tcp::socket> stream(context, tls);
        char name[] = "anna";
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name);
        stream.lowest_layer().connect({asio::ip::address_v4::loopback(), server->port()});
        boost::system::error_code error;
        stream.handshake(asio::ssl::stream_base::client, error);
        const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        if (!error) asio::write(stream, asio::buffer(request), error);
        std::string answer;
        if (!error) asio::read(stream, asio::dynamic_buffer(answer), error);
        return answer.starts_with("HTTP/1.1 200");
    }

    std::atomic<bool> admitting = true;
    std::atomic<int> judged = 0;
    testing::RealThreads threads;
    std::unique_ptr<HttpServer> server;
    std::string url;
};

/// A certificate of `key`, valid for an hour from `begins` seconds from now.
X509* certificate_of(EVP_PKEY* key, EVP_PKEY* signer, long begins) {
    X509* certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), begins);
    X509_gmtime_adj(X509_getm_notAfter(certificate), begins + 3600);
    X509_set_pubkey(certificate, key);
    const bool ed25519 = EVP_PKEY_get_id(signer) == EVP_PKEY_ED25519;
    EXPECT_GT(X509_sign(certificate, signer, ed25519 ? nullptr : EVP_sha256()), 0);
    return certificate;
}

EVP_PKEY* openssl_key(std::uint8_t number) {
    const auto seed = seed_of(number);
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.expose().data(), seed.expose().size());
}

TEST_F(PeerTlsTest, LetsInWhoseKeyIsKnownAndShowsTheKeyThatIsAskedFor) {
    for (const auto& [name, key] : {std::pair{"anna", 1}, std::pair{"bert", 2}}) {
        const auto answer = ask(7, name, static_cast<std::uint8_t>(key));
        ASSERT_TRUE(answer) << answer.error().to_string();
        EXPECT_EQ(answer->body.size(), 200'000U);
    }
}

TEST_F(PeerTlsTest, ShutsOutWhoseKeyIsUnknown) {
    for (int i = 0; i < 20; ++i) {
        const auto answer = ask(8, "anna", 1);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::kForbidden) << answer.error().to_string();
    }
}

TEST_F(PeerTlsTest, ShutsOutWhoShowsNoCertificate) {
    const auto answer = ask(0, "anna", 1);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kForbidden) << answer.error().to_string();
    EXPECT_FALSE(answered_with(nullptr, nullptr));
}

TEST_F(PeerTlsTest, IsNotSpokenWithAServerOfAnotherKey) {
    EXPECT_FALSE(ask(7, "anna", 2));
    EXPECT_FALSE(ask(7, "bert", 9));
}

TEST_F(PeerTlsTest, SaysThatNobodyHasTheName) {
    const auto answer = ask(7, "clara", 1);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kNotFound) << answer.error().to_string();
    EXPECT_FALSE(ask(7, "", 1)) << "nor is nobody asked for";
}

TEST_F(PeerTlsTest, JudgesEachConnectionAnew) {
    auto client = *HttpClient::make(url, client_of(7, "anna", 1));
    ASSERT_TRUE(client->request("POST", "/", {{"connection", "close"}}, {}));
    ASSERT_EQ(judged, 1);
    admitting = false;
    EXPECT_FALSE(client->request("POST", "/", {}, Bytes(1)));
    EXPECT_EQ(judged, 2);
}

TEST_F(PeerTlsTest, CountsTheKeyOfACertificateAndNothingElse) {
    EVP_PKEY* known = openssl_key(7);
    EVP_PKEY* stranger = openssl_key(8);
    EVP_PKEY* curve = EVP_EC_gen("P-256");
    X509* expired = certificate_of(known, known, -7200);
    X509* future = certificate_of(known, known, 7200);
    X509* unknown = certificate_of(stranger, known, 0);
    X509* of_another_kind = certificate_of(curve, curve, 0);
    EXPECT_TRUE(answered_with(expired, known)) << "the chain says when a key counts";
    EXPECT_TRUE(answered_with(future, known));
    EXPECT_FALSE(answered_with(unknown, stranger)) << "signed by whom does not count";
    EXPECT_FALSE(answered_with(of_another_kind, curve));
    EXPECT_FALSE(answered_with(expired, known, TLS1_2_VERSION));
    for (X509* certificate : {expired, future, unknown, of_another_kind}) X509_free(certificate);
    for (EVP_PKEY* key : {known, stranger, curve}) EVP_PKEY_free(key);
}

TEST_F(PeerTlsTest, ServesOnAfterGarbageAndPlainHttp) {
    {
        test::Peer plain(server->port());
        ASSERT_TRUE(plain.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"));
        EXPECT_EQ(plain.read_all().find("HTTP"), std::string::npos);
        test::Peer garbage(server->port());
        ASSERT_TRUE(
            garbage.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(600, '\xff')));
        garbage.finish();
        (void)garbage.read_all();
    }
    EXPECT_TRUE(ask(7, "anna", 1));
}

TEST_F(PeerTlsTest, IsForHttpsOnly) {
    EXPECT_EQ(HttpClient::make("http://127.0.0.1:1", client_of(7, "anna", 1)).error().code, ErrorCode::kUsage);
}

TEST_F(PeerTlsTest, MayListenBeyondLoopback) {
    ServerConfig config;
    config.address = "0.0.0.0";
    config.peers = std::make_shared<PeerTls>();
    EXPECT_TRUE(HttpServer::listen(config, threads, 1, [](HttpRequest, std::unique_ptr<Responder>) {}));
}

TEST_F(PeerTlsTest, AnAnswerThatNeverEndsIsGivenUp) {
    ServerConfig dripping;
    std::shared_ptr<ResponseStream> kept;
    dripping.stream_idle = 10ms;
    auto other = *HttpServer::listen(dripping, threads, 1, [&](HttpRequest, std::unique_ptr<Responder> responder) {
        kept = responder->stream({200, {}, {}}, ".");
    });
    ClientConfig config;
    config.total_timeout = 200ms;
    auto client = *HttpClient::make("http://127.0.0.1:" + std::to_string(other->port()), config);
    const auto answer = client->request("POST", "/", {}, Bytes(1));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kTimeout);
    other->stop(0ms);
}

}  // namespace
}  // namespace salus::transport
