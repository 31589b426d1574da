#include "transport/links.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <list>
#include <unordered_set>

#include "base/bytes.hpp"
#include "transport/awaiting.hpp"

namespace salus::transport {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kPieceBytes = 64U << 10U;
/// On their way in one direction; beyond, the sender waits.
constexpr std::size_t kUnderWayBytesMax = 4U << 20U;

/// Bytes that arrive when the timer says so.
struct Piece {
    Bytes bytes;
    asio::steady_timer due;
};

/// One direction of a connection. Invariant: `under_way` is the size of all pieces.
struct Direction {
    Direction(tcp::socket& source, tcp::socket& sink, const LinkFault& now)
        : from(source), to(sink), fault(now), room(source.get_executor()), work(source.get_executor()) {}

    tcp::socket& from;
    tcp::socket& to;
    const LinkFault& fault;
    std::deque<Piece> pieces;
    std::size_t under_way = 0;
    bool ended = false;       ///< nothing more comes
    asio::steady_timer room;  ///< cancelled when there may be some
    asio::steady_timer work;  ///< cancelled when there may be some
};

asio::awaitable<void> wait_for(asio::steady_timer& bell) {
    bell.expires_at(asio::steady_timer::time_point::max());
    (void)co_await bell.async_wait(kAwait);
}

asio::awaitable<void> take(Direction& direction) {
    for (;;) {
        while (direction.under_way >= kUnderWayBytesMax) co_await wait_for(direction.room);
        Bytes bytes(kPieceBytes);
        const auto [error, size] = co_await direction.from.async_read_some(asio::buffer(bytes), kAwait);
        if (error) break;
        bytes.resize(size);
        direction.under_way += size;
        direction.pieces.push_back(
            {std::move(bytes), asio::steady_timer(direction.from.get_executor(), direction.fault.delay)});
        direction.work.cancel();
    }
    direction.ended = true;
    direction.work.cancel();
}

/// What is under way is not late by more than it would be if it were sent now.
void hasten(Direction& direction) {
    const asio::steady_timer sent_now(direction.from.get_executor(), direction.fault.delay);
    for (Piece& piece : direction.pieces)
        if (sent_now.expiry() < piece.due.expiry()) piece.due.expires_at(sent_now.expiry());
}

/// Until all has arrived, or the other end has gone.
asio::awaitable<void> give(Direction& direction) {
    error_code ignored;
    while (!direction.ended || !direction.pieces.empty()) {
        if (direction.fault.held || direction.pieces.empty()) {
            co_await wait_for(direction.work);
            continue;
        }
        Piece& piece = direction.pieces.front();
        const auto [changed] = co_await piece.due.async_wait(kAwait);
        if (changed || direction.fault.held) continue;  // since it waited
        const auto [error, size] = co_await asio::async_write(direction.to, asio::buffer(piece.bytes), kAwait);
        if (error) {
            direction.from.shutdown(tcp::socket::shutdown_receive, ignored);
            direction.pieces.clear();
            direction.under_way = 0;
            direction.room.cancel();
            break;
        }
        direction.under_way -= size;
        direction.pieces.pop_front();
        direction.room.cancel();
    }
    direction.to.shutdown(tcp::socket::shutdown_send, ignored);
}

class Forwarder final : public Links {
public:
    ~Forwarder() override {
        // Coroutines that wait are destroyed with their context.
        context_.stop();
        if (thread_) thread_->join();
    }
    Forwarder() = default;
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;

    Status listen(const Route& route);
    void start(Threads& threads) {
        for (Link& link : links_) asio::co_spawn(context_, accept(link), asio::detached);
        thread_ = threads.start("links", [this] { context_.run(); });
    }

    [[nodiscard]] std::uint16_t port(std::size_t route) const override { return ports_.at(route); }
    void set(std::size_t route, LinkFault there, LinkFault back) override {
        asio::post(context_, [this, route, there, back] {
            auto link = std::next(links_.begin(), static_cast<std::ptrdiff_t>(route));
            link->there = there, link->back = back;
            for (Direction* direction : link->open) {
                hasten(*direction);
                direction->work.cancel();
            }
        });
    }

private:
    struct Link {
        Link(asio::io_context& context, std::uint16_t port) : acceptor(context), target(port) {}
        tcp::acceptor acceptor;
        std::uint16_t target;
        LinkFault there, back;
        std::unordered_set<Direction*> open;
    };

    asio::awaitable<void> accept(Link& link);
    asio::awaitable<void> carry(Link& link, tcp::socket near);

    asio::io_context context_;
    std::list<Link> links_;  ///< in the order of the routes; used by the thread alone once it runs
    std::vector<std::uint16_t> ports_;
    std::unique_ptr<Thread> thread_;
};

Status Forwarder::listen(const Route& route) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), route.port);
    Link& link = links_.emplace_back(context_, route.target);
    error_code error;
    link.acceptor.open(endpoint.protocol(), error);
    if (!error) link.acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) link.acceptor.bind(endpoint, error);
    if (!error) link.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(ErrorCode::kIo, fmt::format("cannot listen on port {}: {}", route.port, error.message()));
    ports_.push_back(link.acceptor.local_endpoint(error).port());
    return {};
}

asio::awaitable<void> Forwarder::accept(Link& link) {
    asio::steady_timer pause(context_);
    for (;;) {
        tcp::socket near(context_);
        const auto [error] = co_await link.acceptor.async_accept(near, kAwait);
        if (!error) {
            asio::co_spawn(context_, carry(link, std::move(near)), asio::detached);
        } else {
            // Out of file descriptors, or a client that left at once: a moment later there may be room again.
            pause.expires_after(std::chrono::milliseconds(50));
            (void)co_await pause.async_wait(kAwait);
        }
    }
}

asio::awaitable<void> Forwarder::carry(Link& link, tcp::socket near) {
    tcp::socket far(context_);
    const tcp::endpoint target(asio::ip::address_v4::loopback(), link.target);
    const auto [error] = co_await far.async_connect(target, kAwait);
    if (error) co_return;  // who connected is told by the end of its connection
    error_code ignored;
    near.set_option(tcp::no_delay(true), ignored);
    far.set_option(tcp::no_delay(true), ignored);
    std::array<Direction, 2> directions{Direction{near, far, link.there}, Direction{far, near, link.back}};
    for (Direction& direction : directions) link.open.insert(&direction);
    co_await (take(directions[0]) && give(directions[0]) && take(directions[1]) && give(directions[1]));
    for (Direction& direction : directions) link.open.erase(&direction);
}

}  // namespace

Result<std::unique_ptr<Links>> Links::open(const std::vector<Route>& routes, Threads& threads) {
    auto links = std::make_unique<Forwarder>();
    for (const Route& route : routes) SALUS_TRY_STATUS(links->listen(route));
    links->start(threads);
    return links;
}

}  // namespace salus::transport
