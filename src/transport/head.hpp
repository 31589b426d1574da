#pragma once

#include <string>

#include "transport/http.hpp"

namespace salus::transport {

/// How the end of an answer's body is told.
enum class Framing {
    kLength,   ///< Content-Length
    kChunked,  ///< Transfer-Encoding
    kClose     ///< by the end of the connection
};

/// Status line and headers of an answer. What every answer says unless it says otherwise: not to be sniffed, not to be
/// stored, and, as it is no page, that nothing in it may run. No word on who serves it. Errors: kInternal where a
/// header would break out of its line
Result<std::string> response_head(const HttpResponse& response, Framing framing, bool keep_alive);

/// Request line and headers. Errors: kUsage where one would break out of its line
Result<std::string> request_head(std::string_view method, std::string_view target, std::string_view host,
                                 const Headers& headers, std::size_t body_bytes);

}  // namespace salus::transport
