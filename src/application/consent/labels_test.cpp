#include "application/consent/labels.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/time_text.hpp"

namespace salus::application {
namespace {

using Labels = std::vector<std::string>;

ResourceFacts facts(std::string_view resource) {
    auto out = facts_of(as_bytes(resource));
    EXPECT_TRUE(out.has_value()) << resource;
    return out ? *out : ResourceFacts{};
}

TEST(Labels, WhatNoRuleNamesIsNormal) {
    const ResourceFacts it = facts(
        R"({"resourceType":"Observation","id":"1","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},
        "effectiveDateTime":"2026-01-01","performer":[{"reference":"Practitioner/7"},{"identifier":{"system":"npi","value":"9"}}]})");
    EXPECT_EQ(it.labels, Labels{"N"});
    EXPECT_EQ(it.type + "/" + it.id, "Observation/1");
    EXPECT_EQ(it.codes, std::vector<std::string>{"http://loinc.org|4548-4"});
    EXPECT_EQ(it.authors, (std::vector<std::string>{"Practitioner/7", "npi|9"}));
    EXPECT_EQ(it.time_ms, 1'767'225'600'000U);
}

TEST(Labels, AResourceIsDatedByAllThatItsDateMayMean) {
    const auto dated = [](const std::string& members) {
        const ResourceFacts it = facts(R"({"resourceType":"Observation",)" + members + "}");
        return it.dated ? std::optional(std::pair(it.time_ms, it.until_ms)) : std::nullopt;
    };
    const auto span = [](std::string_view text) {
        const auto out = iso_time_span(text).value();
        return std::optional(std::pair(out.from_ms, out.until_ms));
    };
    constexpr TimeMs kOpen = std::numeric_limits<TimeMs>::max();
    for (const std::string text : {"2024", "2024-02", "2024-02-29", "2016-12-31T23:59:60Z", "2026-10-25T02:30:00+01:00",
                                   "2026-01-01T00:00:00.5+14:00", "1950-06-01", "0001-01-01", "9999-12-31"})
        EXPECT_EQ(dated(R"("effectiveDateTime":")" + text + "\""), span(text)) << text;
    EXPECT_EQ(dated(R"("effectivePeriod":{"start":"2024","end":"2024-03"})"),
              std::pair(span("2024-01-01")->first, span("2024-03-31")->second));
    EXPECT_EQ(dated(R"("effectivePeriod":{"start":"2024"})"), std::pair(span("2024")->first, kOpen));
    EXPECT_EQ(dated(R"("effectivePeriod":{"end":"2024"})"), std::pair(TimeMs{0}, span("2024")->second));
    for (const char* undated :
         {R"("effectiveDateTime":"2026-01-01T24:00:00Z")", R"("effectiveDateTime":"2026-02-30")",
          R"("effectiveDateTime":"soon")", R"("effectivePeriod":{})", R"("effectivePeriod":{"start":"2024","end":"?"})",
          R"("effectivePeriod":{"start":"?","end":"2024"})", R"("effectivePeriod":{"start":"2025","end":"2024"})",
          R"("effectivePeriod":{"start":7})"})
        EXPECT_FALSE(dated(undated)) << undated;
}

TEST(Labels, ACodeAtAnyDepthLabels) {
    EXPECT_EQ(
        facts(
            R"({"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"86406008"}]}})")
            .labels,
        Labels{"HIV"});
    EXPECT_EQ(
        facts(
            R"({"resourceType":"Claim","item":[{"extension":[{"valueCoding":{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F11.20"}}]}]})")
            .labels,
        Labels{"OPIOIDUD"});
}

