#include "application/breakglass/patient_restrictions.hpp"

#include "application/consent/decision.hpp"

namespace salus::application {

Result<bool> PatientRestrictions::sees(const Caller& caller, const SubjectId& subject) {
    if (!caller.staff || subject == house_.vault.own_subject()) return true;
    const auto view = house_.ledger.view();
    SALUS_TRY(const auto known, consents_.of_subject(*view, subject));
    if (known.empty()) return true;
    SALUS_TRY(const auto policy, policies_.in_force(*view, house_.organisation, view->header().height + 1));
    const DecisionRequest request{house_.organisation, subject,     house_.organisation, caller.staff,
                                  caller.purpose,      kActionRead, house_.now_ms()};
    const Decision decision = decide(standing(known), *policy, request, nullptr);
    // Inside the house the role permits; only an objection takes that away.
    if (decision.allowed || decision.ruling != Ruling::kDeny) return true;
    SALUS_TRY(const auto open, openings_.open_now(subject, house_.organisation, caller.staff->id));
    return open.has_value();
}

/// Nobody closes a chart but by a consent: who has none need not be asked about.
Result<std::vector<SubjectId>> PatientRestrictions::unseen(const Caller& caller,
                                                           const std::optional<std::vector<SubjectId>>& among) {
    std::vector<SubjectId> out;
    if (!caller.staff) return out;
    SALUS_TRY(const auto subjects, consents_.subjects(among));
    for (const SubjectId& subject : subjects) {
        SALUS_TRY(const bool visible, sees(caller, subject));
        if (!visible) out.push_back(subject);
    }
    return out;
}

}  // namespace salus::application
