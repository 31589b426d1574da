#include "network/problem.hpp"

#include <fmt/format.h>

#include "network/answers.hpp"

namespace salus::network {
bool is_internal(ErrorCode code) noexcept {
    return code == ErrorCode::kInternal || code == ErrorCode::kIo || code == ErrorCode::kCorrupt ||
           code == ErrorCode::kSchema;
}

transport::HttpResponse to_problem(const Error& error, std::optional<unsigned> status, std::string_view extra) {
    const ErrorInfo& info = error_info(error.code);
    transport::HttpResponse response;
    response.status = status.value_or(info.http_status);
    const std::string detail =
        is_internal(error.code) ? "The node's log says more, under this request's id." : error.to_string();
    response.body =
        to_bytes(fmt::format(R"({{"type":"urn:salus:error:{}","title":{},"status":{},"detail":{},"code":{}{}{}}})",
                             info.name, json_string(info.meaning), response.status, json_string(detail),
                             static_cast<std::uint32_t>(error.code), extra.empty() ? "" : ",", extra));
    response.headers.emplace_back("content-type", "application/problem+json");
    if (response.status == 503 || response.status == 429) response.headers.emplace_back("retry-after", "1");
    return response;
}

}  // namespace salus::network
