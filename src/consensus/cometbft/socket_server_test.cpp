#include "consensus/cometbft/socket_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>

#include "consensus/cometbft/framing.hpp"
#include "consensus/cometbft/test_ledger.hpp"
#include "testing/directory.hpp"
#include "testing/threads.hpp"

namespace salus::consensus {
namespace {

/// CometBFT's side of one connection, which may send whatever it likes.
class AbciPeer {
public:
    explicit AbciPeer(const std::filesystem::path& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::ranges::copy(path.string(), std::begin(address.sun_path));
        EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    }
    ~AbciPeer() { ::close(socket_); }
    AbciPeer(const AbciPeer&) = delete;
    AbciPeer& operator=(const AbciPeer&) = delete;

    void send(ByteView bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) return;  // the other end has closed: what it said is read below
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        }
    }
    void send(const abci::Request& request) {
        Bytes out;
        append_frame(out, as_bytes(request.SerializeAsString()));
        send(out);
    }
    void finish() { ::shutdown(socket_, SHUT_WR); }
    /// Nothing where the connection has ended.
    std::optional<abci::Response> receive() {
        for (;;) {
            if (const auto frame = frames_.next().value()) {
                abci::Response response;
                EXPECT_TRUE(response.ParseFromArray(frame->data(), static_cast<int>(frame->size())));
                return response;
            }
            std::array<std::uint8_t, 4096> buffer;
            const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
            if (got <= 0) return std::nullopt;
            frames_.feed(ByteView(buffer).first(static_cast<std::size_t>(got)));
        }
    }

private:
    int socket_;
    FrameReader frames_{1 << 20};
};

class SocketServerTest : public ::testing::Test {
protected:
    SocketServerTest() { listen(); }
    void listen() {
        server_ = SocketServer::listen(path_, threads_, [this](const abci::Request& request) {
                      return application_.answer(request);
                  }).value();
    }
    static abci::Request echo(const std::string& message) {
        abci::Request request;
        request.mutable_echo()->set_message(message);
        return request;
    }
    static abci::Request flush() {
        abci::Request request;
        request.mutable_flush();
        return request;
    }
    static abci::Request check(const std::string& envelope) {
        abci::Request request;
        request.mutable_check_tx()->set_tx(envelope);
        return request;
    }

    salus::testing::TestDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "app.sock";
    salus::testing::RealThreads threads_;
    FakeLedger ledger_;
    Application application_{ledger_, ledger_.era(), {}, [](const auto&) {}};
    std::unique_ptr<SocketServer> server_;
};

TEST_F(SocketServerTest, AnswersInTheOrderOfTheRequestsAndOfTheirKinds) {
    AbciPeer peer(path_);
    for (int i = 0; i < 50; ++i) {
        peer.send(echo(std::to_string(i)));
        peer.send(check(i % 2 == 0 ? "a" : "x"));
    }
    peer.send(flush());
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(peer.receive()->echo().message(), std::to_string(i));
        EXPECT_EQ(peer.receive()->check_tx().code(), i % 2 == 0 ? 0U : 1U);
    }
    EXPECT_TRUE(peer.receive()->has_flush());
}

TEST_F(SocketServerTest, AnswersACheckTxThatNoFlushFollows) {
    AbciPeer peer(path_);
    peer.send(check("a"));
    EXPECT_TRUE(peer.receive()->has_check_tx());
}

TEST_F(SocketServerTest, ServesFourConnectionsAtTheSameTime) {
    std::vector<std::unique_ptr<AbciPeer>> peers;
    for (int i = 0; i < 4; ++i) peers.push_back(std::make_unique<AbciPeer>(path_));
    for (auto peer = peers.rbegin(); peer != peers.rend(); ++peer) {
        (*peer)->send(echo("hello"));
        (*peer)->send(flush());
        EXPECT_EQ((*peer)->receive()->echo().message(), "hello");
        EXPECT_TRUE((*peer)->receive()->has_flush());
    }
    EXPECT_EQ(server_->connections(), 4U);
}

