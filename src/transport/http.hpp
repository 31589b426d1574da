#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/platform/executor.hpp"
#include "base/result.hpp"

/// HTTP/1.1 as the layers above see it; Beast stays behind this header. Source: RFC 9110, RFC 9112
namespace salus::transport {

/// Header names in lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method;  ///< "GET"
    std::string path;    ///< decoded, begins with '/', no query, no "." or ".." segments
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
    Headers headers;
    Bytes body;

    /// The first value, empty where there is none. `name` in lower case.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

struct HttpResponse {
    unsigned status = 200;
    Headers headers;
    Bytes body;

    [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Chunks of an answer that goes on (Server-Sent Events). Any thread.
class ResponseStream {
public:
    virtual ~ResponseStream() = default;
    /// Queues a chunk; false where the client has gone or reads too slowly (its queue is full): stop.
    virtual bool write(std::string chunk) = 0;
    /// Calls `ready` once, on a thread that serves sockets, when all that is queued has been sent, or the client has
    /// gone: who has much to say writes a piece at a time.
    virtual void when_drained(std::function<void()> ready) = 0;
    virtual void close() = 0;
};

/// Answers one request, once. May be kept and used later, from any thread; dropped unanswered it answers 500.
class Responder {
public:
    virtual ~Responder() = default;
    virtual void send(HttpResponse response) = 0;
    /// `idle` is sent whenever nothing else has been for a while (ServerConfig::stream_idle), so that whoever stands
    /// between does not hang up, and a client that has gone is noticed.
    virtual std::shared_ptr<ResponseStream> stream(HttpResponse head, std::string idle) = 0;
};

/// Called on a thread that serves sockets: it returns quickly, and posts to an executor what takes time.
using Handler = std::function<void(HttpRequest, std::unique_ptr<Responder>)>;
/// Words the answer to a request that never reached the handler (400, 408, 413, 417, 431, 500, 501, 503, 505). `path`
/// as in HttpRequest, empty where it is not known.
using Refuse = std::function<HttpResponse(unsigned status, const Error& error, std::string_view path)>;
/// How many bytes of body a request may bring, asked when its head is there. More than ServerConfig::body_bytes_max
/// is never taken.
using BodyLimit = std::function<std::size_t(std::string_view method, std::string_view path)>;

struct PeerTls;  // peer_tls.hpp

struct ServerConfig {
    std::string address = "127.0.0.1";     ///< another than loopback is refused without TLS
    std::uint16_t port = 0;                ///< 0: any free one
    std::size_t connections_max = 10'000;  ///< beyond, who waits gives way (waiting_line.hpp); where nobody does: 503
    std::size_t body_bytes_max = 32 * 1024 * 1024;
    BodyLimit body_limit;                                      ///< nothing: body_bytes_max for all
    std::size_t body_bytes_total_max = 512UL * 1024 * 1024;    ///< received, over all connections; beyond: 503
    std::size_t answer_bytes_total_max = 512UL * 1024 * 1024;  ///< made and not sent; beyond: 503 to a GET
    std::size_t body_step_bytes = 1024UL * 1024;               ///< of a body, or its rest, within each read_timeout
    std::size_t stream_bytes_max = 1024 * 1024;  ///< queued for one slow reader of a stream; beyond, it is cut off
    std::chrono::milliseconds stream_idle{15'000};
    std::chrono::milliseconds read_timeout{30'000};   ///< for a request's head, and for each step of its body
    std::chrono::milliseconds write_timeout{30'000};  ///< for each 64 KiB of an answer
    std::chrono::milliseconds idle_timeout{120'000};  ///< between requests
    std::string certificate_file;                     ///< PEM; TLS where both are given
    std::string key_file;
    std::shared_ptr<const PeerTls> peers;  ///< or TLS by keys, between nodes
    Refuse refuse;                         ///< nothing: one line of text
};

inline constexpr std::size_t kHeadBytesMax = 16 * 1024;  ///< request line and headers

class HttpServer {
public:
    virtual ~HttpServer() = default;
    /// Errors: kIo (port in use, unknown address, unreadable certificate), kConfig (no TLS off loopback)
    static Result<std::unique_ptr<HttpServer>> listen(const ServerConfig& config, Threads& threads,
                                                      std::size_t io_threads, Handler handler);
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// Takes no new request, lets those under way finish for `grace`, closes all. Idempotent.
    virtual void stop(std::chrono::milliseconds grace) = 0;
};

struct ClientConfig {
    std::chrono::milliseconds timeout{60'000};   ///< for connecting, and between bytes of an answer
    std::chrono::milliseconds total_timeout{0};  ///< for connecting and the whole answer; 0: as long as bytes come
    std::string ca_file;                         ///< PEM; empty: the system's
    std::shared_ptr<const PeerTls> peer;         ///< or TLS by keys, between nodes; for https only
    std::size_t body_bytes_max = 1024UL * 1024 * 1024;
};

/// A client of one server that keeps its connection. Not thread-safe: one a thread.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    /// "http://127.0.0.1:8080"; paths are appended. Errors: kUsage, kIo (unreadable CA file)
    static Result<std::unique_ptr<HttpClient>> make(std::string_view base_url, ClientConfig config);
    static Result<std::unique_ptr<HttpClient>> make(std::string_view base_url,
                                                    std::chrono::milliseconds timeout = std::chrono::seconds(60));
    /// `target` is path and query as sent. Where a kept connection turns out to be closed before any byte of the
    /// answer, GET, HEAD, PUT, DELETE and OPTIONS are sent once more on a new one; nothing else is ever repeated.
    /// Errors: kIo (cannot connect, connection lost), kTimeout, kTooLarge; kForbidden, kNotFound where a peer does not
    /// let our key in, or serves nobody of the name that is asked for
    virtual Result<HttpResponse> request(std::string_view method, std::string_view target, Headers headers = {},
                                         Bytes body = {}) = 0;
};

/// Percent-encodes what may not stand in a path segment or query value. Source: RFC 3986, section 2
std::string url_encode(std::string_view text);

}  // namespace salus::transport
