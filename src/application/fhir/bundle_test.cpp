#include "application/fhir/bundle.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zstd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "application/fhir/resource_types.hpp"
#include "application/fhir/search_query.hpp"

namespace salus::application {
namespace {

namespace fs = std::filesystem;

std::string bundle_of(std::string_view type, std::initializer_list<std::string_view> entries) {
    std::string out = fmt::format(R"({{"resourceType":"Bundle","type":"{}","entry":[)", type);
    for (const std::string_view entry : entries) out.append(out.back() == '[' ? "" : ",").append(entry);
    return out + "]}";
}

constexpr std::string_view kPatientEntry =
    R"({"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"x"},"request":{"method":"POST","url":"Patient"}})";
constexpr std::string_view kGoal =
    R"({"fullUrl":"urn:uuid:g","resource":{"resourceType":"Goal","subject":{"reference":"urn:uuid:p"}},"request":{"method":"POST","url":"Goal"}})";

Result<Bundle> parse_text(const std::string& text) { return parse_bundle(to_bytes(text)); }

ErrorCode code_of(const std::string& text) {
    const auto bundle = parse_text(text);
    return bundle ? ErrorCode::kOk : bundle.error().code;
}

Assignment assign(const Bundle& bundle) {
    int next = 0;
    return assign_ids(bundle, std::vector<std::optional<std::string>>(bundle.entries.size()),
                      [&next] { return fmt::format("n{}", next++); });
}

Result<std::string> nothing_matches(const Reference&) { return fail(ErrorCode::kFhirReference, "nothing matches"); }

TEST(StoringOrder, PutsWhatBelongsToItsTargetBehindIt) {
    const auto provenance = [](std::string_view own, std::string_view target) {
        return fmt::format(
            R"({{"fullUrl":"urn:uuid:{}","resource":{{"resourceType":"Provenance","target":[{{"reference":"{}"}}]}},"request":{{"method":"POST","url":"Provenance"}}}})",
            own, target);
    };
    const auto order = [](std::initializer_list<std::string_view> entries) {
        const auto bundle = parse_text(bundle_of("transaction", entries));
        EXPECT_TRUE(bundle) << bundle.error().to_string();
        return bundle ? storing_order(*bundle) : std::vector<std::size_t>();
    };
    using Order = std::vector<std::size_t>;
    EXPECT_EQ(order({provenance("a", "urn:uuid:b"), provenance("b", "urn:uuid:g"), kGoal, kPatientEntry}),
              (Order{3, 2, 1, 0}));
    EXPECT_EQ(
        order(
            {provenance("a", "Provenance/x"), kPatientEntry,
             R"({"resource":{"resourceType":"Provenance","id":"x","target":[{"reference":"urn:uuid:p"}]},"request":{"method":"PUT","url":"Provenance/x"}})"}),
        (Order{1, 2, 0}));
    EXPECT_EQ(order({provenance("a", "urn:uuid:b"), provenance("b", "urn:uuid:a")}).size(), 2U) << "a circle ends";
}

TEST(ParseBundle, ReadsEntriesAndGivesThemIds) {
    const auto bundle = parse_text(bundle_of(
        "transaction",
        {kGoal, kPatientEntry,
         R"({"resource":{"resourceType":"Organization","id":"o1"},"request":{"method":"PUT","url":"Organization/o1","ifMatch":"W/\"3\""}})"}));
    ASSERT_TRUE(bundle) << bundle.error().to_string();
    EXPECT_EQ(bundle->kind, BundleKind::kTransaction);
    EXPECT_EQ(bundle->entries[2].method, EntryMethod::kUpdate);
    EXPECT_EQ(bundle->entries[2].if_match, "W/\"3\"");
    EXPECT_EQ(storing_order(*bundle), (std::vector<std::size_t>{2, 1, 0}));
    const Assignment ids = assign(*bundle);
    EXPECT_EQ(ids.ids, (std::vector<std::string>{"n0", "n1", "o1"}));
    const auto replacements = replacements_for(*bundle, 0, ids, nothing_matches);
    ASSERT_TRUE(replacements);
    EXPECT_NE(as_text(splice(*bundle->entries[0].resource, {"n0", "1", "t"}, *replacements))
                  .find(R"({"reference":"Patient/n1"})"),
              std::string_view::npos);
    EXPECT_EQ(owner_of(*bundle->entries[0].resource, *replacements)->reference->id, "n1");
}

