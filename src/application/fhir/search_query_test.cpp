#include "application/fhir/search_query.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace salus::application {
namespace {

Result<SearchRequest> search(std::string_view form, SearchHandling handling = SearchHandling::kLenient) {
    SALUS_TRY(const auto fields, decode_form(form));
    return parse_search(fields, handling);
}

using Values = std::vector<std::vector<std::string>>;

Values terms(std::string_view form) {
    const auto request = search(form);
    EXPECT_TRUE(request) << form;
    Values out;
    for (const auto& group : request->terms) {
        auto& values = out.emplace_back();
        for (const SearchTerm& term : group) values.push_back(term.value);
    }
    return out;
}

TEST(DecodeForm, UnderstandsEscapesAndPlus) {
    EXPECT_EQ(*decode_form("a=1&&b=x%7Cy+z&c"), (std::vector<FormField>{{"a", "1"}, {"b", "x|y z"}, {"c", ""}}));
    for (const std::string_view bad : {"a=%", "a=%4", "a=%zz", "a=%FF", "%C0%80=1"})
        EXPECT_FALSE(decode_form(bad)) << bad;
}

TEST(DecodeForm, BoundsNumberAndSize) {
    std::string fields;
    for (int i = 0; i < 64; ++i) fields += "a=1&";
    EXPECT_TRUE(decode_form(fields));
    EXPECT_FALSE(decode_form(fields + "a=1"));
    EXPECT_TRUE(decode_form("a=" + std::string(16 * 1024 - 2, 'x')));
    EXPECT_FALSE(decode_form("a=" + std::string(16 * 1024 - 1, 'x')));
}

TEST(ParseSearch, ReadsIdsAndPatientsInEveryForm) {
    const auto request = search("_id=a,b&patient=1,Patient/2,https://h/f/Patient/3&subject:Patient=4");
    ASSERT_TRUE(request) << request.error().to_string();
    EXPECT_EQ(request->ids, (Values{{"a", "b"}}));
    EXPECT_EQ(request->patients, (Values{{"1", "2", "3"}, {"4"}}));
    for (const std::string_view bad :
         {"_id=a_b", "_id=a,,b", "_id=,", "patient=Group/1", "patient=a|b", "patient=https://h/x"})
        EXPECT_FALSE(search(bad)) << bad;
}

TEST(ParseSearch, ReadsIdentifiersInTheirFourForms) {
    EXPECT_EQ(terms("identifier=http://s|1"), (Values{{"http://s|1"}}));
    EXPECT_EQ(terms("identifier=|1"), (Values{{"|1"}}));
    EXPECT_EQ(terms("identifier=1"), (Values{{"1"}}));
    EXPECT_EQ(terms("identifier=http://s|"), (Values{{"http://s|"}}));
    EXPECT_EQ(terms("identifier=a|1,b|2&identifier=c"), (Values{{"a|1", "b|2"}, {"c"}}));
    EXPECT_EQ(terms(R"(identifier=a\,b\|c\$d\\e)"), (Values{{R"(a,b\|c$d\\e)"}}));
    for (const std::string_view bad :
         {"identifier=|", "identifier=a|b|c", R"(identifier=a\x)", R"(identifier=a\)", "identifier=a,"})
        EXPECT_FALSE(search(bad)) << bad;
}

TEST(ParseSearch, ReadsCountSummaryTypeAndPage) {
    const auto request = search("_count=7&_type=Patient,Goal&page=tok&_format=json&_summary=false");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->count, 7U);
    EXPECT_FALSE(request->summary_count);
    EXPECT_EQ(request->types, (std::vector<std::string>{"Patient", "Goal"}));
    EXPECT_EQ(request->page, "tok");
    EXPECT_EQ(search("")->count, kSearchCountDefault);
    EXPECT_EQ(search("_count=1000000")->count, kSearchCountMax);
    EXPECT_TRUE(search("_count=0")->summary_count);
    EXPECT_TRUE(search("_summary=count")->summary_count);
    for (const std::string_view bad : {"_count=-1", "_count=x", "_count=1.5", "_count=99999999999999999999999",
                                       "_summary=text", "_type=Nothing", "_type=Goal&_type=Goal", "_format=xml"})
        EXPECT_FALSE(search(bad)) << bad;
}

