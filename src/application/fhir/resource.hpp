#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "application/fhir/document.hpp"

/// A FHIR resource as its client wrote it, and the members that the server sets in it. Source: spec "Leaf", digest
/// suite 1
namespace salus::application {

/// [A-Za-z0-9\-\.]{1,64}
[[nodiscard]] bool is_fhir_id(std::string_view text);

/// What a resource says of itself.
struct ResourceHead {
    std::string type;
    std::optional<std::string> id;
    std::optional<std::string> version_id;
};

/// Holds `resource` to what every FHIR resource is: an object with a known resourceType, an id of the right form, a
/// meta that is an object with strings for versionId and lastUpdated, contained resources in an array, no null member,
/// no empty object and no empty array. Elements of a type are not validated. Errors: kFhirResource
Result<ResourceHead> read_head(JsonValue resource);

/// read_head, and the resource may be written under `type` (and `id`): create passes no id, and a client's is ignored.
/// Errors: kFhirResource, also where type or id contradict the URL
Result<ResourceHead> read_head_for(JsonValue resource, std::string_view type, std::optional<std::string_view> id);

/// The members that the server sets.
struct ServerMembers {
    std::string id;
    std::string version_id;
    std::string last_updated;  ///< a FHIR instant
};

/// New text for a string of the document.
struct Replacement {
    Span span;  ///< of the string token, quotes included
    std::string text;
};

/// The bytes that are stored: the client's, with `id`, `meta.versionId` and `meta.lastUpdated` set (where they stand,
/// or else id behind resourceType, meta behind id, the two at the front of meta) and the strings at `replacements`
/// replaced; every other byte as it was.
/// Pre: `resource` passed read_head; `replacements` in order, disjoint; those outside `resource` do not count
Bytes splice(JsonValue resource, const ServerMembers& members, std::span<const Replacement> replacements = {});

/// Equal for two resources that differ only in what the server sets and in white space between tokens:
/// SHA-256("salus.fhir.content.v1" || text), where text is the resource's tokens in the client's order, as the client
/// wrote them but for `replacements`, without white space between them, and without the members `id`, `meta.versionId`,
/// `meta.lastUpdated`, and `meta` where nothing else is in it. "Same content as the last version: no new version."
Hash content_digest(JsonValue resource, std::span<const Replacement> replacements = {});

}  // namespace salus::application
