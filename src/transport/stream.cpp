#include "transport/stream.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <type_traits>

#include "transport/awaiting.hpp"

namespace salus::transport {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using beast::error_code;
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kSliceBytes = 64 * 1024;

tl::unexpected<Error> failed(const error_code& error) {
    if (error == beast::error::timeout) return fail(ErrorCode::kTimeout, "the peer was too slow");
    if (error.category() == asio::error::get_ssl_category()) {
        const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
        if (reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE || reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED)
            return fail(ErrorCode::kForbidden, "the peer does not let our key in");
        if (reason == SSL_R_TLSV1_UNRECOGNIZED_NAME)
            return fail(ErrorCode::kNotFound, "the peer serves nobody of that name");
    }
    return fail(ErrorCode::kIo, error.message());
}

template <class Layer>
class LayerStream final : public Stream {
public:
    template <class... Args>
    explicit LayerStream(asio::ssl::stream_base::handshake_type side, Args&&... args)
        : side_(side), layer_(std::forward<Args>(args)...) {
        set_no_delay();
    }

    Layer& layer() noexcept { return layer_; }

    void set_deadline(std::chrono::milliseconds from_now) override { lowest().expires_after(from_now); }

    asio::awaitable<Status> connect(Endpoints endpoints) override {
        const auto [error, endpoint] = co_await lowest().async_connect(endpoints, kAwait);
        if (error) co_return failed(error);
        set_no_delay();
        co_return Status{};
    }

    asio::awaitable<Status> handshake() override {
        if constexpr (std::is_same_v<Layer, Tls>) {
            const auto [error] = co_await layer_.async_handshake(side_, kAwait);
            if (error) co_return failed(error);
        }
        co_return Status{};
    }

    asio::awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> out) override {
        const auto [error, count] = co_await layer_.async_read_some(asio::buffer(out.data(), out.size()), kAwait);
        // A peer that ends TCP without ending TLS is common; messages carry their own length, so nothing is believed
        // cut short.
        if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) co_return std::size_t{0};
        if (error) co_return failed(error);
        co_return count;
    }

    asio::awaitable<Status> write(ByteView bytes, std::chrono::milliseconds timeout) override {
        while (!bytes.empty()) {
            // One deadline for each slice, not for each byte that a client deigns to take.
            set_deadline(timeout);
            const auto slice = bytes.first(std::min(bytes.size(), kSliceBytes));
            const auto [error, count] =
                co_await asio::async_write(layer_, asio::buffer(slice.data(), slice.size()), kAwait);
            if (error) co_return failed(error);
            bytes = bytes.subspan(count);
        }
        co_return Status{};
    }

    asio::awaitable<void> shutdown() override {
        if constexpr (std::is_same_v<Layer, Tls>) co_await layer_.async_shutdown(kAwait);
        error_code ignored;
        lowest().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }

    void close() noexcept override { lowest().close(); }

private:
    void set_no_delay() noexcept {
        error_code ignored;
        lowest().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    Plain& lowest() noexcept { return beast::get_lowest_layer(layer_); }

    asio::ssl::stream_base::handshake_type side_;
    Layer layer_;
};

/// Says in the handshake who is meant.
void ask_for(const std::string& name, Tls& layer) {
    SSL_ctrl(layer.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
}

}  // namespace

std::unique_ptr<Stream> make_plain_stream(Socket socket) {
    return std::make_unique<LayerStream<Plain>>(asio::ssl::stream_base::server, std::move(socket));
}

std::unique_ptr<Stream> make_tls_server_stream(Socket socket, asio::ssl::context& context) {
    return std::make_unique<LayerStream<Tls>>(asio::ssl::stream_base::server, std::move(socket), context);
}

std::unique_ptr<Stream> make_tls_client_stream(Socket socket, asio::ssl::context& context, const std::string& host) {
    auto stream = std::make_unique<LayerStream<Tls>>(asio::ssl::stream_base::client, std::move(socket), context);
    stream->layer().set_verify_callback(asio::ssl::host_name_verification(host));
    error_code ignored;
    // Names only: RFC 6066, section 3 knows no addresses.
    asio::ip::make_address(host, ignored);
    if (ignored) ask_for(host, stream->layer());
    return stream;
}

std::unique_ptr<Stream> make_tls_peer_stream(Socket socket, asio::ssl::context& context, const std::string& name) {
    auto stream = std::make_unique<LayerStream<Tls>>(asio::ssl::stream_base::client, std::move(socket), context);
    ask_for(name, stream->layer());
    return stream;
}

}  // namespace salus::transport
