#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "testing/directory.hpp"
#include "testing/threads.hpp"
#include "transport/http.hpp"
#include "transport/test_peer.hpp"

namespace salus::transport {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

void echo(const HttpRequest& request, std::unique_ptr<Responder> responder) {
    responder->send({200, {{"x-method", request.method}}, request.body});
}

std::string url(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

/// A server that plays a written part: for each connection, reads one request after the other and says the next line.
class ScriptedServer {
public:
    explicit ScriptedServer(std::vector<std::vector<std::string>> connections)
        : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}), thread_([this, connections] {
              for (const auto& answers : connections) {
                  tcp::socket socket(context_);
                  boost::system::error_code error;
                  acceptor_.accept(socket, error);
                  for (const auto& answer : answers) {
                      std::string request;
                      boost::asio::read_until(socket, boost::asio::dynamic_buffer(request), "\r\n\r\n", error);
                      boost::asio::write(socket, boost::asio::buffer(answer), error);
                  }
              }
              acceptor_.close();
          }) {}
    [[nodiscard]] std::uint16_t port() const { return port_; }
    void join() { thread_.join(); }

private:
    boost::asio::io_context context_;
    tcp::acceptor acceptor_;
    const std::uint16_t port_ = acceptor_.local_endpoint().port();
    std::jthread thread_;
};

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(Client, refuses_what_is_no_base_url) {
    for (const std::string bad : {"", "127.0.0.1", "ftp://h", "http://", "http://h:0", "http://h:65536", "http://h:8x",
                                  "http://[::1", "http://u@h", "http://h?a"})
        EXPECT_EQ(HttpClient::make(bad).error().code, ErrorCode::kUsage) << bad;
    for (const std::string good : {"http://h", "http://h:1/", "http://[::1]:80/base"})
        EXPECT_TRUE(HttpClient::make(good)) << good;
}

TEST(Client, asks_over_one_connection_and_both_protocols_of_the_internet) {
    testing::RealThreads threads;
    for (const std::string address : {"127.0.0.1", "::1"}) {
        ServerConfig config;
        config.address = address;
        config.connections_max = 1;
        auto server = HttpServer::listen(config, threads, 1, echo);
        if (!server && address == "::1") GTEST_SKIP() << "this machine has no IPv6";
        ASSERT_TRUE(server);
        auto client = HttpClient::make("http://" + (address == "::1" ? "[::1]" : address) + ":" +
                                       std::to_string((*server)->port()) + "/base/");
        ASSERT_TRUE(client);
        for (int i = 0; i < 3; ++i) {
            const auto response =
                (*client)->request("PUT", "/x?y=z", {{"content-type", "text/plain"}}, Bytes(300'000, 'a'));
            ASSERT_TRUE(response) << response.error().message;
            EXPECT_EQ(response->body, Bytes(300'000, 'a'));
            EXPECT_EQ(response->header("x-method"), "PUT");
        }
        EXPECT_EQ((*client)->request("HEAD", "/")->status, 200U);
    }
}

TEST(Client, says_that_nobody_is_there) {
    std::uint16_t port = 0;
    {
        ScriptedServer nobody({});
        port = nobody.port();
        nobody.join();
    }
    const auto response = (*HttpClient::make(url(port)))->request("GET", "/");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kIo);
    EXPECT_NE(response.error().message.find(std::to_string(port)), std::string::npos);
}

TEST(Client, repeats_a_get_on_a_new_connection_where_the_kept_one_was_closed) {
    ScriptedServer server({{kOk}, {kOk}});
    auto client = *HttpClient::make(url(server.port()));
    ASSERT_TRUE(client->request("GET", "/"));
    const auto again = client->request("GET", "/");
    EXPECT_TRUE(again) << again.error().message;
}

TEST(Client, never_repeats_a_post) {
    ScriptedServer server({{kOk}});
    auto client = *HttpClient::make(url(server.port()));
    ASSERT_TRUE(client->request("GET", "/"));
    server.join();
    EXPECT_EQ(client->request("POST", "/", {}, to_bytes("pay")).error().code, ErrorCode::kIo);
}

TEST(Client, repeats_nothing_once_a_byte_of_the_answer_came) {
    ScriptedServer server({{kOk, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}});
    auto client = *HttpClient::make(url(server.port()));
    ASSERT_TRUE(client->request("GET", "/"));
    EXPECT_EQ(client->request("GET", "/").error().code, ErrorCode::kIo);
}

TEST(Client, waits_no_longer_than_it_was_told) {
    boost::asio::io_context context;
    tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
    auto client = *HttpClient::make(url(silent.local_endpoint().port()), 50ms);
    EXPECT_EQ(client->request("GET", "/").error().code, ErrorCode::kTimeout);
}

TEST(Client, bounds_the_answer) {
    ScriptedServer server({{kOk}});
    ClientConfig config;
    config.body_bytes_max = 1;
    EXPECT_EQ((*HttpClient::make(url(server.port()), config))->request("GET", "/").error().code, ErrorCode::kTooLarge);
}

/// A self-signed certificate for "localhost" and its key, in files of their own.
class TlsTest : public ::testing::Test {
protected:
    void SetUp() override {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* name = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1,
                                   -1, 0);
        X509_set_issuer_name(certificate, name);
        X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
        X509_add_ext(certificate, names, -1);
        ASSERT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
        std::FILE* out = std::fopen(directory.at("cert.pem").c_str(), "w");
        PEM_write_X509(out, certificate);
        std::fclose(out);
        out = std::fopen(directory.at("key.pem").c_str(), "w");
        PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(out);
        X509_EXTENSION_free(names);
        X509_free(certificate);
        EVP_PKEY_free(key);
        config.certificate_file = directory.at("cert.pem");
        config.key_file = directory.at("key.pem");
        server = *HttpServer::listen(config, threads, 1, echo);
    }

    Result<HttpResponse> ask(const std::string& host, const std::string& ca_file) {
        ClientConfig client_config;
        client_config.ca_file = ca_file;
        auto client = *HttpClient::make("https://" + host + ":" + std::to_string(server->port()), client_config);
        (void)client->request("POST", "/", {}, to_bytes("first"));
        return client->request("POST", "/", {}, Bytes(200'000, 'x'));
    }

    const testing::TestDirectory directory;
    testing::RealThreads threads;
    ServerConfig config;
    std::unique_ptr<HttpServer> server;
};

TEST_F(TlsTest, is_spoken_with_a_server_whose_certificate_is_trusted) {
    const auto response = ask("localhost", config.certificate_file);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, Bytes(200'000, 'x'));
}

TEST_F(TlsTest, is_not_spoken_with_a_stranger_or_under_another_name) {
    EXPECT_FALSE(ask("localhost", ""));
    EXPECT_FALSE(ask("127.0.0.1", config.certificate_file));
}

TEST_F(TlsTest, hangs_up_on_who_does_not_speak_it) {
    test::Peer peer(server->port());
    ASSERT_TRUE(peer.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(peer.read_all().find("HTTP"), std::string::npos);
    EXPECT_TRUE(ask("localhost", config.certificate_file));
}

TEST_F(TlsTest, is_not_begun_with_the_key_of_another_certificate) {
    ServerConfig wrong = config;
    std::FILE* out = std::fopen(directory.at("other.pem").c_str(), "w");
    EVP_PKEY* key = EVP_EC_gen("P-256");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    EVP_PKEY_free(key);
    wrong.key_file = directory.at("other.pem");
    const auto refused = HttpServer::listen(wrong, threads, 1, echo);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("other.pem"), std::string::npos);
}

}  // namespace
}  // namespace salus::transport
