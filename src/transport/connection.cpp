#include "transport/connection.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "base/thrown.hpp"
#include "transport/awaiting.hpp"
#include "transport/head.hpp"

namespace salus::transport {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kReadBytes = 64 * 1024;
/// Thousands of connections wait with a buffer of this size each.
constexpr std::size_t kIdleReadBytes = 4 * 1024;
/// What a client may still send after its last answer before the connection is reset under it.
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;

Refusal busy(std::string why) { return {503, Error{ErrorCode::kBusy, std::move(why)}}; }

}  // namespace

bool ByteBudget::Share::hold(std::size_t bytes) noexcept {
    if (bytes <= held_) return true;
    const auto more = static_cast<std::int64_t>(bytes - held_);
    std::int64_t free = budget_.free_.load();
    do {
        const bool alone = free + static_cast<std::int64_t>(held_) == budget_.bytes_max_;
        const std::int64_t kept_back = bytes > kSmallBytes && !alone ? budget_.bytes_max_ / 8 : 0;
        if (free < more + kept_back) return false;
    } while (!budget_.free_.compare_exchange_weak(free, free - more));
    held_ = bytes;
    return true;
}

void ByteBudget::Share::take(std::size_t bytes) noexcept {
    if (bytes <= held_) return;
    budget_.free_ -= static_cast<std::int64_t>(bytes - held_);
    held_ = bytes;
}

Connection::Connection(Strand strand, std::unique_ptr<Stream> stream, Shared& shared)
    : strand_(std::move(strand)),
      stream_(std::move(stream)),
      shared_(shared),
      config_(shared.config),
      wake_(strand_, asio::steady_timer::time_point::max()) {}

void Connection::stop() {
    asio::post(strand_, [self = shared_from_this()] {
        if (self->idle_) self->stream_->close();
        self->wake_.cancel();
    });
}

void Connection::abort() {
    asio::post(strand_, [self = shared_from_this()] {
        self->aborted_ = true;
        self->stream_->close();
        self->wake_.cancel();
    });
}

std::function<void()> Connection::give_way() {
    return [this] { asio::post(strand_, [self = shared_from_this()] { self->stream_->close(); }); };
}

asio::awaitable<void> Connection::run() {
    Next next = Next::kGone;
    {
        WaitingLine::Wait wait(shared_.waiting, give_way());
        if (co_await handshake() && wait.end()) next = Next::kAgain;
    }
    while (next == Next::kAgain && !aborted_) next = co_await serve_one();
    if (next == Next::kEnd && !aborted_) {
        const WaitingLine::Wait wait(shared_.waiting, give_way());
        co_await linger();
    }
    stream_->close();
}

asio::awaitable<void> Connection::turn_away() {
    if (co_await handshake()) {
        co_await refuse(busy("all connections that there may be are in use"));
        co_await linger();
    }
    stream_->close();
}

asio::awaitable<bool> Connection::handshake() {
    stream_->set_deadline(config_.read_timeout);
    const Status secured = co_await stream_->handshake();
    co_return secured.has_value();
}

/// Reads once, behind what is there. False at the end of the connection.
asio::awaitable<bool> Connection::receive(std::size_t bytes_max) {
    const std::size_t size = input_.size();
    input_.resize(size + bytes_max);
    const Result<std::size_t> count = co_await stream_->read_some(std::span(input_).subspan(size));
    input_.resize(size + count.value_or(0));
    co_return count.value_or(0) > 0;
}

