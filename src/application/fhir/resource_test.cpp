#include "application/fhir/resource.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace salus::application {
namespace {

const ServerMembers kMembers{"new-id", "2", "2026-01-02T03:04:05.678Z"};

Document parse_resource(std::string_view text) {
    auto document = Document::parse(to_bytes(text));
    EXPECT_TRUE(document) << text;
    return *std::move(document);
}

std::string resource_fault_of(std::string_view text) {
    const Document document = parse_resource(text);
    const auto head = read_head(document.root());
    if (head) return "accepted";
    EXPECT_EQ(head.error().code, ErrorCode::kFhirResource);
    return head.error().message;
}

std::string spliced(std::string_view text) {
    const Document document = parse_resource(text);
    return std::string(as_text(splice(document.root(), kMembers)));
}

TEST(ReadHead, TakesWhatIsFhir) {
    const Document document =
        parse_resource(R"({"resourceType":"Patient","id":"a-B.9","meta":{"versionId":"7","tag":[{"code":"x"}]}})");
    const auto head = read_head(document.root());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->type, "Patient");
    EXPECT_EQ(head->id, "a-B.9");
    EXPECT_EQ(head->version_id, "7");
}

TEST(ReadHead, RefusesJsonThatIsNoFhir) {
    for (
        const std::string_view bad :
        {"[]",
         "1",
         "\"Patient\"",
         "null",
         "{}",
         R"({"id":"a"})",
         R"({"resourceType":1})",
         R"({"resourceType":"patient"})",
         R"({"resourceType":"Pat"})",
         R"({"resourceType":"Patient","id":""})",
         R"({"resourceType":"Patient","id":1})",
         R"({"resourceType":"Patient","id":"a_b"})",
         R"({"resourceType":"Patient","id":"a/b"})",
         R"({"resourceType":"Patient","meta":[1]})",
         R"({"resourceType":"Patient","meta":"x"})",
         R"({"resourceType":"Patient","meta":{"versionId":1}})",
         R"({"resourceType":"Patient","meta":{"lastUpdated":1}})",
         R"({"resourceType":"Patient","contained":{}})",
         R"({"resourceType":"Patient","contained":["x"]})",
         R"({"resourceType":"Patient","contained":[{"resourceType":"Nothing"}]})",
         R"({"resourceType":"Patient","contained":[{"resourceType":"Patient","contained":[{"resourceType":"Patient"}]}]})",
         R"({"resourceType":"Patient","active":null})",
         R"({"resourceType":"Patient","name":[]})",
         R"({"resourceType":"Patient","name":[{}]})"})
        EXPECT_NE(resource_fault_of(bad), "accepted") << bad;
    EXPECT_EQ(resource_fault_of(R"({"resourceType":"Patient","name":[{"given":["a",null]}]})"), "accepted");
}

TEST(ReadHead, BoundsTheLengthOfAnId) {
    EXPECT_EQ(resource_fault_of(fmt::format(R"({{"resourceType":"Patient","id":"{}"}})", std::string(64, 'a'))),
              "accepted");
    EXPECT_NE(resource_fault_of(fmt::format(R"({{"resourceType":"Patient","id":"{}"}})", std::string(65, 'a'))),
              "accepted");
}

TEST(ReadHead, HoldsTheBodyToItsUrl) {
    const Document document = parse_resource(R"({"resourceType":"Patient","id":"1"})");
    EXPECT_TRUE(read_head_for(document.root(), "Patient", {}));
    EXPECT_TRUE(read_head_for(document.root(), "Patient", "1"));
    EXPECT_FALSE(read_head_for(document.root(), "Patient", "2"));
    EXPECT_FALSE(read_head_for(document.root(), "Observation", {}));
    EXPECT_FALSE(read_head_for(parse_resource(R"({"resourceType":"Patient"})").root(), "Patient", "1"));
}

TEST(Splice, InsertsWhatIsMissing) {
    EXPECT_EQ(
        spliced(R"({"resourceType" : "Patient" , "active":true})"),
        R"({"resourceType" : "Patient","id":"new-id","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678Z"} , "active":true})");
    EXPECT_EQ(
        spliced(R"({"active":true,"resourceType":"Patient"})"),
        R"({"active":true,"resourceType":"Patient","id":"new-id","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678Z"}})");
    EXPECT_EQ(
        spliced(R"({"id":"x","resourceType":"Patient"})"),
        R"({"id":"new-id","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678Z"},"resourceType":"Patient"})");
    EXPECT_EQ(
        spliced(R"({"meta":{ "tag":[ ] },"resourceType":"Patient"})"),
        R"({"meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678Z", "tag":[ ] },"resourceType":"Patient","id":"new-id"})");
    EXPECT_EQ(
        spliced(R"({"resourceType":"Patient","meta":{ }})"),
        R"({"resourceType":"Patient","id":"new-id","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678Z" }})");
}

