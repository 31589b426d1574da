#include "application/fhir/house_rules.hpp"

#include <algorithm>

namespace salus::application {
namespace {

struct Role {
    std::string_view name;
    bool reads;
    bool writes;
};
constexpr Role kRoles[] = {
    {"physician", true, true},  {"emergency-physician", true, true}, {"nurse", true, true},
    {"pharmacist", true, true}, {"laboratory", true, true},          {"registrar", true, true},
    {"billing", true, false},   {"privacy-officer", true, false},
};

}  // namespace

Status RoleRules::admit(const Caller& caller, bool writes) const {
    if (caller.kind == Caller::Kind::kMachine) return {};
    if (caller.kind == Caller::Kind::kWallet || !caller.staff)
        return fail(ErrorCode::kForbidden, "a patient reads by way of a disclosure, which leaves a receipt");
    const auto role = std::ranges::find(kRoles, std::string_view(caller.staff->role), &Role::name);
    if (role == std::end(kRoles)) return fail(ErrorCode::kForbidden, "this role reads and writes no records");
    if (writes ? role->writes : role->reads) return {};
    return fail(ErrorCode::kForbidden, "this role writes no records");
}

Result<bool> RoleRules::sees(const Caller& /*caller*/, const SubjectId& /*subject*/) { return true; }

Result<std::vector<SubjectId>> RoleRules::unseen(const Caller& /*caller*/,
                                                 const std::optional<std::vector<SubjectId>>& /*among*/) {
    return std::vector<SubjectId>{};
}

bool RoleRules::hides_from(const Caller& /*caller*/) const { return false; }

}  // namespace salus::application