asio::awaitable<Connection::Next> Connection::serve_one() {
    RequestParser parser(config_.body_bytes_max);
    WaitingLine::Wait wait(shared_.waiting, give_way());
    if (input_.empty()) {
        if (shared_.stopping) co_return Next::kEnd;
        input_.shrink_to_fit();
        idle_ = true;
        stream_->set_deadline(config_.idle_timeout);
        const bool more = co_await receive(kIdleReadBytes);
        idle_ = false;
        if (!more) co_return Next::kGone;
    }
    ByteBudget::Share share(shared_.bodies);
    path_.clear();
    std::optional<Refusal> refused = co_await read_head(parser);
    if (!wait.end()) co_return Next::kGone;
    if (!refused && parser.stage() != ParseStage::kDone) {
        // Whoever announces a body and is silent waits as well, behind all who began before.
        WaitingLine::Wait for_body(shared_.waiting, give_way());
        refused = co_await read_body(parser, share);
        if (!for_body.end()) co_return Next::kGone;
    }
    if (refused) {
        if (refused->status == 0) co_return Next::kGone;
        co_await refuse(*refused);
        co_return Next::kEnd;
    }
    const bool keep_alive = parser.keep_alive();
    const bool http_1_0 = parser.http_1_0();
    co_return co_await answer(parser.take(), keep_alive, http_1_0);
}

/// Status 0 stands for a connection that is not there any more to be told.
asio::awaitable<std::optional<Refusal>> Connection::read_head(RequestParser& parser) {
    stream_->set_deadline(config_.read_timeout);
    while (true) {
        const auto taken = parser.feed(input_);
        if (!taken) co_return taken.error();
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(*taken));
        if (parser.stage() != ParseStage::kHead) break;
        if (!co_await receive(kIdleReadBytes)) co_return Refusal{0, {}};
    }
    path_ = parser.path();
    if (!config_.body_limit) co_return std::nullopt;
    const auto taken = parser.limit_body(config_.body_limit(parser.method(), path_));
    co_return taken ? std::nullopt : std::optional(taken.error());
}

asio::awaitable<bool> Connection::bid_continue() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const Status sent = co_await stream_->write(as_bytes(kContinue), config_.write_timeout);
    co_return sent.has_value();
}

/// Pre: there is a body
asio::awaitable<std::optional<Refusal>> Connection::read_body(RequestParser& parser, ByteBudget::Share& share) {
    if (parser.expects_continue() && input_.empty() && !co_await bid_continue()) co_return Refusal{0, {}};
    // One deadline for each step, not for each byte: a client that drips would hold what it has sent for days.
    stream_->set_deadline(config_.read_timeout);
    std::size_t step_end = config_.body_step_bytes;
    while (true) {
        const auto taken = parser.feed(input_);
        if (!taken) co_return taken.error();
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(*taken));
        if (!share.hold(parser.body_bytes()))
            co_return busy("the bodies of other requests take up the memory set aside for them");
        if (parser.stage() == ParseStage::kDone) co_return std::nullopt;
        if (parser.body_bytes() >= step_end) {
            step_end = parser.body_bytes() + config_.body_step_bytes;
            stream_->set_deadline(config_.read_timeout);
        }
        if (!co_await receive(kReadBytes)) co_return Refusal{0, {}};
    }
}

asio::awaitable<Connection::Next> Connection::answer(HttpRequest request, bool keep_alive, bool http_1_0) {
    const bool with_body = request.method != "HEAD";
    const bool repeatable = request.method == "GET";
    auto exchange = std::make_shared<Exchange>(
        [strand = strand_, weak = weak_from_this()] {
            asio::post(strand, [weak] {
                if (const auto self = weak.lock()) self->wake_.cancel();
            });
        },
        config_.stream_bytes_max);
    try {
        shared_.handler(std::move(request), make_responder(exchange));
    } catch (const std::exception& e) {
        // Its responder is dropped, which answers 500.
        log_error("transport", "a handler threw " + type_of(e));
    }
    wake_.expires_at(asio::steady_timer::time_point::max());
    std::optional<Exchange::Answer> ready = exchange->take_answer();
    while (!ready && !aborted_) {
        (void)co_await wake_.async_wait(kAwait);
        ready = exchange->take_answer();
    }
    ByteBudget::Share unsent(shared_.answers);
    // What was done is told all the same: only who asked to see something is told to ask again.
    if (ready && with_body && !unsent.hold(ready->response.body.size())) {
        if (repeatable)
            ready->response =
                refusal_response(busy("answers that others do not read take up the memory set aside for them"));
        else
            unsent.take(ready->response.body.size());
    }
    bool good = false;
    if (ready && ready->streams && with_body) {
        good = co_await send_stream(*std::move(ready), !http_1_0, exchange);
        keep_alive = keep_alive && !http_1_0;
    } else if (ready) {
        keep_alive = keep_alive && !shared_.stopping;
        good = co_await send(std::move(ready->response), keep_alive, with_body && !ready->streams);
    }
    exchange->abandon();
    if (!good) co_return Next::kGone;
    co_return keep_alive && !shared_.stopping ? Next::kAgain : Next::kEnd;
}

