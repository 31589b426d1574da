#include "application/fhir/outcome.hpp"

#include <string>

#include "application/fhir/document.hpp"
#include "network/problem.hpp"

namespace salus::application {
namespace {

void text(Bytes& out, std::string_view json) { append(out, as_bytes(json)); }

/// "Bundle.entry[3]" where the message begins with it and a colon; else empty. See at_entry.
std::string_view place_of(std::string_view message) {
    static constexpr std::string_view kStart = "Bundle.entry[";
    if (!message.starts_with(kStart)) return {};
    const auto end = message.find_first_not_of("0123456789", kStart.size());
    if (end == kStart.size() || end == std::string_view::npos || message.substr(end, 2) != "]:") return {};
    return message.substr(0, end + 1);
}

void issue(Bytes& out, std::string_view severity, std::string_view code, std::string_view diagnostics) {
    text(out, "{\"severity\":\"");
    text(out, severity);
    text(out, "\",\"code\":\"");
    text(out, code);
    text(out, "\",\"diagnostics\":");
    append_json_string(out, diagnostics);
}

}  // namespace

Bytes operation_outcome(const Error& error) {
    const ErrorInfo& info = error_info(error.code);
    Bytes out;
    text(out, "{\"resourceType\":\"OperationOutcome\",\"issue\":[");
    const bool hidden = error.message.empty() || network::is_internal(error.code);
    const std::string message = hidden ? std::string(info.meaning) : error.to_string();
    issue(out, error.code == ErrorCode::kInternal ? "fatal" : "error", info.fhir_issue, message);
    text(out, ",\"details\":{\"coding\":[{\"system\":\"urn:salus:error\",\"code\":");
    append_json_string(out, info.name);
    text(out, ",\"display\":");
    append_json_string(out, info.meaning);
    text(out, "}]}");
    if (const std::string_view place = place_of(error.message); !place.empty()) {
        text(out, ",\"expression\":[");
        append_json_string(out, place);
        text(out, "]");
    }
    text(out, "}]}");
    return out;
}

Bytes operation_outcome_ok(std::span<const std::string> warnings) {
    Bytes out;
    text(out, "{\"resourceType\":\"OperationOutcome\",\"issue\":[");
    if (warnings.empty()) {
        issue(out, "information", "informational", "ok");
        text(out, "}");
    }
    for (std::size_t i = 0; i < warnings.size(); ++i) {
        if (i > 0) text(out, ",");
        issue(out, "warning", "not-supported", warnings[i]);
        text(out, "}");
    }
    text(out, "]}");
    return out;
}

}  // namespace salus::application
