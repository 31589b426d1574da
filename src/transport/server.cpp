#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <unordered_set>

#include "base/log.hpp"
#include "transport/awaiting.hpp"
#include "transport/connection.hpp"
#include "transport/tls.hpp"

namespace salus::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Invariant: every connection in `open` has a coroutine that ends by taking it out.
struct Connections {
    std::unordered_set<std::shared_ptr<Connection>> open;
    std::size_t turned_away = 0;  ///< of these
};

/// Who is told that there is no room takes some for a moment, and more than so many are not told.
constexpr std::size_t kTurnedAwayMax = 64;

class Server final : public HttpServer {
public:
    Server(const ServerConfig& config, Handler handler, std::optional<asio::ssl::context> tls,
           std::shared_ptr<const void> rules)
        : shared_(config, std::move(handler)),
          rules_(std::move(rules)),
          tls_(std::move(tls)),
          acceptor_(asio::make_strand(context_)),
          pause_(acceptor_.get_executor()) {}
    ~Server() override { stop(std::chrono::milliseconds(0)); }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Status bind(const asio::ip::address& address);
    void start(Threads& threads, std::size_t io_threads);
    [[nodiscard]] std::uint16_t port() const override { return port_; }
    void stop(std::chrono::milliseconds grace) override;

private:
    asio::awaitable<void> accept();
    void welcome(Socket socket, const Connection::Strand& strand);

    Shared shared_;                      ///< `stopping` is set inside connections_: what is in `open` later knows it
    std::shared_ptr<const void> rules_;  ///< of tls_, between nodes
    std::optional<asio::ssl::context> tls_;
    asio::io_context context_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::uint16_t port_ = 0;
    Guarded<Connections> connections_;
    std::condition_variable all_closed_;
    std::mutex joining_;
    std::vector<std::unique_ptr<Thread>> threads_;  ///< inside joining_
};

Status Server::bind(const asio::ip::address& address) {
    const tcp::endpoint endpoint(address, shared_.config.port);
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        return fail(ErrorCode::kIo, fmt::format("cannot listen on {} port {}: {}", shared_.config.address,
                                                shared_.config.port, error.message()));
    port_ = acceptor_.local_endpoint(error).port();
    return {};
}

void Server::start(Threads& threads, std::size_t io_threads) {
    asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
    for (std::size_t i = 0; i < io_threads; ++i)
        threads_.push_back(threads.start(fmt::format("http-{}", i), [this] { context_.run(); }));
}

asio::awaitable<void> Server::accept() {
    while (acceptor_.is_open()) {
        const Connection::Strand strand(asio::make_strand(context_));
        Socket socket(strand);
        const auto [error] = co_await acceptor_.async_accept(socket, kAwait);
        if (!error) {
            welcome(std::move(socket), strand);
        } else if (acceptor_.is_open()) {
            // Out of file descriptors, or a client that left at once: a moment later there may be room again.
            pause_.expires_after(std::chrono::milliseconds(50));
            (void)co_await pause_.async_wait(kAwait);
        }
    }
}

void Server::welcome(Socket socket, const Connection::Strand& strand) {
    auto connections = connections_.lock();
    if (shared_.stopping) return;
    const bool full = connections->open.size() - connections->turned_away >= shared_.config.connections_max &&
                      !shared_.waiting.call_out_first();
    if (full && connections->turned_away == kTurnedAwayMax) return;
    auto stream = tls_ ? make_tls_server_stream(std::move(socket), *tls_) : make_plain_stream(std::move(socket));
    auto connection = std::make_shared<Connection>(strand, std::move(stream), shared_);
    connections->open.insert(connection);
    if (full) ++connections->turned_away;
    auto serving = full ? connection->turn_away() : connection->run();
    asio::co_spawn(strand, std::move(serving), [this, connection, full](const std::exception_ptr& thrown) {
        if (thrown) log_error("transport", "a connection ended by an exception");
        auto all = connections_.lock();
        all->open.erase(connection);
        if (full) --all->turned_away;
        all_closed_.notify_all();
    });
}

void Server::stop(std::chrono::milliseconds grace) {
    const std::scoped_lock joining(joining_);
    asio::post(acceptor_.get_executor(), [this] {
        error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    });
    {
        auto connections = connections_.lock();
        shared_.stopping = true;
        for (const auto& connection : connections->open) connection->stop();
        const auto none = [&] { return connections->open.empty(); };
        all_closed_.wait_for(connections.lock(), grace, none);
        for (const auto& connection : connections->open) connection->abort();
        all_closed_.wait(connections.lock(), none);
    }
    for (const auto& thread : threads_) thread->join();
    threads_.clear();
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ServerConfig& config, Threads& threads,
                                                       std::size_t io_threads, Handler handler) {
    error_code error;
    const auto address = asio::ip::make_address(config.address, error);
    if (error) return fail(ErrorCode::kIo, "\"" + config.address + "\" is not an IP address to listen on");
    if (config.certificate_file.empty() != config.key_file.empty())
        return fail(ErrorCode::kConfig, "TLS needs both a certificate file and a key file");
    if (config.certificate_file.empty() && !config.peers && !address.is_loopback())
        return fail(ErrorCode::kConfig, "listening on " + config.address +
                                            " needs TLS: give a certificate and a key, or listen on 127.0.0.1");
    std::optional<asio::ssl::context> tls;
    std::shared_ptr<const void> rules;
    if (config.peers) {
        SALUS_TRY(auto between, peer_server_tls(*config.peers));
        rules = std::move(between.rules);
        tls = std::move(between.context);
    } else if (!config.certificate_file.empty()) {
        SALUS_TRY(tls, server_tls(config.certificate_file, config.key_file));
    }
    auto server = std::make_unique<Server>(config, std::move(handler), std::move(tls), std::move(rules));
    SALUS_TRY_STATUS(server->bind(address));
    server->start(threads, io_threads);
    return server;
}

}  // namespace salus::transport
