#include "application/fhir/service.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <set>

#include "application/fhir/audit_trail.hpp"
#include "application/fhir/capability.hpp"
#include "application/fhir/conditions.hpp"
#include "application/fhir/exchange.hpp"
#include "application/fhir/outcome.hpp"
#include "application/fhir/reads.hpp"
#include "application/fhir/resource_types.hpp"
#include "application/fhir/writes.hpp"
#include "base/thrown.hpp"
#include "base/time_text.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;
using Segments = std::vector<std::string>;

constexpr std::size_t kRequestIdMax = 64;
constexpr std::size_t kEntitiesMax = 32;
/// What the reads of one Bundle may answer together.
constexpr std::size_t kReadBytesMax = std::size_t{64} << 20;

Result<std::uint64_t> version_of(const std::string& text) {
    std::uint64_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size() || version == 0 || version > (1ULL << 62))
        return fail(ErrorCode::kNotFound, "there is no such resource or version");
    return version;
}

/// Nothing where there is none, which is not an empty one.
std::optional<std::string_view> header_of(const HttpRequest& request, std::string_view name) {
    for (const auto& [known, value] : request.headers)
        if (known == name) return value;
    return std::nullopt;
}

Result<StoreRequest> store_request(const HttpRequest& request) {
    const std::string_view id = request.header("x-request-id");
    const auto known = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    if (id.size() > kRequestIdMax || !std::ranges::all_of(id, known))
        return fail(ErrorCode::kUsage, "x-request-id: at most 64 letters, digits and hyphens");
    return StoreRequest{std::string(id), crypto::sha256(request.body)};
}

ResponseEntry entry_of_error(const Error& error) {
    ResponseEntry entry;
    entry.response = {status_line(error_info(error.code).http_status), {}, {}, {}, operation_outcome(error)};
    return entry;
}

/// Without a fullUrl: of two reads of one resource it would be the same, which bdl-7 forbids.
ResponseEntry entry_of_read(Result<HttpResponse> response) {
    if (!response) return entry_of_error(response.error());
    ResponseEntry entry;
    entry.response = {status_line(response->status), {}, std::string(response->header("etag")), {}, {}};
    entry.resource = std::move(response->body);
    return entry;
}

/// Keeps what one request accesses, until its answer is ready.
class RequestAudit final : public AuditSink {
public:
    Status record(const AuditEntry& entry) override {
        entries.push_back(entry);
        return {};
    }
    void record_then(std::vector<AuditEntry> more, std::function<void(const Status&)> recorded) override {
        std::ranges::move(more, std::back_inserter(entries));
        recorded({});
    }
    std::vector<AuditEntry> entries;
};

/// One request.
class Visit {
public:
    /// `audit`: where accesses go. But what was stored stands, whatever becomes of the answer: it is recorded at once.
    Visit(const FhirParts& parts, AuditSink& audit) : parts_(parts), audit_(audit) {}

    Result<HttpResponse> route(const HttpRequest& request, const Caller& caller);

private:
    Result<HttpResponse> get(const HttpRequest& request, const Caller& caller, const Segments& path);
    Result<HttpResponse> post(const HttpRequest& request, const Caller& caller, const Segments& path);
    Result<HttpResponse> bundle(const HttpRequest& request, const Caller& caller);
    /// The answers to the Bundle's reads, at their places; nothing where an entry writes or has a fault.
    std::vector<std::optional<Result<HttpResponse>>> read_entries(const Bundle& bundle, const HttpRequest& request,
                                                                  const Caller& caller);
    [[nodiscard]] ResponseEntry entry_of_write(const Result<Stored>& result) const;
    [[nodiscard]] MadeResources* made(const Segments& path) const;
    Result<HttpResponse> write_one(const HttpRequest& request, const Caller& caller, const std::string& type,
                                   std::optional<std::string> id);
    Status may_write(const Caller& caller, AuditAction action, const std::string& what);
    Status record_writes(const Caller& caller, AuditAction action, const std::vector<Result<Stored>>& results,
                         const StoreRequest& request);
    Error refused(const Caller& caller, AuditAction action, const std::string& what, Error why);

    const FhirParts& parts_;
    AuditSink& audit_;
};

HttpResponse metadata_of(const FhirParts& parts) {
    return fhir_response(200, capability_statement({parts.base_url, parts.software_version, parts.started}));
}

/// Errors: kForbidden, recorded; also for a condition, which needs the right to read
Status Visit::may_write(const Caller& caller, AuditAction action, const std::string& what) {
    for (const bool writes : {true, false})
        if (const Status admitted = parts_.rules.admit(caller, writes); !admitted)
            return fail(refused(caller, action, what, admitted.error()));
    return {};
}

ResponseEntry Visit::entry_of_write(const Result<Stored>& result) const {
    if (!result) return entry_of_error(result.error());
    ResponseEntry entry;
    entry.full_url = parts_.base_url + "/" + result->type + "/" + result->id;
    entry.response = {
        status_line(result->status), result->location(), etag_of(result->version), to_iso_time(result->written_ms), {}};
    return entry;
}

