#include "transport/parser.hpp"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "transport/target.hpp"

namespace salus::transport {
namespace {

namespace http = boost::beast::http;
using Body = http::vector_body<std::uint8_t>;
using boost::system::error_code;

tl::unexpected<Refusal> refuse(unsigned status, ErrorCode code, std::string message) {
    return tl::unexpected<Refusal>(Refusal{status, Error{code, std::move(message)}});
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

Headers copy_headers(const http::fields& fields) {
    Headers out;
    for (const auto& field : fields) out.emplace_back(lower(field.name_string()), std::string(field.value()));
    return out;
}

/// A head's lines end in CRLF and begin with no blank: Beast would unfold a folded line.
bool lines_are_plain(std::string_view head) {
    for (std::size_t i = 0; i < head.size(); ++i) {
        if (head[i] != '\n') continue;
        if (i == 0 || head[i - 1] != '\r') return false;
        if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t')) return false;
    }
    return true;
}

Result<void, Refusal> check_head(const http::request_parser<Body>& parser) {
    const auto& head = parser.get();
    const auto count = [&](http::field name) { return head.count(name); };
    if (head.version() != 10 && head.version() != 11)
        return refuse(505, ErrorCode::kUnsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    if (count(http::field::host) > 1 || (count(http::field::host) == 0 && head.version() == 11))
        return refuse(400, ErrorCode::kUsage, "the request names no Host, or several");
    if (count(http::field::content_length) > 1)
        return refuse(400, ErrorCode::kUsage, "the request has several Content-Length");
    if (const auto length = head[http::field::content_length]; length.find_first_not_of("0123456789") != length.npos)
        return refuse(400, ErrorCode::kUsage, "Content-Length is not one number");
    if (count(http::field::transfer_encoding) > 0) {
        if (count(http::field::content_length) > 0 || count(http::field::transfer_encoding) > 1 || head.version() == 10)
            return refuse(400, ErrorCode::kUsage, "the request frames its body in two ways");
        if (lower(head[http::field::transfer_encoding]) != "chunked")
            return refuse(501, ErrorCode::kUnsupported, "no transfer coding but chunked is known");
    }
    if (count(http::field::expect) > 0 && lower(head[http::field::expect]) != "100-continue")
        return refuse(417, ErrorCode::kUsage, "no expectation but 100-continue is known");
    for (const auto& field : head)
        if (!is_utf8(as_bytes(std::string_view(field.value().data(), field.value().size()))))
            return refuse(400, ErrorCode::kUsage, "a header is not UTF-8");
    return {};
}

}  // namespace

struct RequestParser::State {
    explicit State(std::size_t body_bytes_max_in) : body_bytes_max(body_bytes_max_in) {
        parser.header_limit(static_cast<std::uint32_t>(kHeadBytesMax));
        parser.body_limit(body_bytes_max);
        parser.eager(false);
    }

    tl::unexpected<Refusal> refusal(const error_code& error) const {
        if (error == http::error::body_limit)
            return refuse(413, ErrorCode::kTooLarge,
                          "the body is larger than " + std::to_string(body_bytes_max) + " bytes");
        if (error == http::error::bad_version)
            return refuse(505, ErrorCode::kUnsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        return refuse(400, ErrorCode::kUsage, "this is not an HTTP/1.1 request: " + error.message());
    }

    Result<std::size_t, Refusal> feed_head(std::string_view bytes);
    Result<std::size_t, Refusal> feed_body(ByteView bytes);

    std::size_t body_bytes_max;
    ParseStage stage = ParseStage::kHead;
    std::size_t scanned = 0;  ///< of the head's bytes, without its end
    http::request_parser<Body> parser;
    Headers headers;  ///< as of the head: Beast would add trailers
    Target target;
};

Result<std::size_t, Refusal> RequestParser::State::feed_head(std::string_view bytes) {
    std::size_t skipped = 0;
    if (scanned == 0) {
        // RFC 9112, section 2.2: empty lines before a request line are passed over.
        while (bytes.substr(skipped).starts_with("\r\n")) skipped += 2;
        bytes.remove_prefix(skipped);
        if (bytes.empty() || bytes == "\r") return skipped;
    }
    const auto end = bytes.find("\r\n\r\n", scanned < 3 ? 0 : scanned - 3);
    if (std::min(end, bytes.size()) > kHeadBytesMax - 4)
        return refuse(431, ErrorCode::kTooLarge,
                      "request line and headers are larger than " + std::to_string(kHeadBytesMax) + " bytes");
    if (end == std::string_view::npos) {
        // Empty lines go first; afterwards the same bytes are offered again, with more behind them.
        scanned = bytes.size();
        return skipped;
    }
    const auto head = bytes.substr(0, end + 4);
    if (!lines_are_plain(head)) return refuse(400, ErrorCode::kUsage, "a header line is folded, or ends in a bare LF");
    error_code error;
    const std::size_t taken = parser.put({head.data(), head.size()}, error);
    if (error) return refusal(error);
    if (!parser.is_header_done() || taken != head.size())
        return refuse(400, ErrorCode::kUsage, "this is not an HTTP/1.1 request");
    if (auto good = check_head(parser); !good) return tl::unexpected<Refusal>(good.error());
    auto parsed = parse_target({parser.get().target().data(), parser.get().target().size()});
    // The asterisk form asks about the server as a whole; no route has that name.
    if (!parsed && parser.get().target() == "*" && parser.get().method() == http::verb::options)
        parsed = Target{"*", {}};
    if (!parsed) return tl::unexpected<Refusal>(Refusal{400, parsed.error()});
    target = *std::move(parsed);
    headers = copy_headers(parser.get());
    parser.eager(true);
    stage = parser.is_done() ? ParseStage::kDone : ParseStage::kBody;
    return skipped + head.size();
}

Result<std::size_t, Refusal> RequestParser::State::feed_body(ByteView bytes) {
    error_code error;
    const std::size_t taken = parser.put({bytes.data(), bytes.size()}, error);
    if (error && error != http::error::need_more) return refusal(error);
    if (parser.is_done()) stage = ParseStage::kDone;
    // What is left of a chunk's head, its extensions or the trailers may not grow without end.
    else if (bytes.size() - taken > kHeadBytesMax)
        return refuse(431, ErrorCode::kTooLarge, "a chunk's head or the trailers are too long");
    return taken;
}

RequestParser::RequestParser(std::size_t body_bytes_max) : state_(std::make_unique<State>(body_bytes_max)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

Result<std::size_t, Refusal> RequestParser::feed(ByteView bytes) {
    SALUS_CHECK(state_->stage != ParseStage::kDone);
    if (bytes.empty()) return std::size_t{0};
    return state_->stage == ParseStage::kHead ? state_->feed_head(as_text(bytes)) : state_->feed_body(bytes);
}

ParseStage RequestParser::stage() const noexcept { return state_->stage; }

std::string_view RequestParser::method() const {
    const auto method = state_->parser.get().method_string();
    return {method.data(), method.size()};
}

const std::string& RequestParser::path() const { return state_->target.path; }

Result<void, Refusal> RequestParser::limit_body(std::size_t bytes_max) {
    if (bytes_max >= state_->body_bytes_max) return {};
    state_->body_bytes_max = bytes_max;
    state_->parser.body_limit(bytes_max);
    const auto length = state_->parser.content_length();
    if (length && *length > bytes_max) return state_->refusal(http::error::body_limit);
    return {};
}

bool RequestParser::expects_continue() const {
    const auto& head = state_->parser.get();
    return head.version() == 11 && head.count(http::field::expect) > 0 && state_->stage == ParseStage::kBody;
}

bool RequestParser::keep_alive() const { return state_->parser.keep_alive(); }
bool RequestParser::http_1_0() const { return state_->parser.get().version() == 10; }
std::size_t RequestParser::body_bytes() const { return state_->parser.get().body().size(); }

HttpRequest RequestParser::take() {
    SALUS_CHECK(state_->stage == ParseStage::kDone);
    auto message = state_->parser.release();
    const auto method = message.method_string();
    return {std::string(method.data(), method.size()), std::move(state_->target.path), std::move(state_->target.query),
            std::move(state_->headers), std::move(message.body())};
}

struct ResponseParser::State {
    State(std::size_t body_bytes_max_in, bool to_head_request_in)
        : body_bytes_max(body_bytes_max_in), to_head_request(to_head_request_in) {
        begin();
    }

    void begin() {
        parser.emplace();
        parser->header_limit(4 * static_cast<std::uint32_t>(kHeadBytesMax));
        parser->body_limit(body_bytes_max);
        parser->skip(to_head_request);
        parser->eager(true);
    }

    const std::size_t body_bytes_max;
    const bool to_head_request;
    std::optional<http::response_parser<Body>> parser;
};

ResponseParser::ResponseParser(std::size_t body_bytes_max, bool to_head_request)
    : state_(std::make_unique<State>(body_bytes_max, to_head_request)) {}
ResponseParser::~ResponseParser() = default;

Result<std::size_t> ResponseParser::feed(ByteView bytes) {
    error_code error;
    const std::size_t taken = state_->parser->put({bytes.data(), bytes.size()}, error);
    if (error == http::error::body_limit)
        return fail(ErrorCode::kTooLarge,
                    "the answer is larger than " + std::to_string(state_->body_bytes_max) + " bytes");
    if (error && error != http::error::need_more)
        return fail(ErrorCode::kIo, "the answer is not HTTP/1.1: " + error.message());
    if (state_->parser->is_done() && state_->parser->get().result_int() / 100 == 1) state_->begin();
    return taken;
}

Status ResponseParser::end() {
    error_code error;
    if (!done() && state_->parser->got_some()) state_->parser->put_eof(error);
    if (error || !done()) return fail(ErrorCode::kIo, "the connection ended in the middle of an answer");
    return {};
}

bool ResponseParser::done() const noexcept { return state_->parser->is_done(); }
bool ResponseParser::keep_alive() const { return state_->parser->keep_alive(); }

HttpResponse ResponseParser::take() {
    SALUS_CHECK(done());
    auto message = state_->parser->release();
    return {message.result_int(), copy_headers(message), std::move(message.body())};
}

}  // namespace salus::transport