TEST(ParseBundle, AMatchStandsForTheEntry) {
    const auto bundle = parse_text(bundle_of(
        "transaction",
        {R"({"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=s|1"}})",
         kGoal}));
    ASSERT_TRUE(bundle);
    EXPECT_EQ(bundle->entries[0].if_none_exist, "identifier=s|1");
    const std::vector<std::optional<std::string>> found{"there", std::nullopt};
    const Assignment ids = assign_ids(*bundle, found, [] { return std::string("new"); });
    EXPECT_EQ(ids.ids, (std::vector<std::string>{"there", "new"}));
    EXPECT_EQ(replacements_for(*bundle, 1, ids, nothing_matches)->front().text, "Patient/there");
}

TEST(ParseBundle, ResolvesConditionalReferencesAndNamesTheEntryWhereItCannot) {
    const auto bundle = parse_text(bundle_of(
        "transaction",
        {kPatientEntry,
         R"({"resource":{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner?identifier=s|1"}},"request":{"method":"POST","url":"PractitionerRole"}})"}));
    ASSERT_TRUE(bundle);
    const auto good = replacements_for(*bundle, 1, assign(*bundle), [](const Reference& r) -> Result<std::string> {
        EXPECT_EQ(r.query, "identifier=s|1");
        return r.type + "/d";
    });
    ASSERT_TRUE(good);
    EXPECT_EQ(good->front().text, "Practitioner/d");
    const auto bad = replacements_for(*bundle, 1, assign(*bundle), nothing_matches);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, "Bundle.entry[1]: nothing matches");
}

TEST(ParseBundle, ResolvesRelativeReferencesAgainstAnEntrysOwnBase) {
    const auto bundle = parse_text(bundle_of(
        "transaction",
        {R"({"fullUrl":"http://h/f/Patient/1","resource":{"resourceType":"Patient","id":"1"},"request":{"method":"POST","url":"Patient"}})",
         R"({"fullUrl":"http://h/f/Goal/2","resource":{"resourceType":"Goal","subject":{"reference":"Patient/1"}},"request":{"method":"POST","url":"Goal"}})",
         R"({"fullUrl":"http://other/Goal/2","resource":{"resourceType":"Goal","subject":{"reference":"Patient/1"}},"request":{"method":"POST","url":"Goal"}})",
         R"({"fullUrl":"urn:uuid:9","resource":{"resourceType":"Goal","subject":{"reference":"http://h/f/Patient/1"}},"request":{"method":"POST","url":"Goal"}})"}));
    ASSERT_TRUE(bundle) << bundle.error().to_string();
    const Assignment ids = assign(*bundle);
    EXPECT_EQ(replacements_for(*bundle, 1, ids, nothing_matches)->front().text, "Patient/n0");
    EXPECT_TRUE(replacements_for(*bundle, 2, ids, nothing_matches)->empty());
    EXPECT_EQ(replacements_for(*bundle, 3, ids, nothing_matches)->front().text, "Patient/n0");
}

TEST(ParseBundle, RefusesATransactionForOneBadEntryAndNamesIt) {
    struct Case {
        std::string_view entry;
        ErrorCode code;
    };
    for (
        const Case& c : {
            Case{R"("x")", ErrorCode::kFhirBundle},
            Case{R"({"resource":{"resourceType":"Patient"}})", ErrorCode::kFhirBundle},
            Case{R"({"request":{"method":"POST","url":"Patient"}})", ErrorCode::kFhirBundle},
            Case{R"({"resource":{"resourceType":"Patient"},"request":{"method":"post","url":"Patient"}})",
                 ErrorCode::kFhirBundle},
            Case{R"({"request":{"method":"GET"}})", ErrorCode::kFhirBundle},
            Case{R"({"request":{"method":"GET","url":"Patient/1/$proof"}})", ErrorCode::kUnsupported},
            Case{R"({"request":{"method":"GET","url":"Patient/1","ifNoneMatch":"W/\"1\""}})", ErrorCode::kUnsupported},
            Case{R"({"request":{"method":"GET","url":"Patient?identifier=%zz"}})", ErrorCode::kFhirSearch},
            Case{R"({"resource":{"resourceType":"Patient"},"request":{"method":"GET","url":"Patient/1"}})",
                 ErrorCode::kFhirBundle},
            Case{R"({"request":{"method":"HEAD","url":"Patient/1"}})", ErrorCode::kUnsupported},
            Case{R"({"request":{"method":"DELETE","url":"Patient/1"}})", ErrorCode::kUnsupported},
            Case{R"({"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Goal"}})",
                 ErrorCode::kFhirResource},
            Case{R"({"resource":{"resourceType":"Patient"},"request":{"method":"POST"}})", ErrorCode::kFhirResource},
            Case{R"({"resource":{"resourceType":"Pat"},"request":{"method":"POST","url":"Pat"}})",
                 ErrorCode::kFhirResource},
            Case{R"({"resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient/2"}})",
                 ErrorCode::kFhirResource},
            Case{R"({"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient/2"}})",
                 ErrorCode::kFhirResource},
            Case{
                R"({"resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient?identifier=1"}})",
                ErrorCode::kUnsupported},
            Case{
                R"({"resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient/1","ifNoneExist":"_id=1"}})",
                ErrorCode::kFhirBundle},
            Case{
                R"({"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifMatch":"W/\"1\""}})",
                ErrorCode::kFhirBundle},
            Case{
                R"({"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneExist":"name=x"}})",
                ErrorCode::kFhirSearch},
            Case{
                R"({"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneMatch":"*"}})",
                ErrorCode::kUnsupported},
            Case{kPatientEntry, ErrorCode::kFhirBundle},
            Case{
                R"({"resource":{"resourceType":"Goal","subject":{"reference":"urn:uuid:none"}},"request":{"method":"POST","url":"Goal"}})",
                ErrorCode::kFhirReference},
            Case{
                R"({"resource":{"resourceType":"Goal","subject":{"reference":"Patient?name=x"}},"request":{"method":"POST","url":"Goal"}})",
                ErrorCode::kFhirSearch},
        }) {
        const auto bundle = parse_text(bundle_of("transaction", {kPatientEntry, c.entry}));
        ASSERT_FALSE(bundle) << c.entry;
        EXPECT_EQ(bundle.error().code, c.code) << c.entry;
        EXPECT_TRUE(bundle.error().message.starts_with("Bundle.entry[1]: ")) << bundle.error().message;
        const auto batch = parse_text(bundle_of("batch", {kPatientEntry, c.entry}));
        ASSERT_TRUE(batch) << c.entry;
        EXPECT_FALSE(batch->entries[0].fault);
        ASSERT_TRUE(batch->entries[1].fault) << c.entry;
        EXPECT_EQ(batch->entries[1].fault->code, c.code) << c.entry;
        EXPECT_EQ(storing_order(*batch), (std::vector<std::size_t>{0}));
        EXPECT_EQ(assign(*batch).ids[1], "");
    }
}

