#include "application/fhir/service.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "application/fhir/audit_trail.hpp"
#include "application/fhir/capability.hpp"
#include "application/fhir/conditions.hpp"
#include "application/fhir/exchange.hpp"
#include "application/fhir/outcome.hpp"
#include "application/fhir/reads.hpp"
#include "application/fhir/resource_types.hpp"
#include "application/fhir/writes.hpp"
#include "base/time_text.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;
using Segments = std::vector<std::string>;

constexpr std::size_t kRequestIdMax = 64;
constexpr std::size_t kEntitiesMax = 32;

Result<std::uint64_t> version_of(const std::string& text) {
    std::uint64_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size() || version == 0 || version > (1ULL << 62))
        return fail(ErrorCode::kNotFound, "there is no such resource or version");
    return version;
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

}  // namespace

class FhirService::Impl {
public:
    explicit Impl(FhirParts parts) : parts_(std::move(parts)) {}

    Result<HttpResponse> route(const HttpRequest& request, const Caller& caller);
    [[nodiscard]] HttpResponse metadata() const {
        return fhir_response(200, capability_statement({parts_.base_url, parts_.software_version, parts_.started}));
    }

private:
    Result<HttpResponse> get(const HttpRequest& request, const Caller& caller, const Segments& path);
    Result<HttpResponse> post(const HttpRequest& request, const Caller& caller, const Segments& path);
    Result<HttpResponse> bundle(const HttpRequest& request, const Caller& caller);
    Result<HttpResponse> write_one(const HttpRequest& request, const Caller& caller, const std::string& type,
                                   std::optional<std::string> id);
    Status may_write(const Caller& caller, AuditAction action, const std::string& what);
    Status record_writes(const Caller& caller, AuditAction action, const std::vector<Result<Stored>>& results,
                         const StoreRequest& request);
    Error refused(const Caller& caller, AuditAction action, const std::string& what, Error why);

    FhirParts parts_;
};

/// Errors: kForbidden, recorded; also for a condition, which needs the right to read
Status FhirService::Impl::may_write(const Caller& caller, AuditAction action, const std::string& what) {
    for (const bool writes : {true, false})
        if (const Status admitted = parts_.rules.admit(caller, writes); !admitted)
            return fail(refused(caller, action, what, admitted.error()));
    return {};
}

Error FhirService::Impl::refused(const Caller& caller, AuditAction action, const std::string& what, Error why) {
    const Status recorded = record_refused(parts_.audit, {action, caller, {}, {what}, {}, {}}, why);
    return recorded ? std::move(why) : recorded.error();
}

Status FhirService::Impl::record_writes(const Caller& caller, AuditAction action,
                                        const std::vector<Result<Stored>>& results, const StoreRequest& request) {
    Access access{action, caller, {}, {}, {}, {}};
    std::set<SubjectId> subjects;
    for (const auto& result : results) {
        if (!result) continue;
        if (result->subject != parts_.vault.own_subject()) subjects.insert(result->subject);
        if (access.entities.size() < kEntitiesMax) access.entities.push_back(result->location());
    }
    access.subjects.assign(subjects.begin(), subjects.end());
    access.detail = std::to_string(results.size()) + " entries" + (request.id.empty() ? "" : ", request " + request.id);
    return record_allowed(parts_.audit, std::move(access));
}

Result<HttpResponse> FhirService::Impl::bundle(const HttpRequest& request, const Caller& caller) {
    SALUS_TRY_STATUS(may_write(caller, AuditAction::kBatch, "Bundle"));
    SALUS_TRY_STATUS(require_json(request));
    SALUS_TRY(const auto about, store_request(request));
    auto parsed = parse_bundle(request.body);
    if (!parsed) return fail(refused(caller, AuditAction::kBatch, "Bundle", parsed.error()));
    const auto results = store_bundle(parts_, *parsed, about);
    if (!results) return fail(refused(caller, AuditAction::kBatch, "Bundle", results.error()));
    SALUS_TRY_STATUS(record_writes(caller, AuditAction::kBatch, *results, about));

    ResponseBundle out;
    out.type = parsed->kind == BundleKind::kTransaction ? "transaction-response" : "batch-response";
    for (const auto& result : *results) {
        ResponseEntry& entry = out.entries.emplace_back();
        if (result) {
            entry.full_url = parts_.base_url + "/" + result->type + "/" + result->id;
            entry.response = {status_line(result->status),
                              result->location(),
                              etag_of(result->version),
                              to_iso_time(result->written_ms),
                              {}};
        } else {
            entry.response = {status_line(error_info(result.error().code).http_status),
                              {},
                              {},
                              {},
                              operation_outcome(result.error())};
        }
    }
    return fhir_response(200, write_bundle(out));
}

