#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "application/testing/facade.hpp"
#include "model/contracts/records.hpp"

namespace salus::application {
namespace {

using testing::Facade;

std::string slurp(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string unpack(const std::filesystem::path& file) {
    const std::string packed = slurp(file);
    std::string out(ZSTD_getFrameContentSize(packed.data(), packed.size()), '\0');
    EXPECT_EQ(ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size()), out.size());
    return out;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory, std::string_view ending) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

struct ImportTest : ::testing::Test, Facade {
    /// What the bundle's entries became; all of them must stand.
    std::size_t import(const std::string& bundle) {
        const auto answer = post("", bundle);
        EXPECT_EQ(answer.status, 200U) << as_text(answer.body).substr(0, 500);
        const auto statuses = statuses_of(answer);
        EXPECT_TRUE(std::ranges::all_of(statuses, [](const auto& s) { return s == "201 Created" || s == "200 OK"; }));
        return statuses.size();
    }
    std::uint64_t stored() { return house.vault->count({}).value(); }
    /// Everything opens, is what its leaf says, stands in the chain, and refers to nothing by urn.
    void expect_whole() {
        const auto log = ledger.view()->log(Contract::kRecords, house.id);
        SearchQuery query;
        query.count = 500;
        std::optional<std::uint64_t> next = 0;
        while (next) {
            query.after = *next;
            const auto page = house.vault->search(query).value();
            for (const auto& resource : page.resources) {
                EXPECT_EQ(as_text(resource.body).find("\"reference\": \"urn:uuid"), std::string_view::npos);
                EXPECT_EQ(as_text(resource.body).find("?identifier="), std::string_view::npos);
                EXPECT_EQ(log->node(0, resource.version.leaf_index).value(),
                          house.vault->open_leaf(resource.version)->opening.leaf());
            }
            next = page.next;
        }
    }
};

TEST_F(ImportTest, SyntheaBundlesThatBringTheirOwnOrganisations) {
    const std::filesystem::path directory = std::filesystem::path(SALUS_SHARED_DATA) / "fhir/synthea";
    if (!std::filesystem::exists(directory)) GTEST_SKIP() << "no " << directory;
    auto files = files_in(directory, ".json");
    std::ranges::stable_partition(
        files, [](const auto& file) { return file.string().find("Information") != std::string::npos; });
    std::size_t entries = 0;
    for (const auto& file : files) entries += import(slurp(file));
    EXPECT_EQ(stored(), entries);
    EXPECT_EQ(entries_of(get("/Patient")), 5U);
    expect_whole();
}

TEST_F(ImportTest, SyntheaBundlesWithConditionsAndTheSecondImportOfTheHospitalsMakesNone) {
    const auto files = files_in(std::filesystem::path(SALUS_SOURCE_DIR) / "data/demo", ".json.zst");
    ASSERT_GE(files.size(), 3U);
    const std::string hospitals = unpack(files[0]);
    const std::size_t count = import(hospitals);
    EXPECT_EQ(stored(), count);
    EXPECT_EQ(import(hospitals), count);
    EXPECT_EQ(stored(), count) << "If-None-Exist";
    import(unpack(files[1]));
    const auto before = stored();
    const std::size_t entries = import(unpack(files[2]));
    EXPECT_EQ(stored() - before, entries);
    expect_whole();
}

TEST_F(ImportTest, ABundleWhoseConditionMatchesNothingIsRefused) {
    const auto files = files_in(std::filesystem::path(SALUS_SOURCE_DIR) / "data/demo", ".json.zst");
    const auto answer = post("", unpack(files[2]));
    EXPECT_EQ(answer.status, 422U);
    EXPECT_NE(as_text(answer.body).find("Bundle.entry["), std::string::npos);
    EXPECT_EQ(stored(), 0U);
}

}  // namespace
}  // namespace salus::application
