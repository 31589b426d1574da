#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <string>

namespace salus::transport::test {

/// The other end of a connection, which may say whatever it likes.
class Peer {
public:
    explicit Peer(std::uint16_t port) : socket_(context_) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        socket_.set_option(boost::asio::ip::tcp::no_delay(true));
    }

    /// False where the server has closed.
    bool send(std::string_view text) {
        boost::system::error_code error;
        boost::asio::write(socket_, boost::asio::buffer(text), error);
        return !error;
    }
    void finish() {
        boost::system::error_code ignored;
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    }
    /// Everything up to and including `mark`, or to the end.
    std::string read_until(const std::string& mark) {
        boost::system::error_code error;
        const std::size_t size = boost::asio::read_until(socket_, boost::asio::dynamic_buffer(buffer_), mark, error);
        const std::string out = buffer_.substr(0, error ? buffer_.size() : size);
        buffer_.erase(0, out.size());
        return out;
    }
    std::string read_all() { return read_until("\x01 never sent \x01"); }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
    std::string buffer_;
};

}  // namespace salus::transport::test
