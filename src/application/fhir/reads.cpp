#include "application/fhir/reads.hpp"

#include <set>

#include "application/fhir/audit_trail.hpp"
#include "application/fhir/conditions.hpp"
#include "application/fhir/page_token.hpp"
#include "application/fhir/resource.hpp"
#include "application/fhir/resource_types.hpp"
#include "base/time_text.hpp"
#include "model/contracts/records.hpp"
#include "model/evidence.hpp"
#include "network/evidence_builder.hpp"

namespace salus::application {
namespace {

std::string name_of(const StoredVersion& version) {
    return version.type + "/" + version.id + "/_history/" + std::to_string(version.version);
}

/// A refusal or an absence on its way to the caller, recorded.
template <class Value>
Result<Value> refuse(AuditSink& audit, Access access, Error why) {
    SALUS_TRY_STATUS(record_refused(audit, std::move(access), why));
    return tl::make_unexpected(std::move(why));
}

/// What stands under that name for this caller. Errors: kNotFound, recorded
Result<StoredResource> find_for(const FhirParts& parts, AuditSink& audit, const Caller& caller, AuditAction action,
                                const std::string& type, const std::string& id, std::optional<std::uint64_t> version) {
    Access access{action, caller, {}, {type + "/" + id}, {}, {}};
    if (const Status admitted = parts.rules.admit(caller, false); !admitted)
        return refuse<StoredResource>(audit, std::move(access), admitted.error());
    if (find_resource_type(type) == nullptr) return fail(ErrorCode::kFhirType, "R4 has no such resource type");
    SALUS_TRY(auto found, parts.vault.find(type, id, version));
    bool visible = false;
    if (found) {
        SALUS_TRY(visible, parts.rules.sees(caller, found->version.subject));
        access.subjects = {found->version.subject};
    }
    if (!visible)
        return refuse<StoredResource>(audit, std::move(access),
                                      Error(ErrorCode::kNotFound, "there is no such resource or version"));
    access.entities = {name_of(found->version)};
    SALUS_TRY_STATUS(record_allowed(audit, std::move(access)));
    return *std::move(found);
}

ResponseEntry match_entry(const FhirParts& parts, StoredResource resource) {
    ResponseEntry entry;
    entry.full_url = parts.base_url + "/" + resource.version.type + "/" + resource.version.id;
    entry.resource = std::move(resource.body);
    entry.search_mode = "match";
    return entry;
}

/// The search that is asked for: as written, or where a next link left off.
struct SearchPlace {
    std::string type;
    SearchRequest request;
    PageToken page;
};

Result<SearchPlace> place_of(const FhirParts& parts, const Caller& caller, const transport::HttpRequest& request,
                             const std::string& type) {
    const auto handling = prefers(request, "handling=strict") ? SearchHandling::kStrict : SearchHandling::kLenient;
    SALUS_TRY(const auto fields, fields_of(request));
    SearchPlace place;
    place.type = type;
    SALUS_TRY(place.request, parse_search(fields, handling));
    if (place.request.page.empty()) return place;
    SALUS_TRY(place.page, open_page(parts.vault.keys(), caller, place.request.page));
    if (place.page.type != type) return fail(ErrorCode::kFhirSearch, "page: of another search");
    SALUS_TRY(place.request, parse_search(place.page.fields, SearchHandling::kLenient));
    return place;
}

Result<SearchPage> run_search(const FhirParts& parts, const Caller& caller, const SearchPlace& place) {
    const auto types = place.type.empty() ? place.request.types : std::vector<std::string>{place.type};
    SALUS_TRY(auto query, to_query(parts.vault, place.request, types));
    if (!query) return SearchPage{};
    query->after = place.page.after;
    query->with_total = !place.page.total;
    SALUS_TRY_STATUS(hide(parts.vault, parts.rules, caller, *query));
    if (place.request.summary_count) {
        SearchPage page;
        SALUS_TRY(page.total, parts.vault.count(*query));
        return page;
    }
    return parts.vault.search(*query);
}

/// The parameters that FHIR knows for what the URL says already.
Status check_types(const SearchPlace& place) {
    for (const std::string& type : place.request.types)
        if (find_resource_type(type) == nullptr) return fail(ErrorCode::kFhirSearch, "_type: R4 has no such type");
    if (!place.type.empty() && find_resource_type(place.type) == nullptr)
        return fail(ErrorCode::kFhirType, "R4 has no such resource type");
    return {};
}

std::vector<SubjectId> subjects_of(const std::vector<StoredResource>& resources, const SubjectId& own) {
    std::set<SubjectId> subjects;
    for (const StoredResource& resource : resources)
        if (resource.version.subject != own) subjects.insert(resource.version.subject);
    return {subjects.begin(), subjects.end()};
}

}  // namespace

Result<transport::HttpResponse> read_resource(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                              const std::string& type, const std::string& id,
                                              std::optional<std::uint64_t> version) {
    SALUS_TRY(auto found,
              find_for(parts, audit, caller, version ? AuditAction::kVread : AuditAction::kRead, type, id, version));
    return resource_response(200, parts.base_url, found.version, std::move(found.body));
}

Result<transport::HttpResponse> read_history(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                             const transport::HttpRequest& request, const std::string& type,
                                             const std::string& id) {
    SALUS_TRY(const auto current, find_for(parts, audit, caller, AuditAction::kHistory, type, id, {}));
    const std::string path = type + "/" + id + "/_history";
    SALUS_TRY(const auto place, place_of(parts, caller, request, path));
    SALUS_TRY(auto versions,
              parts.vault.history(type, id, place.page.after, std::max<std::size_t>(place.request.count, 1)));
    ResponseBundle bundle{
        "history", current.version.version, search_link(parts.base_url + "/" + path, place.request.applied), {}, {}};
    if (!versions.empty() && versions.back().version.version > 1) {
        SALUS_TRY(const auto page, seal_page(parts.vault.keys(), caller,
                                             {path, place.request.applied, versions.back().version.version, {}}));
        bundle.next_link = search_link(parts.base_url + "/" + path, {}, page);
    }
    for (StoredResource& resource : versions) {
        const StoredVersion v = resource.version;
        ResponseEntry entry = match_entry(parts, std::move(resource));
        entry.search_mode.clear();
        entry.request = {v.version == 1 ? "POST" : "PUT", v.version == 1 ? v.type : v.type + "/" + v.id};
        entry.response = {
            status_line(v.version == 1 ? 201 : 200), name_of(v), etag_of(v.version), to_iso_time(v.written_ms), {}};
        bundle.entries.push_back(std::move(entry));
    }
    return fhir_response(200, write_bundle(bundle));
}

Result<transport::HttpResponse> search_resources(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                                 const transport::HttpRequest& request, const std::string& type) {
    SALUS_TRY(const auto place, place_of(parts, caller, request, type));
    Access access{AuditAction::kSearch,
                  caller,
                  {},
                  {},
                  (type.empty() ? std::string() : type + "?") + encode_form(place.request.applied),
                  {}};
    if (const Status admitted = parts.rules.admit(caller, false); !admitted)
        return refuse<transport::HttpResponse>(audit, std::move(access), admitted.error());
    SALUS_TRY_STATUS(check_types(place));
    SALUS_TRY(auto page, run_search(parts, caller, place));
    access.subjects = subjects_of(page.resources, parts.vault.own_subject());
    SALUS_TRY_STATUS(record_allowed(audit, std::move(access)));

    const std::string url = type.empty() ? parts.base_url : parts.base_url + "/" + type;
    ResponseBundle bundle{"searchset",
                          place.page.total ? *place.page.total : page.total,
                          search_link(url, place.request.applied),
                          {},
                          {}};
    if (page.next) {
        SALUS_TRY(const auto token,
                  seal_page(parts.vault.keys(), caller, {type, place.request.applied, *page.next, bundle.total}));
        bundle.next_link = search_link(url, {}, token);
    }
    for (StoredResource& resource : page.resources) bundle.entries.push_back(match_entry(parts, std::move(resource)));
    return fhir_response(200, write_bundle(bundle));
}

Result<transport::HttpResponse> prove_resource(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                               const std::string& type, const std::string& id,
                                               std::optional<std::uint64_t> version) {
    SALUS_TRY(auto found, find_for(parts, audit, caller, AuditAction::kVread, type, id, version));
    SALUS_TRY(const auto opened, parts.vault.open_leaf(found.version));
    auto builder = network::EvidenceBuilder::begin(parts.ledger, parts.ledger.view());
    if (!builder) return fail(ErrorCode::kUnavailable, "no certified block to prove it under yet", builder.error());
    SALUS_TRY_STATUS(builder->record(opened.opening, std::move(found.body)));
    transport::HttpResponse response{
        200, {{"content-type", "application/vnd.salus.evidence"}}, to_evidence_file(builder->take())};
    return response;
}

}  // namespace salus::application
