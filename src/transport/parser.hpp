#pragma once

#include <memory>
#include <optional>

#include "transport/http.hpp"

/// Messages from bytes as they come, however they are cut; no socket here, so that tests and fuzzers feed it alone.
namespace salus::transport {

/// Why a request is not answered by the handler, and with which status.
struct Refusal {
    unsigned status = 400;
    Error error;
};

enum class ParseStage { kHead, kBody, kDone };

/// One request. Refuses what two parsers might read differently: both Content-Length and Transfer-Encoding, either
/// twice, another coding than chunked, folded lines, a bare LF, a Host missing or twice.
class RequestParser {
public:
    explicit RequestParser(std::size_t body_bytes_max);
    ~RequestParser();
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;

    /// Reads from the front of `bytes` and tells how many it took: it stops behind the head, and behind the request;
    /// what is left over is to be offered again, with more behind it. Pre: stage() != kDone. Errors: the refusal; the
    /// connection's framing is lost then
    Result<std::size_t, Refusal> feed(ByteView bytes);
    [[nodiscard]] ParseStage stage() const noexcept;

    /// What the head says. Pre: stage() != kHead
    [[nodiscard]] std::string_view method() const;
    [[nodiscard]] const std::string& path() const;
    /// Lowers the limit of this request's body. Pre: stage() != kHead, and no byte of the body was fed. Errors: the
    /// refusal, where the head announces more
    Result<void, Refusal> limit_body(std::size_t bytes_max);
    [[nodiscard]] bool expects_continue() const;
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] bool http_1_0() const;
    [[nodiscard]] std::size_t body_bytes() const;
    /// Pre: stage() == kDone
    [[nodiscard]] HttpRequest take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// One response; 1xx are passed over.
class ResponseParser {
public:
    ResponseParser(std::size_t body_bytes_max, bool to_head_request);
    ~ResponseParser();

    /// As RequestParser::feed. Errors: kIo (not HTTP), kTooLarge
    Result<std::size_t> feed(ByteView bytes);
    /// The connection has ended. Errors: kIo where that cuts the response short
    Status end();
    [[nodiscard]] bool done() const noexcept;
    /// Pre: done()
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] HttpResponse take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace salus::transport