TEST(ParseBundle, ReadsWhatAGetAsksForAndStoresNothingOfIt) {
    const auto bundle = parse_text(bundle_of(
        "transaction", {R"({"request":{"method":"GET","url":"Patient?identifier=a%7Cb&_count=2"}})", kPatientEntry,
                        R"({"fullUrl":"urn:uuid:9","request":{"method":"GET","url":"Patient/1/_history/2"}})"}));
    ASSERT_TRUE(bundle) << bundle.error().to_string();
    EXPECT_TRUE(bundle->entries[0].reads());
    EXPECT_FALSE(bundle->entries[0].writes());
    EXPECT_EQ(bundle->entries[0].path, "Patient");
    EXPECT_EQ(bundle->entries[0].query, (std::vector<FormField>{{"identifier", "a|b"}, {"_count", "2"}}));
    EXPECT_EQ(bundle->entries[2].path, "Patient/1/_history/2");
    EXPECT_EQ(storing_order(*bundle), (std::vector<std::size_t>{1}));
    const Assignment ids = assign(*bundle);
    EXPECT_EQ(ids.ids[0], "");
    EXPECT_FALSE(ids.targets.contains("urn:uuid:9")) << "nobody can refer to an answer";
}

TEST(ParseBundle, RefusesOneResourceUpdatedTwice) {
    constexpr std::string_view kUpdate =
        R"({"resource":{"resourceType":"Patient","id":"1"},"request":{"method":"PUT","url":"Patient/1"}})";
    EXPECT_EQ(code_of(bundle_of("transaction", {kUpdate})), ErrorCode::kOk);
    EXPECT_EQ(code_of(bundle_of("transaction", {kUpdate, kUpdate})), ErrorCode::kFhirBundle);
}

