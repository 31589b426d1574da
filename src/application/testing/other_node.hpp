#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "application/access/accounts.hpp"
#include "application/reading/remote_exchange.hpp"
#include "application/testing/hospital.hpp"
#include "testing/threads.hpp"
#include "transport/peer_tls.hpp"

/// Other nodes, over real sockets. FOR TESTS ONLY.
namespace salus::application::testing {

inline void pause_for(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

/// Keys for TLS, which the chain knows of hospitals A and B.
struct TlsKeys {
    explicit TlsKeys(TestLedger& ledger) {
        add(ledger, ledger.net().hospital_a, a);
        add(ledger, ledger.net().hospital_b, b);
    }
    static void add(TestLedger& ledger, const testkit::Party& party, const crypto::SigningKey& key) {
        const AccountKey added{KeyUse::kTls, 1, key.public_key().bytes};
        SALUS_CHECK(ledger.send(party, identity::Payload{identity::RotateKeys{party.id(), {added}, {}}}) ==
                    ErrorCode::kOk);
    }
    const crypto::SigningKey a = testkit::signing_key("TLS of hospital A");
    const crypto::SigningKey b = testkit::signing_key("TLS of hospital B");
    const crypto::SigningKey unknown = testkit::signing_key("TLS of nobody");
};

/// A node that shows `key` as that of `served`, and lets in whom the chain lets in.
class OtherNode {
public:
    /// On any of a few threads.
    using Answer = std::function<transport::HttpResponse(std::string_view path, const Bytes& body)>;
    OtherNode(network::LedgerService& ledger, const crypto::SigningKey& key, const testkit::Party& served,
              Answer answer)
        : members_(ledger) {
        auto peers = std::make_shared<transport::PeerTls>();
        peers->keys.push_back({to_address(AccountKind::kOrganisation, served.id()), key.seed().clone()});
        peers->admits = [this](ByteView shown) { return members_.have(shown); };
        transport::ServerConfig config;
        config.peers = peers;
        const auto handle = [answer = std::move(answer)](const transport::HttpRequest& request,
                                                         std::unique_ptr<transport::Responder> responder) {
            responder->send(answer(request.path, request.body));
        };
        server_ = transport::HttpServer::listen(config, threads_, 3, handle).value();
    }
    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }

private:
    MemberKeys members_;
    salus::testing::RealThreads threads_;
    std::unique_ptr<transport::HttpServer> server_;
};

/// Takes connections and never says a word. Once it is gone nobody is there.
class SilentNode {
public:
    SilentNode() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        SALUS_CHECK(::bind(socket_, generic, size) == 0 && ::listen(socket_, 16) == 0 &&
                    ::getsockname(socket_, generic, &size) == 0);
        port_ = ::ntohs(address.sin_port);
    }
    ~SilentNode() { ::close(socket_); }
    SilentNode(const SilentNode&) = delete;
    SilentNode& operator=(const SilentNode&) = delete;
    [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }

private:
    int socket_;
    std::uint16_t port_ = 0;
};

}  // namespace salus::application::testing
