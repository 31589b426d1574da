#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "application/fhir/document.hpp"

/// Search parameters, and what is indexed so that they find it. Source: FHIR R4, search.html
namespace salus::application {

/// A parameter and a value in the form that both the index and a query use. What the vault hashes (Vault::token).
struct SearchTerm {
    std::string parameter;
    std::string value;
    auto operator<=>(const SearchTerm&) const = default;
};

struct FormField {
    std::string name;
    std::string value;
    auto operator<=>(const FormField&) const = default;
};

/// A query string or a form body, percent-decoded: a=1&b=2. Empty fields are skipped.
/// Errors: kFhirSearch: an escape that is none, bytes that are not UTF-8, more than 64 fields or 16 KiB
Result<std::vector<FormField>> decode_form(std::string_view form);
/// The reverse, for links.
std::string encode_form(std::span<const FormField> fields);

/// Prefer: handling=strict|lenient
enum class SearchHandling { kLenient, kStrict };

inline constexpr std::size_t kSearchCountDefault = 50;
inline constexpr std::size_t kSearchCountMax = 1'000;

struct SearchRequest {
    /// _id: every group must hold, one alternative of each suffices.
    std::vector<std::vector<std::string>> ids;
    /// patient, subject: logical ids of Patients, likewise.
    std::vector<std::vector<std::string>> patients;
    /// identifier: likewise.
    std::vector<std::vector<SearchTerm>> terms;
    std::vector<std::string> types;  ///< _type; empty: all, or that of the URL
    std::size_t count = kSearchCountDefault;
    bool summary_count = false;        ///< _summary=count, or _count=0
    std::string page;                  ///< `page`: the token of a next link, opaque; empty on the first page
    std::vector<std::string> ignored;  ///< parameters that are not known (lenient), each once
    std::vector<FormField> applied;    ///< what was understood, for the self link; without `page`
};

/// Known: _id, _type, identifier, patient, subject (with :Patient), _count, _summary (count, false), page, _format
/// (json). Commas separate alternatives, a backslash takes the meaning of "," "|" "$" and "\" away.
/// Errors: kFhirSearch: an unknown parameter under kStrict; a modifier or a value that is not understood, under both
Result<SearchRequest> parse_search(std::span<const FormField> fields, SearchHandling handling);

/// One identifier of one system, "system|value" escaped as in a search. Errors: kFhirSearch where either is missing
Result<SearchTerm> certain_identifier(std::string_view text);

/// The criteria of If-None-Exist or of a conditional reference: strict, and at least one of _id, identifier, patient.
/// Errors: kFhirSearch
Result<SearchRequest> parse_condition(std::string_view query);

/// What to index for a resource: `identifier` as "system|value", "|value" (without a system), "system|" and "value"
/// (bars inside them marked). Values are taken as they are: identifiers are case-sensitive (FHIR R4, token). Whose a
/// resource is needs no term, for it stands in the subject's chain. Sorted, each once.
/// Pre: the resource passed read_head
std::vector<SearchTerm> terms_of(JsonValue resource);

/// The self link and the one to the next page: base?field=value&...&page=token.
std::string search_link(std::string_view base, std::span<const FormField> applied, std::string_view page = {});

}  // namespace salus::application
