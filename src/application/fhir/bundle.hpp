#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "application/fhir/document.hpp"
#include "application/fhir/references.hpp"
#include "application/fhir/resource.hpp"
#include "application/fhir/search_query.hpp"

/// A transaction or a batch, read before anything is stored. Source: FHIR R4, http.html 3.1.0.11
namespace salus::application {

enum class BundleKind { kTransaction, kBatch };
enum class EntryMethod { kCreate, kUpdate, kRead };  ///< POST Type, PUT Type/id, GET whatever the facade reads

struct BundleEntry {
    std::string full_url;  ///< empty where there is none
    std::optional<JsonValue> resource;
    EntryMethod method{};
    ResourceHead head;
    std::string id;                            ///< kUpdate: from request.url
    std::optional<std::string> if_none_exist;  ///< kCreate: the query, without "Type?"
    std::optional<std::string> if_match;       ///< kUpdate: as written, W/"3" or *
    std::string path;                          ///< kRead: below the base, "Patient/1/_history"
    std::vector<FormField> query;              ///< kRead
    std::vector<Reference> references;
    std::optional<Error> fault;  ///< a batch's entry that will not be tried; nothing above but full_url counts then

    [[nodiscard]] bool writes() const { return !fault && method != EntryMethod::kRead; }
    [[nodiscard]] bool reads() const { return !fault && method == EntryMethod::kRead; }
};

struct Bundle {
    Document document;
    BundleKind kind{};
    std::vector<BundleEntry> entries;
};

/// Supported: POST Type (with ifNoneExist), PUT Type/id (with ifMatch) and GET of what is FHIR (no $proof). HEAD,
/// DELETE, PATCH, conditional updates and conditional reads are refused by name. Refused too: an entry without request,
/// or a write without resource; a fullUrl twice; a request.url of another type or id than the resource's; one id
/// updated twice; a urn:uuid reference that no entry has as its fullUrl (in a batch: any, for its entries know nothing
/// of each other). Errors: kJson, kTooLarge; kFhirBundle, kFhirResource, kFhirReference, kUnsupported. What concerns an
/// entry begins with
///         "Bundle.entry[3]: "; in a transaction it refuses the whole, in a batch it is that entry's fault.
Result<Bundle> parse_bundle(Bytes bytes, const DocumentLimits& limits = {}, std::size_t entries_max = 20'000);
/// The same from a document that is parsed already.
Result<Bundle> read_bundle(Document document, std::size_t entries_max = 20'000);

/// "Bundle.entry[3]: " in front of the message; read back by operation_outcome.
Error at_entry(std::size_t entry, const Error& error);

/// The logical ids that a bundle's entries get, and what their fullUrls stand for.
struct Assignment {
    std::vector<std::string> ids;                             ///< of each entry; empty for one with a fault
    std::map<std::string, std::string, std::less<>> targets;  ///< fullUrl -> Type/id
};

/// `found[i]` is the id that entry i's If-None-Exist matched, if any: then the entry creates nothing and its fullUrl
/// stands for what was found. A create without a match gets new_id(), an update keeps its own.
/// Pre: found.size() == entries.size()
Assignment assign_ids(const Bundle& bundle, std::span<const std::optional<std::string>> found,
                      const std::function<std::string()>& new_id);

/// "Type/id" of what a conditional reference matches.
using ResolveCondition = std::function<Result<std::string>(const Reference& reference)>;

/// What splice() puts for the entry's references: those to fullUrls of a transaction (also absolute ones), and the
/// conditional ones as `resolve` says. Others stay.
/// Errors: those of `resolve`, with the entry named
Result<std::vector<Replacement>> replacements_for(const Bundle& bundle, std::size_t entry, const Assignment& assignment,
                                                  const ResolveCondition& resolve);

/// The order in which the entries are stored: what belongs to the organisation, then Patients, then the rest, each in
/// the bundle's order; last what belongs to whoever owns what it names (Provenance), behind what it names. Reads and
/// those with a fault are left out.
std::vector<std::size_t> storing_order(const Bundle& bundle);

}  // namespace salus::application
