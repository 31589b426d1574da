#include <gtest/gtest.h>

#include "application/fhir/bundle.hpp"
#include "application/fhir/capability.hpp"
#include "application/fhir/outcome.hpp"
#include "application/fhir/resource_types.hpp"
#include "application/fhir/response_bundle.hpp"

namespace salus::application {
namespace {

Document parse_answer(const Bytes& bytes) {
    auto document = Document::parse(bytes);
    EXPECT_TRUE(document) << as_text(bytes);
    return *std::move(document);
}

JsonValue first(JsonValue array) { return *array.children().begin(); }

TEST(OperationOutcome, SaysCodeNameAndMessage) {
    const Document document =
        parse_answer(operation_outcome(Error{ErrorCode::kFhirVersion, "the \"current\" version is 3"}));
    ASSERT_TRUE(read_head(document.root()));
    const JsonValue issue = first(*document.root().find("issue"));
    EXPECT_EQ(issue.text_at({"severity"}), "error");
    EXPECT_EQ(issue.text_at({"code"}), "conflict");
    EXPECT_EQ(issue.text_at({"diagnostics"}), "the \"current\" version is 3");
    const JsonValue coding = first(*issue.at({"details", "coding"}));
    EXPECT_EQ(coding.text_at({"system"}), "urn:salus:error");
    EXPECT_EQ(coding.text_at({"code"}), "fhir-version");
    EXPECT_FALSE(issue.find("expression"));
    EXPECT_EQ(first(*parse_answer(operation_outcome(Error{})).root().find("issue")).text_at({"severity"}), "fatal");
}

TEST(OperationOutcome, KeepsAFaultOfTheNodeToItself) {
    const Error fault{ErrorCode::kIo, "/var/lib/salus: no space", Error{ErrorCode::kCorrupt, "page 7"}};
    for (const Error& error : {fault, at_entry(3, fault)}) {
        const Bytes outcome = operation_outcome(error);
        EXPECT_EQ(as_text(outcome).find("/var"), std::string_view::npos);
        EXPECT_EQ(as_text(outcome).find("page"), std::string_view::npos);
    }
    EXPECT_NE(as_text(operation_outcome(at_entry(3, fault))).find("Bundle.entry[3]"), std::string_view::npos)
        << "but says which entry it was";
}

TEST(OperationOutcome, NamesTheEntry) {
    const Error error = at_entry(12, Error{ErrorCode::kFhirOwner, "no patient"});
    const Document document = parse_answer(operation_outcome(error));
    EXPECT_EQ(first(*first(*document.root().find("issue")).find("expression")).text(), "Bundle.entry[12]");
    for (const char* none : {"Bundle.entry[]: x", "Bundle.entry[1]", "Bundle.entry[1", "a Bundle.entry[1]: x"}) {
        const Document other = parse_answer(operation_outcome(Error{ErrorCode::kFhirOwner, none}));
        EXPECT_FALSE(first(*other.root().find("issue")).find("expression")) << none;
    }
}

TEST(OperationOutcome, OfSuccessListsWarnings) {
    EXPECT_TRUE(read_head(parse_answer(operation_outcome_ok()).root()));
    const std::vector<std::string> warnings{"a", "b"};
    const Document document = parse_answer(operation_outcome_ok(warnings));
    std::vector<std::string> found;
    for (const JsonValue issue : document.root().find("issue")->children())
        found.push_back(*issue.text_at({"diagnostics"}));
    EXPECT_EQ(found, warnings);
}

TEST(WriteBundle, CopiesResourcesByteForByte) {
    ResponseBundle bundle{.type = "searchset",
                          .total = 2,
                          .self_link = "http://h/Patient?_id=1",
                          .next_link = "http://h/p?page=x",
                          .entries = {}};
    const std::string stored = R"({ "resourceType":"Patient", "x": 1.50 })";
    bundle.entries.push_back({"http://h/Patient/1", to_bytes(stored), "match", {}, {}});
    bundle.entries.push_back({"",
                              {},
                              "",
                              ResponseEntry::Request{"POST", "Patient"},
                              ResponseEntry::Response{"201 Created", "Patient/1/_history/1", etag_of(1),
                                                      "2026-01-01T00:00:00Z", operation_outcome_ok()}});
    const Bytes out = write_bundle(bundle);
    const Document document = parse_answer(out);
    ASSERT_TRUE(read_head(document.root())) << as_text(out);
    EXPECT_EQ(document.root().find("total")->raw(), "2");
    EXPECT_EQ(first(*document.root().find("entry")).find("resource")->raw(), stored);
    EXPECT_NE(as_text(out).find(R"("etag":"W/\"1\"")"), std::string_view::npos);
    EXPECT_NE(as_text(out).find(R"({"relation":"next","url":"http://h/p?page=x"})"), std::string_view::npos);
}

TEST(WriteBundle, LeavesOutWhatIsEmpty) {
    EXPECT_EQ(as_text(write_bundle({.type = "searchset", .total = 0, .self_link = {}, .next_link = {}, .entries = {}})),
              R"({"resourceType":"Bundle","type":"searchset","total":0})");
}

TEST(Etag, ReadsOnlyVersions) {
    EXPECT_EQ(version_of_etag(etag_of(37)), 37U);
    EXPECT_EQ(version_of_etag("\"3\""), 3U);
    for (const char* bad : {"", "3", "W/3", "W/\"\"", "W/\"x\"", "W/\"0\"", "W/\"03\"", "W/\"1\",W/\"2\"", "*",
                            "\"-1\"", "\"99999999999999999999\""})
        EXPECT_FALSE(version_of_etag(bad)) << bad;
}

TEST(CapabilityStatement, ListsEveryTypeThatIsStored) {
    const Document document = parse_answer(capability_statement({"http://127.0.0.1/o/x/fhir", "0.1", "2026-01-01"}));
    ASSERT_TRUE(read_head(document.root()));
    EXPECT_EQ(document.root().text_at({"fhirVersion"}), "4.0.1");
    EXPECT_EQ(document.root().text_at({"implementation", "url"}), "http://127.0.0.1/o/x/fhir");
    std::size_t types = 0;
    for (const JsonValue resource : first(*document.root().find("rest")).find("resource")->children()) {
        EXPECT_NE(find_resource_type(*resource.text_at({"type"})), nullptr);
        ++types;
    }
    EXPECT_EQ(types, resource_types().size() - 3);
}

}  // namespace
}  // namespace salus::application
