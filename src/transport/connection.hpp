#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "transport/exchange.hpp"
#include "transport/parser.hpp"
#include "transport/stream.hpp"

namespace salus::transport {

/// Bytes of request bodies that are held at once, over all connections. What a head announces counts for nothing: who
/// sends no bytes takes nothing from others.
class BodyBudget {
public:
    explicit BodyBudget(std::size_t bytes_max) : free_(bytes_max) {}

    /// A request's part of it; given back at its end.
    class Share {
    public:
        explicit Share(BodyBudget& budget) : budget_(budget) {}
        ~Share() { budget_.free_ += held_; }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        /// Holds `bytes` in all, or what it held before where there are not so many.
        [[nodiscard]] bool hold(std::size_t bytes) noexcept;

    private:
        BodyBudget& budget_;
        std::size_t held_ = 0;
    };

private:
    std::atomic<std::size_t> free_;
};

/// Serves one connection: its requests one after the other, in a coroutine on a strand of its own. A request that is
/// pipelined behind another is not read before that is answered.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Strand = boost::asio::strand<boost::asio::any_io_executor>;

    /// `config`, `handler`, `budget` and `stopping` outlive it. From when `stopping` is set every answer is its
    /// connection's last and says so.
    Connection(Strand strand, std::unique_ptr<Stream> stream, const ServerConfig& config, const Handler& handler,
               BodyBudget& budget, const std::atomic<bool>& stopping);

    /// Until the connection ends.
    boost::asio::awaitable<void> run();
    /// Has it look at `stopping`, which is set: ends it after the request under way; a stream, now. Any thread.
    void stop();
    /// Ends it now. Any thread.
    void abort();

private:
    enum class Next { kAgain, kEnd, kGone };

    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<bool> receive(std::size_t bytes_max);
    boost::asio::awaitable<std::optional<Refusal>> read_head(RequestParser& parser);
    boost::asio::awaitable<std::optional<Refusal>> read_body(RequestParser& parser, BodyBudget::Share& share);
    boost::asio::awaitable<Next> answer(HttpRequest request, bool keep_alive, bool http_1_0);
    boost::asio::awaitable<bool> send(HttpResponse response, bool keep_alive, bool with_body);
    boost::asio::awaitable<bool> send_stream(Exchange::Answer answer, bool chunked, std::shared_ptr<Exchange> exchange);
    boost::asio::awaitable<void> refuse(const Refusal& refusal);
    boost::asio::awaitable<void> linger();
    [[nodiscard]] HttpResponse refusal_response(const Refusal& refusal) const;
    boost::asio::awaitable<bool> bid_continue();

    Strand strand_;
    std::unique_ptr<Stream> stream_;
    const ServerConfig& config_;
    const Handler& handler_;
    BodyBudget& budget_;
    const std::atomic<bool>& stopping_;
    boost::asio::steady_timer wake_;  ///< cancelled to say: look again
    Bytes input_;                     ///< read and not yet understood
    std::string path_;                ///< of the request under way, where its head was understood
    bool idle_ = false;               ///< waits for the first byte of a request
    bool aborted_ = false;
};

}  // namespace salus::transport
