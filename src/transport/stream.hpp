#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::transport {

using Socket = boost::asio::ip::tcp::socket;
using Endpoints = boost::asio::ip::tcp::resolver::results_type;

/// A connection's bytes, in the clear or under TLS. Used on one strand. Every operation has a time-out.
class Stream {
public:
    virtual ~Stream() = default;
    /// Until when all that is begun from now on must be done, until the next call. What is late fails with kTimeout,
    /// and the connection is closed.
    virtual void set_deadline(std::chrono::milliseconds from_now) = 0;
    /// A client's first step. Errors: kTimeout, kIo
    virtual boost::asio::awaitable<Status> connect(Endpoints endpoints) = 0;
    virtual boost::asio::awaitable<Status> handshake() = 0;
    /// At least one byte; 0 where the peer has ended. Errors: kTimeout, kIo
    virtual boost::asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> out) = 0;
    /// All of `bytes`; each 64 KiB of them may take as long as `timeout`. Errors: kTimeout, kIo
    virtual boost::asio::awaitable<Status> write(ByteView bytes, std::chrono::milliseconds timeout) = 0;
    /// Tells the peer that nothing more comes; what it still sends can be read.
    virtual boost::asio::awaitable<void> shutdown() = 0;
    /// At once; what is under way fails.
    virtual void close() noexcept = 0;
};

std::unique_ptr<Stream> make_plain_stream(Socket socket);
std::unique_ptr<Stream> make_tls_server_stream(Socket socket, boost::asio::ssl::context& context);
/// Accepts only a certificate that names `host`.
std::unique_ptr<Stream> make_tls_client_stream(Socket socket, boost::asio::ssl::context& context,
                                               const std::string& host);
/// Between nodes (peer_tls.hpp): asks for the key of `name`.
std::unique_ptr<Stream> make_tls_peer_stream(Socket socket, boost::asio::ssl::context& context,
                                             const std::string& name);

}  // namespace salus::transport
