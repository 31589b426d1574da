#pragma once

#include <optional>
#include <vector>

#include "application/access/caller.hpp"
#include "base/result.hpp"

namespace salus::application {

/// Who may do what inside the house.
class HouseRules {
public:
    virtual ~HouseRules() = default;
    /// Whether the caller may read, or write, here at all. Looks at no record, so that its answer tells of none.
    /// Errors: kForbidden
    virtual Status admit(const Caller& caller, bool writes) const = 0;
    /// Whether this caller sees this subject's records. What he does not see is to him as if it were not there.
    virtual Result<bool> sees(const Caller& caller, const SubjectId& subject) = 0;
    /// Those of `among`, or of all, whom this caller does not see.
    virtual Result<std::vector<SubjectId>> unseen(const Caller& caller,
                                                  const std::optional<std::vector<SubjectId>>& among) = 0;
    /// Whether there is anybody whom this caller may not see: else nobody need be looked for.
    virtual bool hides_from(const Caller& caller) const = 0;
};

/// By role alone: the organisation's machine does all; staff by the table in the .cpp; a wallet comes by the way of
/// disclosure and not by this door.
class RoleRules : public HouseRules {
public:
    Status admit(const Caller& caller, bool writes) const override;
    Result<bool> sees(const Caller& caller, const SubjectId& subject) override;
    Result<std::vector<SubjectId>> unseen(const Caller& caller,
                                          const std::optional<std::vector<SubjectId>>& among) override;
    bool hides_from(const Caller& caller) const override;
};

}  // namespace salus::application
