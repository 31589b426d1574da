#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "application/fhir/document.hpp"
#include "application/fhir/resource.hpp"

namespace salus::application {

enum class ReferenceKind {
    kRelative,     ///< Patient/123, Patient/123/_history/2
    kAbsolute,     ///< https://host/base/Patient/123, or any other URL
    kUrn,          ///< urn:uuid:..., urn:oid:...
    kContained,    ///< #id
    kConditional,  ///< Practitioner?identifier=system|value
    kOther,        ///< nothing that FHIR R4 knows
};

/// A literal reference, taken apart. Source: FHIR R4, references.html 2.3.0.1; http.html "Conditional references"
struct Reference {
    ReferenceKind kind{};
    Span span;          ///< of the string token, quotes included
    std::string text;   ///< as written, unescaped
    std::string type;   ///< relative, conditional, and an absolute one that ends in Type/id
    std::string id;     ///< relative, absolute likewise
    std::string query;  ///< conditional: what follows the question mark
    /// A Reference.reference. Otherwise a link (a member url, valueUri, valueUrl, valueUuid or valueOid) that is a
    /// urn:uuid or urn:oid: it is replaced where an entry has it as fullUrl, and may stand for anything else as well.
    bool is_reference = true;
};

/// Takes one reference apart; never fails, see kOther.
Reference read_reference(std::string_view text, Span span = {});

/// Every Reference.reference in the resource (contained resources and extensions too) and every urn link, in the order
/// of the bytes. Identifiers stay data, urn:uuid or not.
std::vector<Reference> references_of(JsonValue resource);

/// The reference as it will be stored: what `replacements` put in its place, or else its own text.
Reference resolved(const Reference& reference, std::span<const Replacement> replacements);

}  // namespace salus::application
