#pragma once

#include "application/breakglass/openings.hpp"
#include "application/consent/consents.hpp"
#include "application/consent/policy_book.hpp"
#include "application/fhir/house_rules.hpp"

namespace salus::application {

/// By role, and a chart that its patient has closed to the caller (a standing denial that speaks to him, where the
/// policy heeds one) is seen only through glass that he broke for it. The organisation's own machine, which imports and
/// repairs, sees all. Denials of single resources (by type, code or label) count where data leaves the house.
class PatientRestrictions final : public RoleRules {
public:
    PatientRestrictions(const House& house, const Consents& consents, PolicyBook& policies, const Openings& openings)
        : house_(house), consents_(consents), policies_(policies), openings_(openings) {}

    Result<bool> sees(const Caller& caller, const SubjectId& subject) override;
    Result<std::vector<SubjectId>> unseen(const Caller& caller,
                                          const std::optional<std::vector<SubjectId>>& among) override;
    bool hides_from(const Caller& caller) const override { return caller.staff.has_value(); }

private:
    const House& house_;
    const Consents& consents_;
    PolicyBook& policies_;
    const Openings& openings_;
};

}  // namespace salus::application
