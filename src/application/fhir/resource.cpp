#include "application/fhir/resource.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "application/fhir/resource_types.hpp"

namespace salus::application {
namespace {

tl::unexpected<Error> not_fhir(std::string message) { return fail(ErrorCode::kFhirResource, std::move(message)); }

/// FHIR R4, json.html 2.6.2: no null member (only in arrays, where an extension stands in its place), nothing empty.
Status check_shape(JsonValue resource) {
    for (const JsonValue value : resource.inside()) {
        if (value.kind() == JsonKind::kNull && value.key_span().end != 0) return not_fhir("a member is null");
        if (value.is_object() && !(value.children().begin() != value.children().end()))
            return not_fhir("an object is empty");
        if (value.is_array() && !(value.children().begin() != value.children().end()))
            return not_fhir("an array is empty");
    }
    return {};
}

Status check_meta(JsonValue meta) {
    if (!meta.is_object()) return not_fhir("meta is not an object");
    for (const std::string_view name : {"versionId", "lastUpdated"})
        if (const auto member = meta.find(name); member && !member->is_string())
            return not_fhir(fmt::format("meta.{} is not a string", name));
    return {};
}

Status check_contained(JsonValue contained) {
    if (!contained.is_array()) return not_fhir("contained is not an array");
    for (const JsonValue inner : contained.children()) {
        const auto type = inner.text_at({"resourceType"});
        if (!type || find_resource_type(*type) == nullptr)
            return not_fhir("a contained resource has no resourceType that FHIR R4 knows");
        if (inner.find("contained")) return not_fhir("a contained resource contains another");
    }
    return {};
}

}  // namespace

bool is_fhir_id(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

Result<ResourceHead> read_head(JsonValue resource) {
    if (!resource.is_object()) return not_fhir("a resource is an object");
    const auto type = resource.text_at({"resourceType"});
    if (!type) return not_fhir("there is no resourceType");
    if (find_resource_type(*type) == nullptr) return not_fhir("FHIR R4 does not know that resourceType");
    ResourceHead head{*type, {}, {}};
    if (const auto id = resource.find("id")) {
        if (!id->is_string() || !is_fhir_id(id->text())) return not_fhir("id is not 1 to 64 of A-Z a-z 0-9 - .");
        head.id = id->text();
    }
    if (const auto meta = resource.find("meta")) {
        SALUS_TRY_STATUS(check_meta(*meta));
        head.version_id = meta->text_at({"versionId"});
    }
    if (const auto contained = resource.find("contained")) SALUS_TRY_STATUS(check_contained(*contained));
    SALUS_TRY_STATUS(check_shape(resource));
    return head;
}

Result<ResourceHead> read_head_for(JsonValue resource, std::string_view type, std::optional<std::string_view> id) {
    SALUS_TRY(auto head, read_head(resource));
    if (head.type != type) return not_fhir(fmt::format("the body is of type {}, the URL names {}", head.type, type));
    if (id && head.id != *id) return not_fhir("an update's body has the id that the URL names");
    return head;
}

}  // namespace salus::application
