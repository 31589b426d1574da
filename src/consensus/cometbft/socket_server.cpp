#include "consensus/cometbft/socket_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.hpp"
#include "consensus/cometbft/framing.hpp"

namespace salus::consensus {
namespace {

constexpr std::string_view kAbciLog = "abci";
constexpr int kShortOfMs = 100;  ///< until it is tried again where the machine is out of files or memory

tl::unexpected<Error> socket_error(const std::string& what) {
    return fail(ErrorCode::kIo, what + ": " + std::strerror(errno));
}

Status write_all(int socket, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return socket_error("cannot answer");
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return {};
}

/// Nothing at the end of the stream.
Result<ByteView> read_some(int socket, std::span<std::uint8_t> buffer) {
    for (;;) {
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got >= 0) return ByteView(buffer.first(static_cast<std::size_t>(got)));
        if (errno != EINTR) return socket_error("cannot read");
    }
}

void append_response(Bytes& out, const abci::Response& response) {
    append_frame(out, as_bytes(response.SerializeAsString()));
}

void append_exception(Bytes& out, const Error& error) {
    abci::Response response;
    response.mutable_exception()->set_error(error.to_string());
    append_response(out, response);
}

}  // namespace

Result<std::unique_ptr<SocketServer>> SocketServer::listen(const std::filesystem::path& path, Threads& threads,
                                                           Answer answer) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path.string();
    if (name.size() >= sizeof(address.sun_path))
        return fail(ErrorCode::kConfig, name + " is longer than the path of a socket may be");
    std::ranges::copy(name, std::begin(address.sun_path));
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return socket_error("cannot make a socket");
    ::unlink(name.c_str());
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(socket, static_cast<int>(kConnectionsMax)) != 0) {
        auto error = socket_error("cannot listen at " + name);
        ::close(socket);
        return error;
    }
    return std::unique_ptr<SocketServer>(new SocketServer(socket, path, threads, std::move(answer)));
}

SocketServer::SocketServer(int socket, std::filesystem::path path, Threads& threads, Answer answer)
    : socket_(socket), path_(std::move(path)), threads_(threads), answer_(std::move(answer)) {
    acceptor_ = threads_.start("abci accept", [this] { accept(); });
}

SocketServer::~SocketServer() {
    stop();
    ::close(socket_);
    ::unlink(path_.c_str());
}

std::size_t SocketServer::connections() const {
    const auto state = state_.lock();
    return static_cast<std::size_t>(
        std::ranges::count_if(state->connections, [](const auto& connection) { return !connection->done; }));
}

void SocketServer::stop() {
    std::vector<std::shared_ptr<Connection>> open;
    {
        const auto state = state_.lock();
        state->stopping = true;
        // They are read by their threads, which close them.
        for (const auto& connection : state->connections)
            if (!connection->done) ::shutdown(connection->socket, SHUT_RDWR);
        open = std::exchange(state->connections, {});
    }
    ::shutdown(socket_, SHUT_RDWR);
    if (acceptor_) acceptor_->join();
    acceptor_.reset();
    for (const auto& connection : open) connection->thread->join();
}

void SocketServer::accept() {
    for (;;) {
        const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        const int error = socket < 0 ? errno : 0;
        if (socket >= 0) {
            open(socket);
        } else if (state_.lock()->stopping) {
            return;
        } else if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
            log_warning(kAbciLog, std::string("takes no connection now: ") + std::strerror(error));
            ::poll(nullptr, 0, kShortOfMs);
        }
    }
}

void SocketServer::open(int socket) {
    std::vector<std::shared_ptr<Connection>> ended;
    const auto state = state_.lock();
    std::erase_if(state->connections, [&](const auto& connection) {
        if (connection->done) ended.push_back(connection);
        return connection->done;
    });
    if (state->stopping || state->connections.size() >= kConnectionsMax) {
        ::close(socket);
        return;
    }
    const auto connection = std::make_shared<Connection>();
    connection->socket = socket;
    connection->thread = threads_.start("abci", [this, raw = connection.get()] { serve(*raw); });
    state->connections.push_back(connection);
    for (const auto& gone : ended) gone->thread->join();  // they have left the lock behind them
}

void SocketServer::serve(Connection& connection) {
    if (const Status ended = answer_all(connection.socket); !ended) log_warning(kAbciLog, ended.error().to_string());
    const auto state = state_.lock();
    connection.done = true;
    ::close(connection.socket);
}

Status SocketServer::answer_all(int socket) {
    FrameReader frames(kRequestBytesMax);
    std::vector<std::uint8_t> buffer(256 * 1024);
    abci::Request request;
    Bytes answers;
    for (;;) {
        SALUS_TRY(const ByteView got, read_some(socket, buffer));
        if (got.empty()) return {};
        frames.feed(got);
        answers.clear();
        Status going = {};
        while (going) {
            const auto frame = frames.next();
            if (!frame) going = fail(frame.error());
            if (!frame || !*frame) break;
            if (!request.ParseFromArray((*frame)->data(), static_cast<int>((*frame)->size()))) {
                going = fail(ErrorCode::kMalformedEncoding, "a request that cannot be read");
                break;
            }
            const auto response = answer_(request);
            if (!response) going = fail(response.error());
            if (!response) break;
            append_response(answers, *response);
            // Who waits sends Flush behind; and a CheckTx, which has none, is not kept until the next request either.
            if (request.has_flush()) {
                SALUS_TRY_STATUS(write_all(socket, answers));
                answers.clear();
            }
        }
        if (!going) append_exception(answers, going.error());
        SALUS_TRY_STATUS(write_all(socket, answers));
        SALUS_TRY_STATUS(going);
    }
}

}  // namespace salus::consensus