Result<HttpResponse> FhirService::Impl::write_one(const HttpRequest& request, const Caller& caller,
                                                  const std::string& type, std::optional<std::string> id) {
    const AuditAction action = id ? AuditAction::kUpdate : AuditAction::kCreate;
    const std::string what = id ? type + "/" + *id : type;
    SALUS_TRY_STATUS(may_write(caller, action, what));
    if (find_resource_type(type) == nullptr) return fail(ErrorCode::kFhirType, "R4 has no such resource type");
    SALUS_TRY_STATUS(require_json(request));
    SALUS_TRY(const auto about, store_request(request));
    SALUS_TRY(const auto single, single_entry(request.body, type, std::move(id), request.header("if-match"),
                                              request.header("if-none-exist")));
    SALUS_TRY(auto results, store_bundle(parts_, single, about));
    const auto& stored = results.front();
    if (!stored) return fail(refused(caller, action, what, stored.error()));
    SALUS_TRY_STATUS(record_writes(caller, action, results, about));
    SALUS_TRY(auto found, parts_.vault.find(stored->type, stored->id, stored->version));
    if (!found) return fail(ErrorCode::kInternal, "what was just stored is not there");
    if (prefers(request, "return=minimal")) found->body.clear();
    return resource_response(stored->status, parts_.base_url, found->version, std::move(found->body));
}

Result<HttpResponse> FhirService::Impl::get(const HttpRequest& request, const Caller& caller, const Segments& path) {
    if (path.empty()) return search_resources(parts_, caller, request, {});
    if (path[0] == "AuditEvent" && parts_.audit_events != nullptr) return parts_.audit_events->search(request, caller);
    if (path.size() == 1) return search_resources(parts_, caller, request, path[0]);
    if (path.size() == 2) return read_resource(parts_, caller, path[0], path[1], {});
    if (path.size() == 3 && path[2] == "_history") return read_history(parts_, caller, request, path[0], path[1]);
    if (path.size() == 3 && path[2] == "$proof") return prove_resource(parts_, caller, path[0], path[1], {});
    if (path.size() >= 4 && path[2] == "_history") {
        SALUS_TRY(const auto version, version_of(path[3]));
        if (path.size() == 4) return read_resource(parts_, caller, path[0], path[1], version);
        if (path.size() == 5 && path[4] == "$proof") return prove_resource(parts_, caller, path[0], path[1], version);
    }
    return fail(ErrorCode::kNotFound, "there is nothing at this path");
}

Result<HttpResponse> FhirService::Impl::post(const HttpRequest& request, const Caller& caller, const Segments& path) {
    if (path.empty()) return bundle(request, caller);
    if (path.size() == 1 && path[0] == "_search") return search_resources(parts_, caller, request, {});
    if (path.size() == 1) return write_one(request, caller, path[0], {});
    if (path.size() == 2 && path[1] == "_search") return search_resources(parts_, caller, request, path[0]);
    return fail(ErrorCode::kMethodNotAllowed, "POST is for the base, a type, and _search");
}

Result<HttpResponse> FhirService::Impl::route(const HttpRequest& request, const Caller& caller) {
    if (caller.organisation != parts_.vault.organisation())
        return fail(ErrorCode::kForbidden, "the caller is of another organisation");
    const Segments path = segments_below(parts_.base_path, request.path);
    if (path.size() == 1 && path[0] == "metadata" && request.method == "GET") return metadata();
    if (request.method == "GET") return get(request, caller, path);
    if (request.method == "POST") return post(request, caller, path);
    if (request.method == "PUT" && path.size() == 2) return write_one(request, caller, path[0], path[1]);
    return fail(ErrorCode::kMethodNotAllowed, "this facade knows GET, POST and PUT; see metadata");
}

FhirService::FhirService(FhirParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
FhirService::~FhirService() = default;

HttpResponse FhirService::handle(const HttpRequest& request, const Caller& caller) {
    auto response = impl_->route(request, caller);
    return response ? *std::move(response) : fhir_error(response.error());
}

HttpResponse FhirService::metadata() const { return impl_->metadata(); }

}  // namespace salus::application
