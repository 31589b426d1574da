#include "application/fhir/resource_types.hpp"

#include <gtest/gtest.h>

#include "application/fhir/resource.hpp"

namespace salus::application {
namespace {

std::string owner(std::string_view text) {
    const auto document = Document::parse(to_bytes(text));
    EXPECT_TRUE(document) << text;
    const auto owner = owner_of(document->root());
    if (!owner) {
        EXPECT_EQ(owner.error().code, ErrorCode::kFhirOwner);
        return "refused";
    }
    switch (owner->kind) {
        case Owner::Kind::kPatient:
            return "patient " + owner->reference->text;
        case Owner::Kind::kSelf:
            return "self";
        case Owner::Kind::kOrganisation:
            return "organisation";
        case Owner::Kind::kSameAs:
            return "as " + owner->reference->text;
    }
    return {};
}

TEST(ResourceTypes, AreThoseOfR4) {
    EXPECT_EQ(resource_types().size(), 146U);
    EXPECT_NE(find_resource_type("VisionPrescription"), nullptr);
    for (const std::string_view unknown : {"", "patient", "Zebra", "Patients", "Resource", "DomainResource"})
        EXPECT_EQ(find_resource_type(unknown), nullptr) << unknown;
}

TEST(OwnerOf, FindsThePatientWhereEachTypeNamesOne) {
    EXPECT_EQ(owner(R"({"resourceType":"Patient","id":"1"})"), "self");
    EXPECT_EQ(owner(R"({"resourceType":"Observation","subject":{"reference":"Patient/1"}})"), "patient Patient/1");
    EXPECT_EQ(owner(R"({"resourceType":"Claim","patient":{"reference":"urn:uuid:1"}})"), "patient urn:uuid:1");
    EXPECT_EQ(owner(R"({"resourceType":"Coverage","beneficiary":{"reference":"https://h/f/Patient/1"}})"),
              "patient https://h/f/Patient/1");
    EXPECT_EQ(owner(R"({"resourceType":"ResearchSubject","individual":{"reference":"Patient?identifier=a|b"}})"),
              "patient Patient?identifier=a|b");
    EXPECT_EQ(
        owner(
            R"({"resourceType":"Appointment","participant":[{"actor":{"reference":"Practitioner/2"}},{"actor":{"reference":"Patient/1"}}]})"),
        "patient Patient/1");
    EXPECT_EQ(owner(R"({"resourceType":"Task","for":{"reference":"Patient/1"}})"), "patient Patient/1");
}

TEST(OwnerOf, TakesTheFirstOfSeveralPatients) {
    EXPECT_EQ(
        owner(
            R"({"resourceType":"Group","member":[{"entity":{"reference":"Patient/mother"}},{"entity":{"reference":"Patient/newborn"}}]})"),
        "patient Patient/mother");
    EXPECT_EQ(
        owner(
            R"({"resourceType":"QuestionnaireResponse","source":{"reference":"Patient/mother"},"subject":{"reference":"Patient/newborn"}})"),
        "patient Patient/newborn");
}

TEST(OwnerOf, RefusesAPatientsResourceWithoutOne) {
    for (const std::string_view bad :
         {R"({"resourceType":"Observation"})", R"({"resourceType":"Observation","subject":{"display":"x"}})",
          R"({"resourceType":"Observation","subject":{"reference":"#p"}})",
          R"({"resourceType":"Observation","subject":{"reference":"Group/1"}})",
          R"({"resourceType":"Observation","subject":"Patient/1"})",
          R"({"resourceType":"Observation","subject":{"reference":1}})",
          R"({"resourceType":"Consent","patient":{"reference":"Patient/1"}})", R"({"resourceType":"AuditEvent"})"})
        EXPECT_EQ(owner(bad), "refused") << bad;
}

TEST(OwnerOf, GivesTheOrganisationItsOwn) {
    EXPECT_EQ(owner(R"({"resourceType":"Practitioner"})"), "organisation");
    EXPECT_EQ(owner(R"({"resourceType":"Medication"})"), "organisation");
    EXPECT_EQ(owner(R"({"resourceType":"Device"})"), "organisation");
    EXPECT_EQ(owner(R"({"resourceType":"Device","patient":{"reference":"Patient/1"}})"), "patient Patient/1");
    EXPECT_EQ(owner(R"({"resourceType":"Device","patient":{"reference":"#p"}})"), "refused");
    EXPECT_EQ(owner(R"({"resourceType":"Device","patient":{"type":"Patient","identifier":{"value":"1"}}})"), "refused");
    EXPECT_EQ(owner(R"({"resourceType":"Schedule","actor":[{"reference":"Practitioner/1"}]})"), "organisation");
}

TEST(OwnerOf, FollowsWhatOtherThingsAreAbout) {
    EXPECT_EQ(
        owner(R"({"resourceType":"Provenance","target":[{"reference":"Encounter/1"},{"reference":"Patient/2"}]})"),
        "patient Patient/2");
    EXPECT_EQ(owner(R"({"resourceType":"Provenance","target":[{"reference":"Encounter/1"}]})"), "as Encounter/1");
    EXPECT_EQ(owner(R"({"resourceType":"Provenance","target":[{"reference":"urn:uuid:1"}]})"), "as urn:uuid:1");
    EXPECT_EQ(owner(R"({"resourceType":"Binary","securityContext":{"reference":"Encounter/1"}})"), "as Encounter/1");
    EXPECT_EQ(owner(R"({"resourceType":"Binary","contentType":"application/pdf"})"), "refused");
}

TEST(OwnerOf, RefusesWhatNoClientStores) {
    for (const std::string_view bad : {R"({"resourceType":"AuditEvent"})", R"({"resourceType":"Bundle"})",
                                       R"({"resourceType":"Parameters"})", R"({"resourceType":"OperationOutcome"})"})
        EXPECT_EQ(owner(bad), "refused") << bad;
}

TEST(OwnerOf, ReadsAUrnByWhatStandsForIt) {
    const auto document =
        Document::parse(to_bytes(R"({"resourceType":"Schedule","actor":[{"reference":"urn:uuid:1"}]})"));
    ASSERT_TRUE(document);
    const Span span = references_of(document->root()).front().span;
    const auto with = [&](const std::string& target) {
        const std::vector<Replacement> replacements{{span, target}};
        return owner_of(document->root(), replacements);
    };
    EXPECT_EQ(with("Practitioner/1")->kind, Owner::Kind::kOrganisation);
    ASSERT_EQ(with("Patient/1")->kind, Owner::Kind::kPatient);
    EXPECT_EQ(with("Patient/1")->reference->id, "1");
}

}  // namespace
}  // namespace salus::application
