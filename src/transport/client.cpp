#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <charconv>

#include "transport/head.hpp"
#include "transport/parser.hpp"
#include "transport/stream.hpp"
#include "transport/tls.hpp"

namespace salus::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct BaseUrl {
    bool tls = false;
    std::string host;
    std::string port;
    std::string authority;
    std::string prefix;  ///< of every path, without the last '/'
};

Result<BaseUrl> parse_base_url(std::string_view text) {
    const auto bad = [&] {
        return fail(ErrorCode::kUsage,
                    "\"" + std::string(text) + "\" is not of the form http://host:port or https://host:port");
    };
    BaseUrl url;
    std::string_view rest = text;
    if (rest.starts_with("https://"))
        url.tls = true;
    else if (!rest.starts_with("http://"))
        return bad();
    rest.remove_prefix(url.tls ? 8 : 7);
    const auto slash = std::min(rest.find('/'), rest.size());
    url.prefix = rest.substr(slash);
    while (url.prefix.ends_with('/')) url.prefix.pop_back();
    std::string_view authority = rest.substr(0, slash);
    url.authority = authority;
    if (authority.find_first_of("@?#") != std::string_view::npos) return bad();
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) return bad();
        url.host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, colon);
        port = authority.substr(colon);
    }
    std::uint16_t number = url.tls ? 443 : 80;
    if (!port.empty()) {
        port.remove_prefix(1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc{} || end != port.data() + port.size() || number == 0) return bad();
    }
    if (url.host.empty()) return bad();
    url.port = std::to_string(number);
    return url;
}

bool idempotent(std::string_view method) {
    constexpr std::string_view kMethods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
    return std::find(std::begin(kMethods), std::end(kMethods), method) != std::end(kMethods);
}

class Client final : public HttpClient {
public:
    Client(BaseUrl url, ClientConfig config, std::optional<asio::ssl::context> tls, std::shared_ptr<const void> rules)
        : url_(std::move(url)), config_(std::move(config)), rules_(std::move(rules)), tls_(std::move(tls)) {}

    Result<HttpResponse> request(std::string_view method, std::string_view target, Headers headers,
                                 Bytes body) override {
        SALUS_TRY(const std::string head,
                  request_head(method, url_.prefix + std::string(target), url_.authority, headers, body.size()));
        const bool kept = stream_ != nullptr;
        bool touched = false;  // a byte of the answer came
        auto response = tried(method == "HEAD", head, body, touched);
        if (!response && kept && !touched && response.error().code == ErrorCode::kIo && idempotent(method))
            response = tried(method == "HEAD", head, body, touched);
        return response;
    }

private:
    /// Asio throws where it cannot make what it needs, as where no file descriptor is left.
    Result<HttpResponse> tried(bool to_head_request, const std::string& head, const Bytes& body, bool& touched) {
        try {
            return run(to_head_request, head, body, touched);
        } catch (const std::exception&) {
            drop();
            return fail(ErrorCode::kIo, "the connection could not be made");
        }
    }

    Result<HttpResponse> run(bool to_head_request, const std::string& head, const Bytes& body, bool& touched) {
        asio::steady_timer patience(context_);
        bool overdue = false;
        if (config_.total_timeout.count() > 0) {
            patience.expires_after(config_.total_timeout);
            patience.async_wait([&](error_code cancelled) {
                if (cancelled) return;
                overdue = true;
                if (stream_) stream_->close();
            });
        }
        const auto whole = [&]() -> asio::awaitable<Result<HttpResponse>> {
            auto response = co_await exchange(to_head_request, head, body, touched);
            patience.cancel();
            co_return response;
        };
        auto future = asio::co_spawn(context_, whole(), asio::use_future);
        context_.restart();
        context_.run();
        auto response = future.get();
        if (!response && overdue)
            response = fail(ErrorCode::kTimeout,
                            "no whole answer came within " + std::to_string(config_.total_timeout.count()) + " ms");
        if (!response) drop();
        return response;
    }

    void drop() {
        if (!stream_) return;
        stream_->close();
        stream_.reset();
        context_.restart();
        context_.run();
    }

