#pragma once

#include <string>
#include <vector>

#include "application/audit/audit_log.hpp"

namespace salus::application {

/// One access through the facade on its way to the audit log.
struct Access {
    AuditAction action{};
    const Caller& caller;
    std::vector<SubjectId> subjects;
    std::vector<std::string> entities;
    std::string query;
    std::string detail;
};

/// Durable when it returns. Errors: kIo; then nothing is answered
Status record_allowed(AuditSink& sink, Access access);
/// A refusal, and what is not there, have entries of one shape.
Status record_refused(AuditSink& sink, Access access, const Error& why);

}  // namespace salus::application
