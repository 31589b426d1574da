#pragma once

#include <optional>
#include <string>
#include <vector>

#include "application/fhir/search_query.hpp"
#include "application/vault/claims.hpp"
#include "application/vault/vault.hpp"

/// From the words of a search to what the vault finds. Shared by searches, If-None-Exist and conditional references.
namespace salus::application {

/// Nothing where it can match nothing (a patient nobody knows; two ids that must both hold).
/// Errors: kFhirSearch for alternatives of more than one patient; those of the vault
Result<std::optional<SearchQuery>> to_query(Vault& vault, const SearchRequest& request, std::vector<std::string> types);

/// The resource of that type which alone matches; nothing where none does.
/// Errors: kFhirMultipleMatches, kFhirSearch
Result<std::optional<StoredVersion>> find_single(Vault& vault, const std::string& type, std::string_view condition);

/// The names under which a condition is claimed: nobody adds or changes what it may match meanwhile. Pre: it parses
void claim_condition(Claims::Names& names, const std::string& type, std::string_view condition, ClaimMode mode);
/// Those of a resource that is stored: its type, and its terms.
void claim_terms(Claims::Names& names, const std::string& type, const std::vector<SearchTerm>& terms);
/// That of one resource.
std::string claim_of(const std::string& type, const std::string& id);

}  // namespace salus::application
