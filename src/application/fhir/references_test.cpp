#include "application/fhir/references.hpp"

#include <gtest/gtest.h>

namespace salus::application {
namespace {

TEST(ReadReference, TellsTheKindsApart) {
    struct Case {
        std::string_view text;
        ReferenceKind kind;
        std::string_view type;
        std::string_view id;
        std::string_view query;
    };
    for (const Case& c :
         {Case{"Patient/1", ReferenceKind::kRelative, "Patient", "1", ""},
          Case{"Patient/1/_history/2", ReferenceKind::kRelative, "Patient", "1", ""},
          Case{"https://h/fhir/Patient/1", ReferenceKind::kAbsolute, "Patient", "1", ""},
          Case{"http://h/fhir/Patient/1/_history/2", ReferenceKind::kAbsolute, "Patient", "1", ""},
          Case{"https://h/x", ReferenceKind::kAbsolute, "", "", ""},
          Case{"urn:uuid:77155e2b-5d21-4b47-86f0-4004183d68b2", ReferenceKind::kUrn, "", "", ""},
          Case{"urn:oid:1.2.3", ReferenceKind::kUrn, "", "", ""}, Case{"#p", ReferenceKind::kContained, "", "", ""},
          Case{"Practitioner?identifier=http://a|9", ReferenceKind::kConditional, "Practitioner", "",
               "identifier=http://a|9"},
          Case{"patient/1", ReferenceKind::kOther, "", "", ""}, Case{"Patient/a b", ReferenceKind::kOther, "", "", ""},
          Case{"Patient", ReferenceKind::kOther, "", "", ""}, Case{"x/Patient/1", ReferenceKind::kOther, "", "", ""},
          Case{"Nobody?a=b", ReferenceKind::kOther, "", "", ""}, Case{"", ReferenceKind::kOther, "", "", ""},
          Case{"Patient/1/_history/", ReferenceKind::kOther, "", "", ""}}) {
        const Reference out = read_reference(c.text);
        EXPECT_EQ(out.kind, c.kind) << c.text;
        EXPECT_EQ(out.type, c.type) << c.text;
        EXPECT_EQ(out.id, c.id) << c.text;
        EXPECT_EQ(out.query, c.query) << c.text;
        EXPECT_EQ(out.text, c.text);
    }
}

TEST(ReferencesOf, FindsThemAtAnyDepthInTheOrderOfTheBytes) {
    const auto document = Document::parse(to_bytes(
        R"({"resourceType":"Claim","patient":{"reference":"urn:uuid:1"},"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:1"}],)"
        R"("contained":[{"resourceType":"Coverage","payor":[{"reference":"#x"}]}],)"
        R"("extension":[{"url":"http://e","valueReference":{"reference":"Patient\/1"}},{"url":"http://f","valueUuid":"urn:uuid:2"}],)"
        R"("x":{"reference":{"reference":"Encounter/1"}},"attachment":{"url":"urn:uuid:3"}})"));
    ASSERT_TRUE(document);
    std::vector<std::string> found;
    for (const Reference& reference : references_of(document->root())) {
        found.push_back((reference.is_reference ? "" : "link ") + reference.text);
        const std::string quoted(
            as_text(document->bytes()).substr(reference.span.begin, reference.span.end - reference.span.begin));
        EXPECT_EQ(quoted.front(), '"');
        EXPECT_EQ(quoted.back(), '"');
    }
    EXPECT_EQ(found, (std::vector<std::string>{"urn:uuid:1", "#x", "Patient/1", "link urn:uuid:2", "Encounter/1",
                                               "link urn:uuid:3"}));
}

}  // namespace
}  // namespace salus::application
