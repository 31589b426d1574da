#pragma once

#include <optional>
#include <string>
#include <vector>

#include "application/fhir/search_query.hpp"
#include "application/fhir/service.hpp"
#include "application/vault/claims.hpp"
#include "application/vault/vault.hpp"

/// From the words of a search to what the vault finds. Shared by searches, If-None-Exist and conditional references.
namespace salus::application {

/// Nothing where it can match nothing (a patient nobody knows; two ids that must both hold).
/// Errors: kFhirSearch for alternatives of more than one patient; those of the vault
Result<std::optional<SearchQuery>> to_query(Vault& vault, const SearchRequest& request, std::vector<std::string> types);

/// Takes out of the search whom the caller does not see: what is counted, paged and found is the same as without them.
/// True where somebody was taken out; where the search names no patient, id or token, also somebody whom it does not
/// find.
Result<bool> hide(Vault& vault, HouseRules& rules, const Caller& caller, SearchQuery& query);

struct Match {
    std::optional<StoredVersion> found;
    bool hidden = false;  ///< something else matches that the caller does not see
};
/// The resource of that type which alone matches, of those that the caller sees.
/// Errors: kFhirMultipleMatches, kFhirSearch
Result<Match> find_single(const FhirParts& parts, const Caller& caller, const std::string& type,
                          std::string_view condition);

/// The names under which a condition is claimed: nobody adds or changes what it may match meanwhile. Pre: it parses
void claim_condition(Claims::Names& names, const std::string& type, std::string_view condition, ClaimMode mode);
/// Those of a resource that is stored: its type, and its terms.
void claim_terms(Claims::Names& names, const std::string& type, const std::vector<SearchTerm>& terms);
/// That of one resource.
std::string claim_of(const std::string& type, const std::string& id);

}  // namespace salus::application
