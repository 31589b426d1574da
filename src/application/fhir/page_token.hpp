#pragma once

#include <optional>
#include <string>
#include <vector>

#include "application/access/caller.hpp"
#include "application/fhir/search_query.hpp"
#include "application/keys/key_store.hpp"

namespace salus::application {

/// Where a search goes on. Sealed into next links: opaque, and nothing to another caller or at another organisation.
struct PageToken {
    std::string type;               ///< of the URL; empty: of the whole base
    std::vector<FormField> fields;  ///< the search, without `page`
    std::uint64_t after = 0;
    std::optional<std::uint64_t> total;
};

Result<std::string> seal_page(KeyStore& keys, const Caller& caller, const PageToken& token);
/// Errors: kFhirSearch for what was not sealed here, for this caller
Result<PageToken> open_page(KeyStore& keys, const Caller& caller, std::string_view sealed);

}  // namespace salus::application