Error Visit::refused(const Caller& caller, AuditAction action, const std::string& what, Error why) {
    const Status recorded = record_refused(audit_, {action, caller, {}, {what}, {}, {}}, why);
    return recorded ? std::move(why) : recorded.error();
}

Status Visit::record_writes(const Caller& caller, AuditAction action, const std::vector<Result<Stored>>& results,
                            const StoreRequest& request) {
    Access access{action, caller, {}, {}, {}, {}};
    std::set<SubjectId> subjects;
    for (const auto& result : results) {
        if (!result || result->status == 0) continue;
        if (result->subject != parts_.vault.own_subject()) subjects.insert(result->subject);
        if (access.entities.size() < kEntitiesMax) access.entities.push_back(result->location());
    }
    access.subjects.assign(subjects.begin(), subjects.end());
    access.detail = std::to_string(results.size()) + " entries" + (request.id.empty() ? "" : ", request " + request.id);
    return record_allowed(parts_.audit, std::move(access));
}

MadeResources* Visit::made(const Segments& path) const {
    if (path.empty()) return nullptr;
    return path[0] == "AuditEvent" ? &parts_.audit_events : path[0] == "Consent" ? &parts_.consents : nullptr;
}

std::vector<std::optional<Result<HttpResponse>>> Visit::read_entries(const Bundle& bundle, const HttpRequest& request,
                                                                     const Caller& caller) {
    std::vector<std::optional<Result<HttpResponse>>> out(bundle.entries.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const BundleEntry& entry = bundle.entries[i];
        if (!entry.reads()) continue;
        if (bytes > kReadBytesMax) {
            out[i] = fail(ErrorCode::kTooLarge, "the reads of this Bundle answer more than 64 MiB together");
            continue;
        }
        HttpRequest one{"GET", parts_.base_path + "/" + entry.path, {}, {}, {}};
        for (const FormField& field : entry.query) one.query.emplace_back(field.name, field.value);
        if (const auto preference = request.header("prefer"); !preference.empty())
            one.headers.emplace_back("prefer", preference);
        out[i] = get(one, caller, segments_below(parts_.base_path, one.path));
        if (out[i]->has_value()) bytes += out[i]->value().body.size();
    }
    return out;
}

/// FHIR R4, http.html 3.1.0.11.2: reads come last, and see what the Bundle has written. What stands cannot be undone: a
/// transaction's reads are therefore tried before anything is stored, and one that fails refuses the whole.
Result<HttpResponse> Visit::bundle(const HttpRequest& request, const Caller& caller) {
    if (const Status admitted = parts_.rules.admit(caller, false); !admitted)
        return fail(refused(caller, AuditAction::kBatch, "Bundle", admitted.error()));
    SALUS_TRY_STATUS(require_json(request));
    SALUS_TRY(const auto about, store_request(request));
    auto parsed = parse_bundle(request.body);
    if (!parsed) return fail(refused(caller, AuditAction::kBatch, "Bundle", parsed.error()));
    const bool transaction = parsed->kind == BundleKind::kTransaction;
    const bool writes = std::ranges::any_of(parsed->entries, &BundleEntry::writes);
    if (writes) SALUS_TRY_STATUS(may_write(caller, AuditAction::kBatch, "Bundle"));

    auto reads = transaction || !writes ? read_entries(*parsed, request, caller)
                                        : std::vector<std::optional<Result<HttpResponse>>>{};
    for (std::size_t i = 0; transaction && i < reads.size(); ++i)
        if (reads[i] && !reads[i]->has_value()) return fail(at_entry(i, reads[i]->error()));
    const auto results = store_bundle(parts_, caller, *parsed, about);
    if (!results) return fail(refused(caller, AuditAction::kBatch, "Bundle", results.error()));
    if (writes) {
        SALUS_TRY_STATUS(record_writes(caller, AuditAction::kBatch, *results, about));
        reads = read_entries(*parsed, request, caller);
    }

    ResponseBundle out;
    out.type = transaction ? "transaction-response" : "batch-response";
    for (std::size_t i = 0; i < results->size(); ++i) {
        if (!reads[i])
            out.entries.push_back(entry_of_write((*results)[i]));
        else
            out.entries.push_back(entry_of_read(*std::move(reads[i])));
    }
    return fhir_response(200, write_bundle(out));
}