TEST(Labels, WhatCannotBeReadIsRestricted) {
    for (const char* resource :
         {R"({"resourceType":"Patient","text":{"status":"generated","div":"<div/>"}})",
          R"({"resourceType":"Observation","contained":[]})",
          R"({"resourceType":"Binary","contentType":"application/pdf"})",
          R"({"resourceType":"DiagnosticReport","presentedForm":[{"contentType":"application/pdf","data":"AA=="}]})",
          R"({"resourceType":"Observation","meta":{"security":[{"code":"V"}]}})",
          R"({"resourceType":"Observation","meta":{"security":[{"code":"UNHEARD-OF"}]}})",
          R"({"resourceType":"Observation","meta":{"security":["R"]}})"})
        EXPECT_EQ(facts(resource).labels, Labels{"R"}) << resource;
}

TEST(Labels, WordsAtAnyDepthAreRestricted) {
    for (const char* resource :
         {R"({"resourceType":"Composition","section":[{"section":[{"text":{"status":"generated","div":"<div/>"}}]}]})",
          R"({"resourceType":"Condition","note":[{"text":"told in confidence"}]})",
          R"({"resourceType":"Condition","evidence":[{"detail":[{"note":"told in confidence"}]}]})",
          R"({"resourceType":"DiagnosticReport","conclusion":"positive"})",
          R"({"resourceType":"Observation","valueString":"positive"})",
          R"({"resourceType":"Observation","component":[{"valueString":"positive"}]})",
          R"({"resourceType":"Condition","code":{"text":"a word that no code stands beside"}})",
          R"({"resourceType":"Condition","code":{"coding":[],"text":"nor in an empty list"}})",
          R"({"resourceType":"MedicationRequest","dosageInstruction":[{"text":"as we agreed"}]})",
          R"({"resourceType":"Communication","payload":[{"contentString":"a letter"}]})",
          R"({"resourceType":"ClinicalImpression","summary":"what I think","description":"and why"})",
          R"({"resourceType":"Procedure","extension":[{"url":"http://a","valueMarkdown":"words"}]})"})
        EXPECT_EQ(facts(resource).labels, Labels{"R"}) << resource;
}

TEST(Labels, AnAttachmentIsRestrictedWhetherOrNotItSaysItsType) {
    for (const char* resource :
         {R"({"resourceType":"DiagnosticReport","presentedForm":[{"data":"AA=="}]})",
          R"({"resourceType":"DiagnosticReport","presentedForm":[{"url":"https://a/b.pdf"}]})",
          R"({"resourceType":"Patient","photo":[{"url":"Binary/1"}]})",
          R"({"resourceType":"Communication","payload":[{"contentAttachment":{"url":"Binary/1"}}]})",
          R"({"resourceType":"Observation","extension":[{"valueAttachment":{"url":"Binary/1"}}]})",
          R"({"resourceType":"Consent","sourceAttachment":{"hash":"AA==","url":"Binary/1"}})"})
        EXPECT_EQ(facts(resource).labels, Labels{"R"}) << resource;
}

TEST(Labels, WhatIsOnlyCodedIsNormal) {
    for (
        const char* resource :
        {R"({"resourceType":"Condition","code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}],"text":"Diabetes"}})",
         R"({"resourceType":"Patient","name":[{"text":"Jane Doe"}],"address":[{"text":"1 Street"}]})",
         R"({"resourceType":"Observation","extension":[{"url":"http://a","valueCode":"F"}],"valueQuantity":{"value":1}})"})
        EXPECT_EQ(facts(resource).labels, Labels{"N"}) << resource;
}

TEST(Labels, TheResourcesOwnLabelsCount) {
    EXPECT_EQ(facts(R"({"resourceType":"Observation","meta":{"security":[{"code":"PSY"},{"code":"R"}]}})").labels,
              (Labels{"PSY", "R"}));
}

TEST(Labels, WhatIsNoResourceCannotBeDecided) {
    for (const char* text : {"", "{", "[]", "{}", R"({"resourceType":5})", "\"x\""})
        EXPECT_FALSE(facts_of(as_bytes(text))) << text;
    EXPECT_FALSE(facts_of(
        as_bytes(R"({"resourceType":"Observation","a":)" + std::string(70, '[') + std::string(70, ']') + "}")));
}

}  // namespace
}  // namespace salus::application
