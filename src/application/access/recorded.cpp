#include "application/access/recorded.hpp"

namespace salus::application {
namespace {

constexpr unsigned kForbiddenStatus = 403;
constexpr unsigned kNotFoundStatus = 404;

/// For the custodian's own eyes, sealed as all of the event.
std::string asked_for(const transport::HttpRequest& request) {
    std::string out = request.method + " " + request.path;
    char separator = '?';
    for (const auto& [name, value] : request.query) {
        out += separator + name + "=" + value;
        separator = '&';
    }
    return out;
}

Status record_unserved(const House& house, const Caller& caller, const Call& call, const Error& why) {
    AuditEntry entry;
    entry.action = AuditAction::kDecision;
    entry.allowed = false;
    entry.outcome = why.message;
    entry.organisation = caller.organisation;
    entry.user = caller.staff;
    entry.purpose = caller.purpose;
    entry.query = asked_for(call.request);
    return house.audit.record(entry);
}

}  // namespace

Routes::Serve recorded(const House& house, const Gate& gate, Routes::Serve serve) {
    return [&house, &gate, serve = std::move(serve)](const Call& call) -> Result<transport::HttpResponse> {
        auto response = serve(call);
        if (response) return response;
        const unsigned status = error_info(response.error().code).http_status;
        if (status != kForbiddenStatus && status != kNotFoundStatus) return response;
        // Whose token is not good is nobody that could be named.
        const auto caller = gate.check(bearer(call.request));
        if (caller) SALUS_TRY_STATUS(record_unserved(house, *caller, call, response.error()));
        return response;
    };
}

}  // namespace salus::application
