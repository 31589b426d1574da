#pragma once

#include <optional>
#include <string>

#include "model/contract.hpp"
#include "network/router.hpp"

/// What the handlers of the API share: reading parameters, wording answers.
namespace salus::network {

inline constexpr std::string_view kEvidenceType = "application/vnd.salus.evidence";
inline constexpr std::string_view kBinaryType = "application/octet-stream";

transport::HttpResponse json_answer(std::string json, unsigned status = 200);
transport::HttpResponse bytes_answer(Bytes bytes, std::string_view type);
/// `text` as a JSON string.
std::string json_string(std::string_view text);

/// A decimal number of digits only. Errors: kUsage, naming `what`
Result<std::uint64_t> parse_number(std::string_view text, std::string_view what);
/// Errors: kUsage, naming `what`
Result<Hash> parse_hash(std::string_view text, std::string_view what);
/// By number or by name. Errors: kUsage
Result<Contract> parse_contract(std::string_view text);
/// The query's number, nothing where it is not given. Errors: kUsage; also where it stands twice
Result<std::optional<std::uint64_t>> number_parameter(const Request& request, std::string_view name);
/// Whether ?format= asks for bytes: "json" (default) or "binary". Errors: kUsage
Result<bool> wants_binary(const Request& request);

/// "ok", or the name of the error with this number.
std::string_view code_name(std::uint32_t code) noexcept;

}  // namespace salus::network
