#include "cli/organisations.hpp"

namespace salus::cli {

Result<node::InitOrganisation> parse_organisation(const std::string& text) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (parts.size() < 3) {
        const std::size_t colon = text.find(':', begin);
        parts.push_back(text.substr(begin, colon == std::string::npos ? colon : colon - begin));
        begin = colon == std::string::npos ? text.size() + 1 : colon + 1;
        if (begin > text.size()) break;
    }
    if (begin <= text.size()) parts.push_back(text.substr(begin));
    if (parts.size() < 3) return fail(ErrorCode::kUsage, "--org \"" + text + "\" is not SLUG:KIND:NAME[:JURISDICTION]");
    SALUS_TRY(const governance::OrganisationKind kind, node::organisation_kind(parts[1]));
    node::InitOrganisation organisation{parts[0], parts[2], kind, "US", {}};
    if (parts.size() > 3) organisation.jurisdiction = parts[3];
    return organisation;
}

std::vector<node::InitOrganisation> demo_organisations() {
    using governance::OrganisationKind;
    return {{"hospital-a", "Hospital A", OrganisationKind::kHospital, "US", {"acute care"}},
            {"hospital-b", "Hospital B", OrganisationKind::kHospital, "US", {"acute care"}},
            {"payer", "Payer", OrganisationKind::kPayer, "US", {}},
            {"regulator", "Regulator", OrganisationKind::kRegulator, "US", {}}};
}

}  // namespace salus::cli