TEST(ParseSearch, ReportsUnknownParametersOrRefusesThem) {
    const auto lenient = search("foo=1&_id=a&foo=2&bar=3");
    ASSERT_TRUE(lenient);
    EXPECT_EQ(lenient->ignored, (std::vector<std::string>{"foo", "bar"}));
    EXPECT_EQ(lenient->applied, (std::vector<FormField>{{"_id", "a"}}));
    const auto strict = search("secret-name=1&_id=a", SearchHandling::kStrict);
    ASSERT_FALSE(strict);
    EXPECT_EQ(strict.error().code, ErrorCode::kFhirSearch);
    EXPECT_EQ(strict.error().message.find("secret-name"), std::string::npos);
    for (const std::string_view modifier :
         {"identifier:not=a", "_id:exact=a", "patient.name=a", "subject:Group=1", "patient:identifier=a|b"})
        EXPECT_FALSE(search(modifier)) << modifier;
}

TEST(ParseCondition, TakesWhatSyntheaWrites) {
    const auto request =
        parse_condition("identifier=https://github.com/synthetichealth/synthea|74ab949d-17ac-3309-83a0-13b4405c66aa");
    ASSERT_TRUE(request);
    EXPECT_EQ(
        request->terms.front().front(),
        (SearchTerm{"identifier", "https://github.com/synthetichealth/synthea|74ab949d-17ac-3309-83a0-13b4405c66aa"}));
    for (const std::string_view bad : {"", "_count=1", "name=a", "identifier=a&name=b", "identifier="})
        EXPECT_FALSE(parse_condition(bad)) << bad;
}

TEST(TermsOf, AreWhatAQueryAsksFor) {
    const auto document = Document::parse(to_bytes(
        R"({"resourceType":"Patient","identifier":[{"system":"http://s","value":"1"},{"value":"2"},{"system":"http://t"},{"use":"old"},{"system":"http://s","value":"1"}]})"));
    ASSERT_TRUE(document);
    std::vector<std::string> found;
    for (const SearchTerm& term : terms_of(document->root())) found.push_back(term.value);
    EXPECT_EQ(found, (std::vector<std::string>{"1", "2", "http://s|", "http://s|1", "http://t|", "|2"}));
    const auto claim = Document::parse(
        to_bytes(R"({"resourceType":"QuestionnaireResponse","identifier":{"system":"s","value":"v"}})"));
    EXPECT_EQ(terms_of(claim->root()).size(), 3U);
    EXPECT_TRUE(terms_of(Document::parse(to_bytes(R"({"resourceType":"Patient","identifier":"x"})"))->root()).empty());
}

TEST(TermsOf, AValueWithABarIsNoSystemAndValue) {
    const auto document =
        Document::parse(to_bytes(R"({"resourceType":"Patient","identifier":[{"value":"http://s|1"}]})"));
    ASSERT_TRUE(document);
    for (const SearchTerm& term : terms_of(document->root()))
        EXPECT_NE(term.value, terms("identifier=http://s|1")[0][0]);
    EXPECT_EQ(terms_of(document->root())[0].value, terms(R"(identifier=http://s\|1)")[0][0]);
}

RC_GTEST_PROP(SearchProperty, LinksGiveBackTheirFields,
              (const std::vector<std::pair<std::string, std::string>>& pairs)) {
    std::vector<FormField> fields;
    for (const auto& [name, value] : pairs) {
        FormField field{"n", "v"};
        for (const char c : name) field.name.push_back(static_cast<char>(c & 0x7F));
        for (const char c : value) field.value.push_back(static_cast<char>(c & 0x7F));
        fields.push_back(field);
    }
    if (fields.size() > 64) fields.resize(64);
    const std::string link = search_link("base", fields, "tok&en");
    RC_PRE(fields.size() < 64);
    fields.push_back({"page", "tok&en"});
    RC_ASSERT(*decode_form(link.substr(5)) == fields);
}

}  // namespace
}  // namespace salus::application
