#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace salus {

/// Every public error, by its number. Numbers and names are stable for ever; a contract's codes are what receipts carry
/// (1000 x contract number + n), so that all nodes agree on them. The table is base/errors.def.
enum class ErrorCode : std::uint32_t {
    kOk = 0,
#define SALUS_ERROR(symbol, number, name, http, fhir, meaning) symbol = number,
#include "base/errors.def"
#undef SALUS_ERROR
};

/// One row of the table from which docs/errors.md and the three error formats of the API are made.
struct ErrorInfo {
    ErrorCode code;
    std::string_view name;        ///< kebab-case, the last part of the RFC 9457 problem type
    std::uint16_t http_status;    ///< RFC 9110
    std::string_view fhir_issue;  ///< OperationOutcome.issue.code (FHIR R4, value set issue-type)
    std::string_view meaning;     ///< one sentence: what it says and what to do
};

std::span<const ErrorInfo> error_table() noexcept;

/// The row of `code`; that of kInternal where the number is not in the table.
const ErrorInfo& error_info(ErrorCode code) noexcept;

/// The code that has this number, nothing where there is none.
std::optional<ErrorCode> error_code(std::uint32_t number) noexcept;

/// An expected failure. `message` says what and where, for people, and never holds patient data.
struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;
    std::shared_ptr<const Error> cause;  ///< shared because errors are copied and immutable

    Error() = default;
    Error(ErrorCode code_in, std::string message_in) : code(code_in), message(std::move(message_in)) {}
    Error(ErrorCode code_in, std::string message_in, Error cause_in)
        : code(code_in), message(std::move(message_in)), cause(std::make_shared<const Error>(std::move(cause_in))) {}

    /// "message: cause: cause's cause"
    [[nodiscard]] std::string to_string() const;
};

}  // namespace salus
