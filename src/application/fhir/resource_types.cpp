#include "application/fhir/resource_types.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace salus::application {
namespace {

constexpr std::array kTypes = std::to_array<ResourceType>({
    {"Account", OwnedBy::kEither, "subject"},
    {"ActivityDefinition", OwnedBy::kOrganisation, ""},
    {"AdverseEvent", OwnedBy::kPatient, "subject"},
    {"AllergyIntolerance", OwnedBy::kPatient, "patient"},
    {"Appointment", OwnedBy::kEither, "participant.actor"},
    {"AppointmentResponse", OwnedBy::kEither, "actor"},
    {"AuditEvent", OwnedBy::kServer, ""},
    {"Basic", OwnedBy::kEither, "subject"},
    {"Binary", OwnedBy::kTarget, "securityContext"},
    {"BiologicallyDerivedProduct", OwnedBy::kEither, "collection.source"},
    {"BodyStructure", OwnedBy::kPatient, "patient"},
    {"Bundle", OwnedBy::kNobody, ""},
    {"CapabilityStatement", OwnedBy::kOrganisation, ""},
    {"CarePlan", OwnedBy::kPatient, "subject"},
    {"CareTeam", OwnedBy::kPatient, "subject"},
    {"CatalogEntry", OwnedBy::kOrganisation, ""},
    {"ChargeItem", OwnedBy::kPatient, "subject"},
    {"ChargeItemDefinition", OwnedBy::kOrganisation, ""},
    {"Claim", OwnedBy::kPatient, "patient"},
    {"ClaimResponse", OwnedBy::kPatient, "patient"},
    {"ClinicalImpression", OwnedBy::kPatient, "subject"},
    {"CodeSystem", OwnedBy::kOrganisation, ""},
    {"Communication", OwnedBy::kEither, "subject recipient sender"},
    {"CommunicationRequest", OwnedBy::kEither, "subject recipient requester"},
    {"CompartmentDefinition", OwnedBy::kOrganisation, ""},
    {"Composition", OwnedBy::kEither, "subject"},
    {"ConceptMap", OwnedBy::kOrganisation, ""},
    {"Condition", OwnedBy::kPatient, "subject"},
    {"Consent", OwnedBy::kServer, ""},
    {"Contract", OwnedBy::kEither, "subject"},
    {"Coverage", OwnedBy::kPatient, "beneficiary"},
    {"CoverageEligibilityRequest", OwnedBy::kPatient, "patient"},
    {"CoverageEligibilityResponse", OwnedBy::kPatient, "patient"},
    {"DetectedIssue", OwnedBy::kPatient, "patient"},
    {"Device", OwnedBy::kEither, "patient"},
    {"DeviceDefinition", OwnedBy::kOrganisation, ""},
    {"DeviceMetric", OwnedBy::kOrganisation, ""},
    {"DeviceRequest", OwnedBy::kEither, "subject"},
    {"DeviceUseStatement", OwnedBy::kPatient, "subject"},
    {"DiagnosticReport", OwnedBy::kPatient, "subject"},
    {"DocumentManifest", OwnedBy::kPatient, "subject"},
    {"DocumentReference", OwnedBy::kPatient, "subject"},
    {"EffectEvidenceSynthesis", OwnedBy::kOrganisation, ""},
    {"Encounter", OwnedBy::kPatient, "subject"},
    {"Endpoint", OwnedBy::kOrganisation, ""},
    {"EnrollmentRequest", OwnedBy::kPatient, "candidate"},
    {"EnrollmentResponse", OwnedBy::kTarget, "request"},
    {"EpisodeOfCare", OwnedBy::kPatient, "patient"},
    {"EventDefinition", OwnedBy::kOrganisation, ""},
    {"Evidence", OwnedBy::kOrganisation, ""},
    {"EvidenceVariable", OwnedBy::kOrganisation, ""},
    {"ExampleScenario", OwnedBy::kOrganisation, ""},
    {"ExplanationOfBenefit", OwnedBy::kPatient, "patient"},
    {"FamilyMemberHistory", OwnedBy::kPatient, "patient"},
    {"Flag", OwnedBy::kEither, "subject"},
    {"Goal", OwnedBy::kPatient, "subject"},
    {"GraphDefinition", OwnedBy::kOrganisation, ""},
    {"Group", OwnedBy::kEither, "member.entity"},
    {"GuidanceResponse", OwnedBy::kEither, "subject"},
    {"HealthcareService", OwnedBy::kOrganisation, ""},
    {"ImagingStudy", OwnedBy::kPatient, "subject"},
    {"Immunization", OwnedBy::kPatient, "patient"},
    {"ImmunizationEvaluation", OwnedBy::kPatient, "patient"},
    {"ImmunizationRecommendation", OwnedBy::kPatient, "patient"},
    {"ImplementationGuide", OwnedBy::kOrganisation, ""},
    {"InsurancePlan", OwnedBy::kOrganisation, ""},
    {"Invoice", OwnedBy::kEither, "subject recipient"},
    {"Library", OwnedBy::kOrganisation, ""},
    {"Linkage", OwnedBy::kTarget, "item.resource"},
    {"List", OwnedBy::kEither, "subject source"},
    {"Location", OwnedBy::kOrganisation, ""},
    {"Measure", OwnedBy::kOrganisation, ""},
    {"MeasureReport", OwnedBy::kEither, "subject"},
    {"Media", OwnedBy::kEither, "subject"},
    {"Medication", OwnedBy::kOrganisation, ""},
    {"MedicationAdministration", OwnedBy::kPatient, "subject"},
    {"MedicationDispense", OwnedBy::kPatient, "subject"},
    {"MedicationKnowledge", OwnedBy::kOrganisation, ""},
    {"MedicationRequest", OwnedBy::kPatient, "subject"},
    {"MedicationStatement", OwnedBy::kPatient, "subject"},
    {"MedicinalProduct", OwnedBy::kOrganisation, ""},
    {"MedicinalProductAuthorization", OwnedBy::kOrganisation, ""},
    {"MedicinalProductContraindication", OwnedBy::kOrganisation, ""},
    {"MedicinalProductIndication", OwnedBy::kOrganisation, ""},
    {"MedicinalProductIngredient", OwnedBy::kOrganisation, ""},
    {"MedicinalProductInteraction", OwnedBy::kOrganisation, ""},
    {"MedicinalProductManufactured", OwnedBy::kOrganisation, ""},
    {"MedicinalProductPackaged", OwnedBy::kOrganisation, ""},
    {"MedicinalProductPharmaceutical", OwnedBy::kOrganisation, ""},
    {"MedicinalProductUndesirableEffect", OwnedBy::kOrganisation, ""},
    {"MessageDefinition", OwnedBy::kOrganisation, ""},
    {"MessageHeader", OwnedBy::kOrganisation, ""},
    {"MolecularSequence", OwnedBy::kEither, "patient"},
    {"NamingSystem", OwnedBy::kOrganisation, ""},
    {"NutritionOrder", OwnedBy::kPatient, "patient"},
    {"Observation", OwnedBy::kPatient, "subject"},
    {"ObservationDefinition", OwnedBy::kOrganisation, ""},
    {"OperationDefinition", OwnedBy::kOrganisation, ""},
    {"OperationOutcome", OwnedBy::kNobody, ""},
    {"Organization", OwnedBy::kOrganisation, ""},
    {"OrganizationAffiliation", OwnedBy::kOrganisation, ""},
    {"Parameters", OwnedBy::kNobody, ""},
    {"Patient", OwnedBy::kPatient, ""},
    {"PaymentNotice", OwnedBy::kOrganisation, ""},
    {"PaymentReconciliation", OwnedBy::kOrganisation, ""},
    {"Person", OwnedBy::kEither, "link.target"},
    {"PlanDefinition", OwnedBy::kOrganisation, ""},
    {"Practitioner", OwnedBy::kOrganisation, ""},
    {"PractitionerRole", OwnedBy::kOrganisation, ""},
    {"Procedure", OwnedBy::kPatient, "subject"},
    {"Provenance", OwnedBy::kTarget, "target"},
    {"Questionnaire", OwnedBy::kOrganisation, ""},
    {"QuestionnaireResponse", OwnedBy::kPatient, "subject source"},
    {"RelatedPerson", OwnedBy::kPatient, "patient"},
    {"RequestGroup", OwnedBy::kEither, "subject"},
    {"ResearchDefinition", OwnedBy::kOrganisation, ""},
    {"ResearchElementDefinition", OwnedBy::kOrganisation, ""},
    {"ResearchStudy", OwnedBy::kOrganisation, ""},
    {"ResearchSubject", OwnedBy::kPatient, "individual"},
    {"RiskAssessment", OwnedBy::kPatient, "subject"},
    {"RiskEvidenceSynthesis", OwnedBy::kOrganisation, ""},
    {"Schedule", OwnedBy::kEither, "actor"},
    {"SearchParameter", OwnedBy::kOrganisation, ""},
    {"ServiceRequest", OwnedBy::kPatient, "subject"},
    {"Slot", OwnedBy::kOrganisation, ""},
    {"Specimen", OwnedBy::kEither, "subject"},
    {"SpecimenDefinition", OwnedBy::kOrganisation, ""},
    {"StructureDefinition", OwnedBy::kOrganisation, ""},
    {"StructureMap", OwnedBy::kOrganisation, ""},
    {"Subscription", OwnedBy::kOrganisation, ""},
    {"Substance", OwnedBy::kOrganisation, ""},
    {"SubstanceNucleicAcid", OwnedBy::kOrganisation, ""},
    {"SubstancePolymer", OwnedBy::kOrganisation, ""},
    {"SubstanceProtein", OwnedBy::kOrganisation, ""},
    {"SubstanceReferenceInformation", OwnedBy::kOrganisation, ""},
    {"SubstanceSourceMaterial", OwnedBy::kOrganisation, ""},
    {"SubstanceSpecification", OwnedBy::kOrganisation, ""},
    {"SupplyDelivery", OwnedBy::kEither, "patient"},
    {"SupplyRequest", OwnedBy::kEither, "deliverTo requester"},
    {"Task", OwnedBy::kEither, "for"},
    {"TerminologyCapabilities", OwnedBy::kOrganisation, ""},
    {"TestReport", OwnedBy::kOrganisation, ""},
    {"TestScript", OwnedBy::kOrganisation, ""},
    {"ValueSet", OwnedBy::kOrganisation, ""},
    {"VerificationResult", OwnedBy::kOrganisation, ""},
    {"VisionPrescription", OwnedBy::kPatient, "patient"},
});
static_assert(std::is_sorted(kTypes.begin(), kTypes.end(),
                             [](const ResourceType& a, const ResourceType& b) { return a.name < b.name; }));

/// What stands at `path` below `value`, every element of an array for itself.
void collect(JsonValue value, std::string_view path, std::vector<JsonValue>& out) {
    if (value.is_array()) {
        for (const JsonValue element : value.children()) collect(element, path, out);
        return;
    }
    if (path.empty()) return out.push_back(value);
    const auto dot = path.find('.');
    if (const auto member = value.find(path.substr(0, dot)))
        collect(*member, dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1), out);
}

