#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "application/fhir/document.hpp"
#include "application/fhir/references.hpp"

/// Whose a resource is. Source: spec "Rules for resources"; FHIR R4, compartmentdefinition-patient.html
namespace salus::application {

enum class OwnedBy {
    kPatient,       ///< it names a patient, or is refused
    kOrganisation,  ///< whatever it names
    kEither,        ///< the patient it names, else the organisation (Device, Schedule, ...)
    kTarget,        ///< whoever owns what it names (Provenance, Binary), which it must
    kServer,        ///< made by the server alone (AuditEvent, Consent)
    kNobody,        ///< carried, never stored (Bundle, Parameters, OperationOutcome)
};

struct ResourceType {
    std::string_view name;
    OwnedBy owned_by;
    /// Where the patient is named, most telling first, separated by blanks; dots lead into objects and through arrays.
    std::string_view paths;
};

/// The resource types of FHIR R4 (4.0.1), sorted by name.
std::span<const ResourceType> resource_types() noexcept;
/// Nothing for a name that R4 does not know.
const ResourceType* find_resource_type(std::string_view name) noexcept;

struct Owner {
    enum class Kind {
        kPatient,       ///< the Patient that `reference` names
        kSelf,          ///< a Patient: it is the subject
        kOrganisation,  ///< the organisation
        kSameAs,  ///< whoever owns the resource that `reference` names (Provenance.target, Binary.securityContext)
    };
    Kind kind{};
    std::optional<Reference> reference;  ///< as the client wrote it: perhaps a urn:uuid, or conditional
};

/// Whose chain the resource stands in. Of several patients the first one named at the most telling place owns it
/// (mother and newborn: one owner). `replacements` tells which Patient a urn:uuid or a conditional reference stands
/// for; a urn:uuid that it does not mention is taken for whatever type the element allows. Pre:    the resource passed
/// read_head Errors: kFhirOwner: a patient's resource that names none, or only a contained or logical one; a type that
/// no client
///         stores
Result<Owner> owner_of(JsonValue resource, std::span<const Replacement> replacements = {});

}  // namespace salus::application
