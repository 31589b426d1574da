#include "application/consent/consent_resources.hpp"

#include <gtest/gtest.h>

#include "application/breakglass/patient_restrictions.hpp"
#include "application/testing/facade.hpp"
#include "application/testing/hospital.hpp"

namespace salus::application {
namespace {

using testing::Facade;

struct ConsentResourcesTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    testing::HidingRules rules;
    ConsentResources resources{*house, *consents, rules, "http://localhost/base"};
    Caller who = caller("physician");

    Caller caller(std::string role) {
        Caller out;
        out.kind = Caller::Kind::kStaff;
        out.organisation = stores.id;
        out.staff = staff(stores.party, std::move(role));
        return out;
    }
    using Query = std::vector<std::pair<std::string, std::string>>;
    Result<transport::HttpResponse> search(Query query) {
        return resources.search({"GET", "/Consent", std::move(query), {}, {}}, who);
    }
    std::size_t count(Query query) { return Facade::entries_of(search(std::move(query)).value()); }
    ErrorCode code(Query query) {
        const auto answer = search(std::move(query));
        return answer ? ErrorCode::kOk : answer.error().code;
    }
};

TEST_F(ConsentResourcesTest, AreFoundByPatientIdentifierIdAndStatus) {
    const std::string standing = to_hex(permit(subject));
    const GrantId revoked = permit(subject);
    ASSERT_TRUE(consents->revoke(revoked));
    permit(patient("p2"));
    EXPECT_EQ(count({{"patient", "p1"}}), 2U);
    EXPECT_EQ(count({{"patient", "p1"}, {"status", "active"}}), 1U);
    EXPECT_EQ(count({{"patient", "p1"}, {"status", "inactive"}}), 1U);
    EXPECT_EQ(count({{"patient", "p1"}, {"status", "active,inactive"}}), 2U);
    EXPECT_EQ(count({{"patient", "p1"}, {"status", "draft"}}), 0U);
    EXPECT_EQ(count({{"patient.identifier", "urn:mrn|p1"}}), 2U);
    EXPECT_EQ(count({{"patient.identifier", "urn:mrn|none"}}), 0U);
    EXPECT_EQ(count({{"_id", standing}}), 1U);
    EXPECT_EQ(count({{"_id", standing}, {"patient", "p2"}}), 0U);
    EXPECT_EQ(count({{"_id", "none"}}), 0U);
    EXPECT_EQ(count({{"patient", "nobody"}}), 0U);
    EXPECT_EQ(Facade::number_at(search({{"patient", "p1"}, {"_summary", "count"}}).value(), "total"), "2");
    EXPECT_EQ(code({}), ErrorCode::kFhirSearch) << "all consents of a house are nobody's business";
    EXPECT_EQ(code({{"status", "active"}}), ErrorCode::kFhirSearch);
}

TEST_F(ConsentResourcesTest, OneIsReadByTheIdOfItsGrant) {
    const std::string grant = to_hex(permit(subject));
    const auto read = resources.read(grant, who).value();
    EXPECT_EQ(Facade::text_at(read, {"resourceType"}), "Consent");
    EXPECT_EQ(Facade::text_at(read, {"status"}), "active");
    EXPECT_EQ(Facade::text_at(read, {"patient", "reference"}), "Patient/p1");
    ledger.pass(kHourMs);
    EXPECT_EQ(Facade::text_at(resources.read(grant, who).value(), {"status"}), "inactive") << "its time is over";
    for (const std::string& absent : {std::string("x"), std::string(32, '0'), grant + "00"})
        EXPECT_EQ(resources.read(absent, who).error().code, ErrorCode::kNotFound) << absent;
}

TEST_F(ConsentResourcesTest, WhatIsHiddenLooksAbsentAndEveryLookIsRecorded) {
    const std::string grant = to_hex(permit(subject));
    rules.hidden = subject;
    EXPECT_EQ(count({{"patient", "p1"}}), 0U);
    EXPECT_EQ(count({{"_id", grant}}), 0U);
    EXPECT_EQ(resources.read(grant, who).error().message, resources.read(std::string(32, '0'), who).error().message);
    rules.hidden.reset();
    who = caller("gardener");
    EXPECT_EQ(code({{"patient", "p1"}}), ErrorCode::kForbidden);
    EXPECT_EQ(resources.read(grant, who).error().code, ErrorCode::kForbidden);
    EXPECT_EQ(journal->list({}).value().size(), 6U);
    who = caller("physician");
    audit.broken = true;
    EXPECT_EQ(code({{"patient", "p1"}}), ErrorCode::kIo);
    EXPECT_EQ(resources.read(grant, who).error().code, ErrorCode::kIo);
}

TEST_F(ConsentResourcesTest, AnIdentifierThatTwoHaveTellsNothingOfWhoIsHidden) {
    permit(subject);
    const SubjectId closed = patient("p2");
    const Query both{{"patient.identifier", "urn:mrn|p1,urn:mrn|p2"}};
    EXPECT_EQ(code(both), ErrorCode::kFhirSearch);
    EXPECT_EQ(journal->list({}).value().size(), 1U) << "whoever asks so has left a trace";
    rules.hidden = closed;
    EXPECT_EQ(count(both), 1U);
    EXPECT_EQ(count({{"patient.identifier", "urn:mrn|p1,urn:mrn|none"}}), 1U);
    EXPECT_EQ(count({{"patient.identifier", "urn:mrn|p2"}}), 0U);
}

}  // namespace
}  // namespace salus::application
