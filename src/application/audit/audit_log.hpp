#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "application/access/caller.hpp"
#include "base/result.hpp"
#include "model/audit_record.hpp"

namespace salus::application {

/// One access, allowed or refused. A refusal and a not-found are entries of equal shape.
struct AuditEntry {
    AuditAction action{};
    bool allowed = true;
    std::string outcome;     ///< why refused, for the custodian's own eyes; empty where allowed
    AccountId organisation;  ///< whose caller it was
    std::optional<StaffCredential> user;
    std::optional<Purpose> purpose;
    std::vector<SubjectId> subjects;    ///< whose list it stands in
    std::vector<std::string> entities;  ///< "Observation/7f../_history/2"
    std::string query;                  ///< of a search
    std::vector<GrantId> grants;        ///< that decided
    std::string request_id;             ///< hex
    std::string detail;                 ///< free text of the event (break-glass reason)
};

/// Where accesses go: durable before the answer. One an organisation.
class AuditSink {
public:
    virtual ~AuditSink() = default;
    /// Returns once the entry survives power loss. The time is the sink's. Errors: kIo; then the access is refused
    virtual Status record(const AuditEntry& entry) = 0;
    /// All of one request, together. Calls `recorded` once when they survive power loss, or why they do not, on
    /// whichever thread learns it first: it returns quickly, and records nothing itself.
    virtual void record_then(std::vector<AuditEntry> entries, std::function<void(const Status&)> recorded) = 0;
};

}  // namespace salus::application