std::vector<JsonValue> named_at(JsonValue resource, std::string_view paths) {
    std::vector<JsonValue> out;
    while (!paths.empty()) {
        const auto blank = paths.find(' ');
        collect(resource, paths.substr(0, blank), out);
        paths = blank == std::string_view::npos ? std::string_view{} : paths.substr(blank + 1);
    }
    return out;
}

/// Whether it names a Patient, as far as can be told: a urn:uuid tells no type.
bool may_be_patient(const Reference& reference) {
    return reference.type == "Patient" || reference.kind == ReferenceKind::kUrn;
}

struct Named {
    std::vector<Reference> references;  ///< literal ones, resolved
    bool unreadable_patient = false;    ///< a contained or a merely described Patient is among them
};

Named read_named(JsonValue resource, std::string_view paths, std::span<const Replacement> replacements) {
    Named out;
    for (const JsonValue element : named_at(resource, paths)) {
        const auto literal = element.find("reference");
        if (!literal || !literal->is_string()) {
            const auto type = element.find("type");
            out.unreadable_patient = out.unreadable_patient || (type && type->is("Patient"));
            continue;
        }
        Reference reference = resolved(read_reference(literal->text(), literal->span()), replacements);
        if (reference.kind == ReferenceKind::kContained) out.unreadable_patient = true;
        out.references.push_back(std::move(reference));
    }
    return out;
}

