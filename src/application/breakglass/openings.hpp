#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "application/consent/policy.hpp"
#include "application/house.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/review_finding.hpp"

namespace salus::application {

/// Glass that was broken at this custodian.
struct Opening {
    BreakGlassId id;
    BreakGlassTerms terms;
    TimeMs review_due_ms = 0;
    bool on_chain = false;
    std::optional<ReviewFinding> finding;

    [[nodiscard]] bool overdue(TimeMs now_ms) const { return !finding && now_ms >= review_due_ms; }
};

/// Who breaks what.
struct Breaking {
    SubjectId subject;
    AccountId requester;
    StaffCredential user;  ///< checked by the caller
    Purpose purpose{};
    std::string reason;
    TimeMs open_ms = 0;  ///< 0: as long as the policy allows
};

/// Only clinical staff, only ETREAT or BTG, only with a reason, one patient, for a time; reviewed within 72 h. Filed on
/// the chain without waiting for it. Thread-safe.
class Openings {
public:
    /// Registers with the outbox. Errors: kSchema
    static Result<std::unique_ptr<Openings>> open(const House& house);

    /// What can be said before anyone is looked for. Errors: kBreakGlassRefused
    static Status may_break(const Policy& policy, const StaffCredential& user, Purpose purpose);

    /// Durable when it returns. Pre: may_break. Errors: kBreakGlassRefused without a reason
    Result<Opening> break_glass(const Policy& policy, const Breaking& breaking);
    /// Glass that this person broke for this patient and that is open now.
    Result<std::optional<Opening>> open_now(const SubjectId& subject, const AccountId& requester,
                                            std::string_view user_id) const;

    /// Errors: kNotFound, kConflict where it is reviewed already; those of the filing (not on the chain yet)
    Status review(const BreakGlassId& id, const StaffCredential& officer, bool justified, std::string text);

    /// Newest first. `subject`: of one patient.
    Result<std::vector<Opening>> list(const std::optional<SubjectId>& subject = {}) const;

private:
    explicit Openings(const House& house) : house_(&house) {}
    Result<Opening> complete(const network::LedgerView& view, const BreakGlassId& id, ByteView sealed,
                             const std::optional<Bytes>& finding) const;
    static Filing filing_of(const BreakGlassId& id, const BreakGlassTerms& terms);

    const House* house_;
};

}  // namespace salus::application
