#include "network/answers.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/encoding.hpp"
#include "model/json.hpp"

namespace salus::network {

transport::HttpResponse json_answer(std::string json, unsigned status) {
    return {status, {{"content-type", "application/json"}}, to_bytes(json)};
}

transport::HttpResponse bytes_answer(Bytes bytes, std::string_view type) {
    return {200, {{"content-type", std::string(type)}}, std::move(bytes)};
}

std::string json_string(std::string_view text) {
    json::Writer out;
    out.text(text);
    return out.take();
}

Result<std::uint64_t> parse_number(std::string_view text, std::string_view what) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return fail(ErrorCode::kUsage, std::string(what) + " is not a number");
    return value;
}

Result<Hash> parse_hash(std::string_view text, std::string_view what) {
    const auto hash = array_from_hex<32>(text);
    if (!hash) return fail(ErrorCode::kUsage, std::string(what) + " is not 64 hexadecimal digits");
    return *hash;
}

Result<Contract> parse_contract(std::string_view text) {
    for (std::uint32_t number = 0; is_known(static_cast<Contract>(number)); ++number)
        if (const auto contract = static_cast<Contract>(number);
            text == contract_name(contract) || text == std::to_string(number))
            return contract;
    return fail(ErrorCode::kUsage, "no contract has that name or number");
}

Result<std::optional<std::uint64_t>> number_parameter(const Request& request, std::string_view name) {
    const auto& query = request.http.query;
    if (std::count_if(query.begin(), query.end(), [&](const auto& entry) { return entry.first == name; }) > 1)
        return fail(ErrorCode::kUsage, "the parameter " + std::string(name) + " stands twice");
    const auto text = request.parameter(name);
    if (!text) return std::optional<std::uint64_t>{};
    SALUS_TRY(const std::uint64_t value, parse_number(*text, "the parameter " + std::string(name)));
    return std::optional(value);
}

Result<bool> wants_binary(const Request& request) {
    const auto format = request.parameter("format").value_or("json");
    if (format != "json" && format != "binary") return fail(ErrorCode::kUsage, "format is \"json\" or \"binary\"");
    return format == "binary";
}

std::string_view code_name(std::uint32_t code) noexcept {
    if (code == 0) return "ok";
    const auto known = error_code(code);
    return known ? error_info(*known).name : "unknown";
}

}  // namespace salus::network
