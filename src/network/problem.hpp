#pragma once

#include <optional>

#include "base/error.hpp"
#include "transport/http.hpp"

namespace salus::network {

/// An error as RFC 9457 says, from its row of the error table: type "urn:salus:error:<name>", the number as `code`. A
/// fault of the node itself is not described to strangers: its message goes to the log, under the request's id. Where
/// trying again may help, Retry-After says when. `status`: another than the table's. `extra`: further members, a JSON
/// object's inside ("\"id\":\"..\""), or empty.
transport::HttpResponse to_problem(const Error& error, std::optional<unsigned> status = std::nullopt,
                                   std::string_view extra = {});

/// Whether the message of this error is for the node's log only.
bool is_internal(ErrorCode code) noexcept;

}  // namespace salus::network