TEST_F(SocketServerTest, UnderstandsRequestsThatAreCutAnywhere) {
    Bytes stream;
    append_frame(stream, as_bytes(echo(std::string(300, 'e')).SerializeAsString()));
    append_frame(stream, as_bytes(flush().SerializeAsString()));
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        AbciPeer peer(path_);
        peer.send(ByteView(stream).first(cut));
        peer.send(ByteView(stream).subspan(cut));
        EXPECT_EQ(peer.receive()->echo().message().size(), 300U);
        EXPECT_TRUE(peer.receive()->has_flush());
    }
}

TEST_F(SocketServerTest, AnEndWithinARequestEndsTheConnectionAlone) {
    Bytes stream;
    append_frame(stream, as_bytes(echo("hello").SerializeAsString()));
    for (std::size_t cut = 0; cut < stream.size(); ++cut) {
        AbciPeer peer(path_);
        peer.send(ByteView(stream).first(cut));
        peer.finish();
        EXPECT_FALSE(peer.receive()) << cut;
    }
    AbciPeer next(path_);
    next.send(echo("still there"));
    EXPECT_EQ(next.receive()->echo().message(), "still there");
}

TEST_F(SocketServerTest, ARequestThatCannotBeReadIsAnsweredByAnExceptionAndTheEnd) {
    for (const Bytes& garbage : {Bytes{0x03, 0xFF, 0xFF, 0xFF}, Bytes(5, 0x80), Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x0F}}) {
        AbciPeer peer(path_);
        peer.send(echo("before"));
        peer.send(garbage);
        EXPECT_EQ(peer.receive()->echo().message(), "before") << "what came before is answered";
        EXPECT_TRUE(peer.receive()->has_exception());
        EXPECT_FALSE(peer.receive());
    }
}

TEST_F(SocketServerTest, WhatTheLedgerRefusesIsAnExceptionAndTheEnd) {
    AbciPeer peer(path_);
    abci::Request request;
    request.mutable_commit();
    peer.send(request);
    EXPECT_TRUE(peer.receive()->has_exception());
    EXPECT_FALSE(peer.receive());
}

TEST_F(SocketServerTest, MoreConnectionsThanItServesAreClosed) {
    std::vector<std::unique_ptr<AbciPeer>> peers;
    for (std::size_t i = 0; i < SocketServer::kConnectionsMax; ++i) {
        peers.push_back(std::make_unique<AbciPeer>(path_));
        peers.back()->send(echo("hello"));
        ASSERT_TRUE(peers.back()->receive());
    }
    AbciPeer beyond(path_);
    beyond.send(echo("hello"));
    EXPECT_FALSE(beyond.receive());
    EXPECT_EQ(server_->connections(), SocketServer::kConnectionsMax);
}

TEST_F(SocketServerTest, AStopEndsConnectionsAndTheNextServerTakesThePlace) {
    AbciPeer peer(path_);
    peer.send(echo("hello"));
    ASSERT_TRUE(peer.receive());
    server_->stop();
    EXPECT_FALSE(peer.receive());
    server_.reset();
    listen();
    AbciPeer next(path_);
    next.send(echo("hello"));
    EXPECT_TRUE(next.receive());
}

TEST_F(SocketServerTest, TakesThePlaceThatAProcessBeforeItLeft) {
    const auto left = directory_.path() / "left.sock";
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(left.string(), std::begin(address.sun_path));
    ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::close(socket);
    EXPECT_TRUE(SocketServer::listen(left, threads_, [](const abci::Request&) { return abci::Response{}; }));
    const auto long_name = directory_.path() / std::string(200, 'n');
    EXPECT_EQ(
        SocketServer::listen(long_name, threads_, [](const abci::Request&) { return abci::Response{}; }).error().code,
        ErrorCode::kConfig);
}

}  // namespace
}  // namespace salus::consensus
