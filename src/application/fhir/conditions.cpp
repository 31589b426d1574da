#include "application/fhir/conditions.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace salus::application {
namespace {

/// What stands in every group. Pre: not empty
std::vector<std::string> in_all(const std::vector<std::vector<std::string>>& groups) {
    std::vector<std::string> out = groups.front();
    for (const auto& group : groups)
        std::erase_if(out, [&](const std::string& id) { return std::ranges::find(group, id) == group.end(); });
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::string name_of_term(const std::string& type, const SearchTerm& term) {
    return type + "?" + term.parameter + "=" + term.value;
}

}  // namespace

Result<std::optional<SearchQuery>> to_query(Vault& vault, const SearchRequest& request,
                                            std::vector<std::string> types) {
    SearchQuery query;
    query.types = std::move(types);
    query.count = request.count;
    if (!request.ids.empty()) {
        query.ids = in_all(request.ids);
        if (query.ids.empty()) return std::optional<SearchQuery>{};
    }
    if (!request.patients.empty()) {
        const auto patients = in_all(request.patients);
        if (patients.empty()) return std::optional<SearchQuery>{};
        if (patients.size() > 1) return fail(ErrorCode::kFhirSearch, "patient: one at a time");
        SALUS_TRY(query.subject, vault.subject_of_patient(patients.front()));
        if (!query.subject) return std::optional<SearchQuery>{};
    }
    for (const auto& group : request.terms) {
        auto& tokens = query.tokens.emplace_back();
        for (const SearchTerm& term : group) tokens.push_back(vault.token(term.parameter, term.value));
    }
    return std::optional(std::move(query));
}

Result<bool> hide(Vault& vault, HouseRules& rules, const Caller& caller, SearchQuery& query) {
    if (!rules.hides_from(caller)) return false;
    // A search for everything is not asked whom it finds: that is every patient, and few have objected.
    std::optional<std::vector<SubjectId>> among;
    if (query.subject || !query.ids.empty() || !query.tokens.empty()) {
        SALUS_TRY(among, vault.subjects(query));
    }
    SALUS_TRY(query.without, rules.unseen(caller, among));
    return !query.without.empty();
}

Result<Match> find_single(const FhirParts& parts, const Caller& caller, const std::string& type,
                          std::string_view condition) {
    SALUS_TRY(const auto request, parse_condition(condition));
    SALUS_TRY(auto query, to_query(parts.vault, request, {type}));
    Match match;
    if (!query) return match;
    SALUS_TRY(match.hidden, hide(parts.vault, parts.rules, caller, *query));
    query->count = 2;
    query->with_total = false;
    SALUS_TRY(auto page, parts.vault.search(*query));
    if (page.resources.size() > 1)
        return fail(ErrorCode::kFhirMultipleMatches, "more than one " + type + " matches the condition");
    if (!page.resources.empty()) match.found = std::move(page.resources.front().version);
    return match;
}

void claim_condition(Claims::Names& names, const std::string& type, std::string_view condition, ClaimMode mode) {
    const auto request = parse_condition(condition);
    SALUS_CHECK(request.has_value());
    for (const auto& group : request->terms)
        for (const SearchTerm& term : group) Claims::add(names, name_of_term(type, term), mode);
    for (const auto& group : request->ids)
        for (const std::string& id : group) Claims::add(names, claim_of(type, id), mode);
    // A condition on the patient alone may match any new resource of that type.
    if (request->terms.empty() && request->ids.empty()) Claims::add(names, type, mode);
}

void claim_terms(Claims::Names& names, const std::string& type, const std::vector<SearchTerm>& terms) {
    Claims::add(names, type, ClaimMode::kAdd);
    for (const SearchTerm& term : terms) Claims::add(names, name_of_term(type, term), ClaimMode::kAdd);
}

std::string claim_of(const std::string& type, const std::string& id) { return type + "/" + id; }

}  // namespace salus::application