asio::awaitable<bool> Connection::send(HttpResponse response, bool keep_alive, bool with_body) {
    if (response.status >= 500 && response.headers.empty() && response.body.empty())
        response = refusal_response({response.status, Error{ErrorCode::kInternal, "the request was dropped"}});
    auto head = response_head(response, Framing::kLength, keep_alive);
    if (!head) {
        log_error("transport", head.error().message);
        response = refusal_response({500, head.error()});
        head = response_head(response, Framing::kLength, keep_alive);
        if (!head) co_return false;
    }
    ByteView body = response.body;
    if (!with_body || response.status == 204 || response.status == 304) body = {};
    // Small answers leave in one segment.
    const auto first = body.first(std::min(body.size(), kReadBytes));
    head->append(as_text(first));
    Status sent = co_await stream_->write(as_bytes(*head), config_.write_timeout);
    if (sent) sent = co_await stream_->write(body.subspan(first.size()), config_.write_timeout);
    co_return sent.has_value();
}

asio::awaitable<bool> Connection::send_stream(Exchange::Answer answer, bool chunked,
                                              std::shared_ptr<Exchange> exchange) {
    const auto head =
        response_head(answer.response, chunked ? Framing::kChunked : Framing::kClose, chunked && !shared_.stopping);
    if (!head || !co_await stream_->write(as_bytes(*head), config_.write_timeout)) co_return false;
    bool idle = false;
    while (!aborted_) {
        Exchange::Chunks chunks = exchange->take_chunks();
        if (chunks.overrun) co_return false;
        if (chunks.bytes.empty() && idle) chunks.bytes = answer.idle;
        if (!chunks.bytes.empty()) {
            const std::string piece =
                chunked ? fmt::format("{:x}\r\n{}\r\n", chunks.bytes.size(), chunks.bytes) : chunks.bytes;
            if (!co_await stream_->write(as_bytes(piece), config_.write_timeout)) co_return false;
            exchange->sent();
        }
        if (chunks.closed || shared_.stopping) {
            constexpr std::string_view kLast = "0\r\n\r\n";
            if (chunked && !co_await stream_->write(as_bytes(kLast), config_.write_timeout)) co_return false;
            co_return true;
        }
        idle = false;
        if (chunks.bytes.empty()) {
            wake_.expires_after(config_.stream_idle);
            const auto [woken] = co_await wake_.async_wait(kAwait);
            idle = !woken;
        }
    }
    co_return false;
}

HttpResponse Connection::refusal_response(const Refusal& refusal) const {
    HttpResponse response;
    if (config_.refuse) {
        response = config_.refuse(refusal.status, refusal.error, path_);
    } else {
        response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
        response.body = to_bytes(refusal.error.message + "\n");
    }
    response.status = refusal.status;
    if (refusal.status == 503 && response.header("retry-after").empty())
        response.headers.emplace_back("retry-after", "1");
    return response;
}

asio::awaitable<void> Connection::refuse(const Refusal& refusal) {
    (void)co_await send(refusal_response(refusal), false, true);
}

/// Ends our side, then reads and drops what the client still sends: closing at once would reset the connection, and
/// with it the answer on its way.
asio::awaitable<void> Connection::linger() {
    stream_->set_deadline(std::min(config_.read_timeout, std::chrono::milliseconds(5'000)));
    co_await stream_->shutdown();
    idle_ = true;
    Bytes dropped(kReadBytes);
    for (std::size_t total = 0; total < kLingerBytes && !shared_.stopping;) {
        const Result<std::size_t> count = co_await stream_->read_some(dropped);
        if (count.value_or(0) == 0) break;
        total += *count;
    }
}

}  // namespace salus::transport
