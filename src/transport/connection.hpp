#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "transport/exchange.hpp"
#include "transport/parser.hpp"
#include "transport/stream.hpp"
#include "transport/waiting_line.hpp"

namespace salus::transport {

/// Bytes that are held at once, over all connections: of bodies that come, or of answers that go.
class ByteBudget {
public:
    explicit ByteBudget(std::size_t bytes_max) : bytes_max_(static_cast<std::int64_t>(bytes_max)), free_(bytes_max_) {}

    /// A request's part of it; given back at its end.
    class Share {
    public:
        explicit Share(ByteBudget& budget) : budget_(budget) {}
        ~Share() { budget_.free_ += static_cast<std::int64_t>(held_); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        /// Holds `bytes` in all, or what it held before where there are not so many. More than kSmallBytes takes none
        /// of the last eighth while others hold anything: beside the large there is room for the small.
        [[nodiscard]] bool hold(std::size_t bytes) noexcept;
        /// Holds them in any case: others find less, or nothing.
        void take(std::size_t bytes) noexcept;

    private:
        ByteBudget& budget_;
        std::size_t held_ = 0;
    };
    static constexpr std::size_t kSmallBytes = 64UL * 1024;

private:
    const std::int64_t bytes_max_;
    std::atomic<std::int64_t> free_;  ///< below 0 where more was taken than there is
};

/// What the connections of a server have in common.
struct Shared {
    Shared(const ServerConfig& config_in, Handler handler_in)
        : config(config_in),
          handler(std::move(handler_in)),
          bodies(config.body_bytes_total_max),
          answers(config.answer_bytes_total_max) {}

    const ServerConfig config;
    const Handler handler;
    ByteBudget bodies;   ///< counts what was received: a head that announces much takes nothing from others
    ByteBudget answers;  ///< that are not sent yet
    WaitingLine waiting;
    std::atomic<bool> stopping = false;  ///< from when it is set every answer is its connection's last and says so
};

/// Serves one connection: its requests one after the other, in a coroutine on a strand of its own. A request that is
/// pipelined behind another is not read before that is answered.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Strand = boost::asio::strand<boost::asio::any_io_executor>;

    /// `shared` outlives it.
    Connection(Strand strand, std::unique_ptr<Stream> stream, Shared& shared);

    /// Until the connection ends.
    boost::asio::awaitable<void> run();
    /// The same for one that there is no room for: told so, and ended.
    boost::asio::awaitable<void> turn_away();
    /// Has it look at `stopping`, which is set: ends it after the request under way; a stream, now. Any thread.
    void stop();
    /// Ends it now. Any thread.
    void abort();

private:
    enum class Next { kAgain, kEnd, kGone };

    boost::asio::awaitable<bool> handshake();
    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<bool> receive(std::size_t bytes_max);
    boost::asio::awaitable<std::optional<Refusal>> read_head(RequestParser& parser);
    boost::asio::awaitable<std::optional<Refusal>> read_body(RequestParser& parser, ByteBudget::Share& share);
    boost::asio::awaitable<Next> answer(HttpRequest request, bool keep_alive, bool http_1_0);
    boost::asio::awaitable<bool> send(HttpResponse response, bool keep_alive, bool with_body);
    boost::asio::awaitable<bool> send_stream(Exchange::Answer answer, bool chunked, std::shared_ptr<Exchange> exchange);
    boost::asio::awaitable<void> refuse(const Refusal& refusal);
    boost::asio::awaitable<void> linger();
    /// For a WaitingLine::Wait of this connection.
    [[nodiscard]] std::function<void()> give_way();
    [[nodiscard]] HttpResponse refusal_response(const Refusal& refusal) const;
    boost::asio::awaitable<bool> bid_continue();

    Strand strand_;
    std::unique_ptr<Stream> stream_;
    Shared& shared_;
    const ServerConfig& config_;
    boost::asio::steady_timer wake_;  ///< cancelled to say: look again
    Bytes input_;                     ///< read and not yet understood
    std::string path_;                ///< of the request under way, where its head was understood
    bool idle_ = false;               ///< waits for the first byte of a request
    bool aborted_ = false;
};

}  // namespace salus::transport