    asio::awaitable<Result<HttpResponse>> exchange(bool to_head_request, const std::string& head, const Bytes& body,
                                                   bool& touched) {
        if (!stream_) {
            const Status connected = co_await connect();
            if (!connected) co_return fail(connected.error());
        }
        const Status sent = co_await send(head, body);
        // A server that refuses early may answer and close before it has read all: look for its answer all the same.
        if (!sent && body.empty()) co_return fail(sent.error());
        ResponseParser parser(config_.body_bytes_max, to_head_request);
        Bytes input;
        while (!parser.done()) {
            const std::size_t size = input.size();
            input.resize(size + 64 * 1024);
            stream_->set_deadline(config_.timeout);
            const Result<std::size_t> count = co_await stream_->read_some(std::span(input).subspan(size));
            if (!count) co_return fail(count.error());
            if (*count == 0) {
                const Status ended = parser.end();
                if (!ended) co_return fail(ended.error());
                break;
            }
            touched = true;
            input.resize(size + *count);
            for (std::size_t taken = 1; taken > 0 && !input.empty() && !parser.done();) {
                const auto fed = parser.feed(input);
                if (!fed) co_return fail(fed.error());
                taken = *fed;
                input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(taken));
            }
        }
        if (!sent || !parser.keep_alive() || !input.empty()) {
            stream_->close();
            stream_.reset();
        }
        co_return parser.take();
    }

    asio::awaitable<Status> send(const std::string& head, const Bytes& body) {
        Status sent = co_await stream_->write(as_bytes(head), config_.timeout);
        if (sent) sent = co_await stream_->write(body, config_.timeout);
        co_return sent;
    }

    asio::awaitable<Status> connect() {
        error_code error;
        tcp::resolver resolver(context_);
        const auto found = resolver.resolve(url_.host, url_.port, error);
        if (error) co_return fail(ErrorCode::kIo, "cannot find " + url_.authority + ": " + error.message());
        stream_ = make_stream();
        stream_->set_deadline(config_.timeout);
        const Status reached = co_await stream_->connect(found);
        if (!reached)
            co_return fail(reached.error().code,
                           "cannot connect to " + url_.authority + ": " + reached.error().message);
        stream_->set_deadline(config_.timeout);
        const Status secured = co_await stream_->handshake();
        if (!secured)
            co_return fail(secured.error().code, "no TLS with " + url_.authority + ": " + secured.error().message);
        co_return Status{};
    }

    std::unique_ptr<Stream> make_stream() {
        if (!tls_) return make_plain_stream(Socket(context_));
        if (config_.peer) return make_tls_peer_stream(Socket(context_), *tls_, config_.peer->name);
        return make_tls_client_stream(Socket(context_), *tls_, url_.host);
    }

    const BaseUrl url_;
    const ClientConfig config_;
    std::shared_ptr<const void> rules_;  ///< of tls_, between nodes
    std::optional<asio::ssl::context> tls_;
    asio::io_context context_;
    std::unique_ptr<Stream> stream_;
};

}  // namespace

Result<std::unique_ptr<HttpClient>> HttpClient::make(std::string_view base_url, ClientConfig config) {
    SALUS_TRY(auto url, parse_base_url(base_url));
    std::optional<asio::ssl::context> tls;
    std::shared_ptr<const void> rules;
    if (config.peer) {
        if (!url.tls) return fail(ErrorCode::kUsage, "\"" + std::string(base_url) + "\" is not https");
        SALUS_TRY(auto between, peer_client_tls(*config.peer));
        rules = std::move(between.rules);
        tls = std::move(between.context);
    } else if (url.tls) {
        SALUS_TRY(tls, client_tls(config.ca_file));
    }
    return std::make_unique<Client>(std::move(url), std::move(config), std::move(tls), std::move(rules));
}

Result<std::unique_ptr<HttpClient>> HttpClient::make(std::string_view base_url, std::chrono::milliseconds timeout) {
    ClientConfig config;
    config.timeout = timeout;
    return make(base_url, std::move(config));
}

}  // namespace salus::transport
