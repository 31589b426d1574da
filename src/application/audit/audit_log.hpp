#pragma once

#include <optional>
#include <string>
#include <vector>

#include "application/access/caller.hpp"
#include "base/result.hpp"

namespace salus::application {

/// What was done. Rendered as IHE BALP on reading. Numbers are stored.
enum class AuditAction : std::uint32_t {
    kRead = 1,
    kVread = 2,
    kHistory = 3,
    kSearch = 4,
    kCreate = 5,
    kUpdate = 6,
    kBatch = 7,
    kDisclose = 10,  ///< to another organisation or to the patient's wallet
    kDecision = 11,  ///< an authorisation decision, allowed or refused, also for who was not found
    kBreakGlass = 12,
    kReview = 13,
    kResend = 14,     ///< the same answer to the same request again: no disclosure of its own
    kDelivered = 15,  ///< the recipient's word that what was disclosed has come
    kLogin = 20,
    kBind = 21,
    kConsent = 22,
    kDownload = 23,
};
constexpr bool is_known(AuditAction action) noexcept {
    return static_cast<std::uint32_t>(action) >= 1 && static_cast<std::uint32_t>(action) <= 23;
}

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
};

}  // namespace salus::application
