#include "application/fhir/audit_trail.hpp"

namespace salus::application {
namespace {

AuditEntry entry_of(Access access) {
    AuditEntry entry;
    entry.action = access.action;
    entry.organisation = access.caller.organisation;
    entry.user = access.caller.staff;
    entry.purpose = access.caller.purpose;
    entry.subjects = std::move(access.subjects);
    entry.entities = std::move(access.entities);
    entry.query = std::move(access.query);
    entry.detail = std::move(access.detail);
    return entry;
}

}  // namespace

Status record_allowed(AuditSink& sink, Access access) { return sink.record(entry_of(std::move(access))); }

Status record_refused(AuditSink& sink, Access access, const Error& why) {
    AuditEntry entry = entry_of(std::move(access));
    entry.allowed = false;
    entry.outcome = std::string(error_info(why.code).name);
    return sink.record(entry);
}

}  // namespace salus::application