tl::unexpected<Error> no_owner(std::string_view type, std::string_view why) {
    return fail(ErrorCode::kFhirOwner, fmt::format("{}: {}", type, why));
}

}  // namespace

std::span<const ResourceType> resource_types() noexcept { return kTypes; }

const ResourceType* find_resource_type(std::string_view name) noexcept {
    const auto* found = std::lower_bound(kTypes.begin(), kTypes.end(), name,
                                         [](const ResourceType& row, std::string_view n) { return row.name < n; });
    return found != kTypes.end() && found->name == name ? found : nullptr;
}

Result<Owner> owner_of(JsonValue resource, std::span<const Replacement> replacements) {
    const auto name = resource.text_at({"resourceType"});
    const ResourceType* type = name ? find_resource_type(*name) : nullptr;
    if (type == nullptr) return fail(ErrorCode::kFhirResource, "there is no resourceType that FHIR R4 knows");
    if (type->name == "Patient") return Owner{Owner::Kind::kSelf, {}};
    if (type->owned_by == OwnedBy::kOrganisation) return Owner{Owner::Kind::kOrganisation, {}};
    if (type->owned_by == OwnedBy::kServer) return no_owner(type->name, "only the server makes one");
    if (type->owned_by == OwnedBy::kNobody) return no_owner(type->name, "is carried, not stored");

    Named named = read_named(resource, type->paths, replacements);
    const auto patient = std::find_if(named.references.begin(), named.references.end(), may_be_patient);
    const bool certain = patient != named.references.end() && patient->type == "Patient";
    if (certain || (type->owned_by != OwnedBy::kTarget && patient != named.references.end()))
        return Owner{Owner::Kind::kPatient, std::move(*patient)};
    if (type->owned_by == OwnedBy::kTarget && !named.references.empty() &&
        named.references.front().kind != ReferenceKind::kContained)
        return Owner{Owner::Kind::kSameAs, std::move(named.references.front())};
    if (type->owned_by == OwnedBy::kEither && !named.unreadable_patient) return Owner{Owner::Kind::kOrganisation, {}};
    return no_owner(type->name, fmt::format("no reference to a Patient's record at {}", type->paths));
}

}  // namespace salus::application