Result<HttpResponse> Visit::write_one(const HttpRequest& request, const Caller& caller, const std::string& type,
                                      std::optional<std::string> id) {
    const AuditAction action = id ? AuditAction::kUpdate : AuditAction::kCreate;
    const std::string what = id ? type + "/" + *id : type;
    SALUS_TRY_STATUS(may_write(caller, action, what));
    if (find_resource_type(type) == nullptr) return fail(ErrorCode::kFhirType, "R4 has no such resource type");
    SALUS_TRY_STATUS(require_json(request));
    SALUS_TRY(const auto about, store_request(request));
    SALUS_TRY(const auto single, single_entry(request.body, type, std::move(id), header_of(request, "if-match"),
                                              header_of(request, "if-none-exist")));
    SALUS_TRY(auto results, store_bundle(parts_, caller, single, about));
    const auto& stored = results.front();
    if (!stored) return fail(refused(caller, action, what, stored.error()));
    SALUS_TRY_STATUS(record_writes(caller, action, results, about));
    SALUS_TRY(auto found, parts_.vault.find(stored->type, stored->id, stored->version));
    if (!found) return fail(ErrorCode::kInternal, "what was just stored is not there");
    if (prefers(request, "return=minimal")) found->body.clear();
    auto response = resource_response(stored->status, parts_.base_url, found->version, std::move(found->body));
    // Who created under a condition looks for the place of what there is, made now or not.
    if (action == AuditAction::kCreate && stored->status == 200)
        response.headers.emplace_back("location", response.header("content-location"));
    return response;
}

Result<HttpResponse> Visit::get(const HttpRequest& request, const Caller& caller, const Segments& path) {
    if (path.empty()) return search_resources(parts_, audit_, caller, request, {});
    if (path[0] == "metadata" && path.size() == 1) return metadata_of(parts_);
    if (MadeResources* resources = made(path)) {
        if (path.size() == 1) return resources->search(request, caller);
        if (path.size() == 2) return resources->read(path[1], caller);
        return fail(ErrorCode::kNotFound,
                    "the server makes these as they are asked for, and keeps no versions of them");
    }
    if (path.size() == 1) return search_resources(parts_, audit_, caller, request, path[0]);
    if (path.size() == 2) return read_resource(parts_, audit_, caller, path[0], path[1], {});
    if (path.size() == 3 && path[2] == "_history")
        return read_history(parts_, audit_, caller, request, path[0], path[1]);
    if (path.size() == 3 && path[2] == "$proof") return prove_resource(parts_, audit_, caller, path[0], path[1], {});
    if (path.size() >= 4 && path[2] == "_history") {
        SALUS_TRY(const auto version, version_of(path[3]));
        if (path.size() == 4) return read_resource(parts_, audit_, caller, path[0], path[1], version);
        if (path.size() == 5 && path[4] == "$proof")
            return prove_resource(parts_, audit_, caller, path[0], path[1], version);
    }
    return fail(ErrorCode::kNotFound, "there is nothing at this path");
}

Result<HttpResponse> Visit::post(const HttpRequest& request, const Caller& caller, const Segments& path) {
    if (path.empty()) return bundle(request, caller);
    if (path.size() == 1 && path[0] == "_search") return search_resources(parts_, audit_, caller, request, {});
    if (path.size() == 1) return write_one(request, caller, path[0], {});
    if (path.size() == 2 && path[1] == "_search") {
        if (MadeResources* resources = made(path)) return resources->search(request, caller);
        return search_resources(parts_, audit_, caller, request, path[0]);
    }
    return fail(ErrorCode::kMethodNotAllowed, "POST is for the base, a type, and _search");
}

Result<HttpResponse> Visit::route(const HttpRequest& request, const Caller& caller) {
    if (caller.organisation != parts_.vault.organisation())
        return fail(ErrorCode::kForbidden, "the caller is of another organisation");
    const Segments path = segments_below(parts_.base_path, request.path);
    if (request.method == "GET") return get(request, caller, path);
    if (request.method == "POST") return post(request, caller, path);
    if (request.method == "PUT" && path.size() == 2) return write_one(request, caller, path[0], path[1]);
    return fail(ErrorCode::kMethodNotAllowed, "this facade knows GET, POST and PUT; see metadata");
}

}  // namespace

void FhirService::handle(const HttpRequest& request, const Caller& caller, std::function<void(HttpResponse)> answer) {
    RequestAudit audit;
    HttpResponse response = respond(request, caller, audit);
    if (audit.entries.empty()) return answer(std::move(response));
    const std::size_t bytes = response.body.size();
    const auto wait = (held_ += bytes) > held_bytes_max_ ? std::make_shared<std::promise<void>>() : nullptr;
    parts_.audit.record_then(std::move(audit.entries),
                             [this, bytes, wait, answer = std::move(answer),
                              response = std::move(response)](const Status& recorded) mutable {
                                 answer(recorded ? std::move(response) : fhir_error(recorded.error()));
                                 held_ -= bytes;
                                 if (wait) wait->set_value();
                             });
    if (wait) wait->get_future().wait();
}

/// Whatever it comes to, what was accessed until then is in `audit`.
HttpResponse FhirService::respond(const HttpRequest& request, const Caller& caller, AuditSink& audit) const {
    try {
        auto routed = Visit(parts_, audit).route(request, caller);
        return routed ? *std::move(routed) : fhir_error(routed.error());
    } catch (const std::exception& thrown) {
        return fhir_error(Error{ErrorCode::kInternal, "a request threw " + type_of(thrown)});
    }
}

HttpResponse FhirService::metadata() const { return metadata_of(parts_); }

}  // namespace salus::application