TEST(ParseBundle, EntriesOfABatchKnowNothingOfEachOther) {
    const auto batch = parse_text(bundle_of("batch", {kPatientEntry, kGoal}));
    ASSERT_TRUE(batch);
    ASSERT_TRUE(batch->entries[1].fault);
    EXPECT_EQ(batch->entries[1].fault->code, ErrorCode::kFhirReference);
}

TEST(ParseBundle, RefusesWhatIsNoTransactionOrBatch) {
    EXPECT_EQ(code_of("{"), ErrorCode::kJson);
    for (const std::string_view bad :
         {"[]", "{}", R"({"resourceType":"Patient","type":"batch"})", R"({"resourceType":"Bundle"})",
          R"({"resourceType":"Bundle","type":"collection"})", R"({"resourceType":"Bundle","type":"batch","entry":{}})"})
        EXPECT_EQ(code_of(std::string(bad)), ErrorCode::kFhirBundle) << bad;
    EXPECT_TRUE(parse_text(R"({"resourceType":"Bundle","type":"batch"})")->entries.empty());
    EXPECT_TRUE(parse_bundle(to_bytes(bundle_of("transaction", {kPatientEntry, kGoal})), {}, 2));
    const auto many = parse_bundle(to_bytes(bundle_of("transaction", {kPatientEntry, kGoal})), {}, 1);
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().code, ErrorCode::kTooLarge);
}

Bytes read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    if (path.extension() != ".zst") return to_bytes(text);
    Bytes out(ZSTD_getFrameContentSize(text.data(), text.size()));
    EXPECT_EQ(ZSTD_decompress(out.data(), out.size(), text.data(), text.size()), out.size());
    return out;
}

/// Every entry has an owner and, spliced, is the same resource with every reference within the bundle resolved.
void check_real_bundle(const fs::path& path, std::map<std::string, int>& owners) {
    const Bytes bytes = read_file(path);
    const auto bundle = parse_bundle(bytes);
    ASSERT_TRUE(bundle) << path << ": " << bundle.error().to_string();
    const Assignment ids = assign(*bundle);
    for (std::size_t i = 0; i < bundle->entries.size(); ++i) {
        const BundleEntry& entry = bundle->entries[i];
        ASSERT_FALSE(entry.fault) << path << ": " << entry.fault->to_string();
        const auto replacements = replacements_for(
            *bundle, i, ids, [](const Reference& r) -> Result<std::string> { return r.type + "/found"; });
        ASSERT_TRUE(replacements);
        const auto owner = owner_of(*entry.resource, *replacements);
        ASSERT_TRUE(owner) << path << ": " << owner.error().to_string();
        ++owners[owner->kind == Owner::Kind::kOrganisation ? "organisation"
                 : owner->kind == Owner::Kind::kSelf       ? "self"
                                                           : "patient"];

        const auto stored =
            Document::parse(splice(*entry.resource, {ids.ids[i], "1", "2026-01-01T00:00:00Z"}, *replacements));
        ASSERT_TRUE(stored);
        EXPECT_EQ(read_head(stored->root())->id, ids.ids[i]);
        EXPECT_EQ(content_digest(stored->root()), content_digest(*entry.resource, *replacements));
        for (const Reference& reference : references_of(stored->root()))
            EXPECT_TRUE(reference.kind == ReferenceKind::kRelative || reference.kind == ReferenceKind::kContained ||
                        !reference.is_reference)
                << path << " entry " << i;
    }
}

void check_folder(const fs::path& folder, std::string_view extension) {
    if (!fs::is_directory(folder)) GTEST_SKIP() << "no " << folder;
    std::map<std::string, int> owners;
    std::size_t files = 0;
    for (const auto& file : fs::directory_iterator(folder)) {
        if (file.path().extension() != extension) continue;
        check_real_bundle(file.path(), owners);
        ++files;
    }
    ASSERT_GT(files, 0U);
    EXPECT_GT(owners["organisation"], 0);
    EXPECT_GT(owners["self"], 0);
    EXPECT_GT(owners["patient"], owners["self"]);
}

TEST(RealBundles, OfSynthea2019AreReadWhole) {
    check_folder(fs::path(SALUS_SHARED_DATA) / "fhir" / "synthea", ".json");
}

TEST(RealBundles, OfTheDemoAreReadWhole) { check_folder(fs::path(SALUS_SOURCE_DIR) / "data" / "demo", ".zst"); }

}  // namespace
}  // namespace salus::application
