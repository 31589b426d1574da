#pragma once

#include <string>
#include <vector>

#include "application/fhir/response_bundle.hpp"
#include "application/fhir/search_query.hpp"
#include "application/vault/vault.hpp"
#include "transport/http.hpp"

/// HTTP as FHIR uses it. Source: FHIR R4, http.html
namespace salus::application {

/// Where a request leads below the base: {"Patient", "7f..", "_history", "2"}.
std::vector<std::string> segments_below(std::string_view base_path, std::string_view path);

transport::HttpResponse fhir_response(unsigned status, Bytes body);
/// With the status that the table of errors gives it.
transport::HttpResponse fhir_error(const Error& error);
/// "201 Created"
std::string status_line(unsigned status);

/// Errors: kUnsupportedMediaType for a body that is not said to be FHIR JSON
Status require_json(const transport::HttpRequest& request);
/// Prefer: handling=strict; return=minimal
bool prefers(const transport::HttpRequest& request, std::string_view what);

/// The fields of the URL, and of a form that was posted to _search. Errors: kUnsupportedMediaType, kFhirSearch
Result<std::vector<FormField>> fields_of(const transport::HttpRequest& request);

/// A stored resource as an answer: its bytes untouched, ETag, Location of that version.
transport::HttpResponse resource_response(unsigned status, std::string_view base_url, const StoredVersion& version,
                                          Bytes body);

}  // namespace salus::application