TEST(Splice, ReplacesWhatIsThereAndNothingElse) {
    EXPECT_EQ(spliced("{\n \"resourceType\": \"Observation\",\n \"meta\": {\"lastUpdated\": \"old\", \"source\":\"s\", "
                      "\"versionId\"\n:\"1\"},\n"
                      " \"id\": \"o\", "
                      "\"contained\":[{\"resourceType\":\"Device\",\"id\":\"c\",\"meta\":{\"versionId\":\"9\"}}]}"),
              "{\n \"resourceType\": \"Observation\",\n \"meta\": {\"lastUpdated\": \"2026-01-02T03:04:05.678Z\", "
              "\"source\":\"s\", \"versionId\"\n:\"2\"},\n"
              " \"id\": \"new-id\", "
              "\"contained\":[{\"resourceType\":\"Device\",\"id\":\"c\",\"meta\":{\"versionId\":\"9\"}}]}");
}

TEST(Splice, KeepsDecimalsToTheDigit) {
    for (const std::string_view decimal :
         {"1.50", "1.5E0", "0.10", "-0", "1e-7", "100.000", "12345678901234567890.123456789012345678"}) {
        const std::string out = spliced(fmt::format(
            R"({{"resourceType":"Observation","valueQuantity":{{"value": {} ,"unit":"\u00b5g"}}}})", decimal));
        EXPECT_NE(out.find(fmt::format(R"("valueQuantity":{{"value": {} ,"unit":"\u00b5g"}})", decimal)),
                  std::string::npos)
            << out;
    }
}

TEST(Splice, PutsReferencesAndLeavesThoseOfOthers) {
    const Document document = parse_resource(
        R"([{"resourceType":"Goal","subject":{"reference":"urn:uuid:1"}},{"resourceType":"Goal","subject":{"reference":"urn:uuid:2"}}])");
    std::vector<Replacement> replacements;
    for (const JsonValue goal : document.root().children())
        replacements.push_back({goal.at({"subject", "reference"})->span(), "Patient/\"new\""});
    const JsonValue second = *++document.root().children().begin();
    EXPECT_EQ(
        as_text(splice(second, kMembers, replacements)),
        R"({"resourceType":"Goal","id":"new-id","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678Z"},"subject":{"reference":"Patient/\"new\""}})");
}

TEST(ContentDigest, SeesNoServerMemberAndNoWhiteSpace) {
    const auto digest = [](std::string_view text) { return content_digest(parse_resource(text).root()); };
    const Hash plain = digest(R"({"resourceType":"Patient","name":[{"family":"A B"}]})");
    for (const std::string_view same :
         {R"({"resourceType":"Patient","id":"1","name":[{"family":"A B"}]})",
          R"({"resourceType":"Patient","meta":{"versionId":"1","lastUpdated":"x"},"name":[{"family":"A B"}]})",
          "{ \"id\":\"z\",\n\"resourceType\" : \"Patient\", \"name\": [ {\"family\":\"A B\"} ] , \"meta\":{} }"})
        EXPECT_EQ(digest(same), plain) << same;
    for (const std::string_view other :
         {R"({"resourceType":"Patient","name":[{"family":"AB"}]})",
          R"({"resourceType":"Patient","name":[{"id":"1","family":"A B"}]})",
          R"({"resourceType":"Patient","meta":{"tag":[{"code":"x"}]},"name":[{"family":"A B"}]})",
          R"({"name":[{"family":"A B"}],"resourceType":"Patient"})"})
        EXPECT_NE(digest(other), plain) << other;
    EXPECT_NE(digest(R"({"resourceType":"Basic","x":1.50})"), digest(R"({"resourceType":"Basic","x":1.5})"));
    EXPECT_NE(digest(R"({"resourceType":"Basic","x":[1,2]})"), digest(R"({"resourceType":"Basic","x":[12]})"));
}

TEST(ContentDigest, OfWhatComesInIsThatOfWhatIsStored) {
    const Document in = parse_resource(
        R"({"resourceType":"Goal","meta":{"profile":["p"]},"subject":{"reference":"urn:uuid:1"},"x":[{"y":1},[]]})");
    const std::vector<Replacement> replacements{{in.root().at({"subject", "reference"})->span(), "Patient/1"}};
    const auto stored = Document::parse(splice(in.root(), kMembers, replacements));
    ASSERT_TRUE(stored);
    EXPECT_EQ(content_digest(in.root(), replacements), content_digest(stored->root()));
    EXPECT_NE(content_digest(in.root()), content_digest(stored->root()));
    EXPECT_EQ(splice(stored->root(), kMembers), stored->bytes());
}

}  // namespace
}  // namespace salus::application
