#include "application/check/check.hpp"

#include <gtest/gtest.h>

#include "application/testing/facade.hpp"

namespace salus::application {
namespace {

struct CheckTest : ::testing::Test, testing::Facade {
    std::string patient;
    std::string observation;

    void SetUp() override {
        patient = text_at(post("/Patient", R"({"resourceType":"Patient","identifier":[{"value":"7"}]})"), {"id"});
        observation = text_at(post("/Observation", body("1")), {"id"});
        ASSERT_EQ(put("/Observation/" + observation, body("2").insert(1, R"("id":")" + observation + R"(",)")).status,
                  200U);
    }
    std::string body(std::string_view value) {
        return R"({"resourceType":"Observation","subject":{"reference":"Patient/)" + patient + R"("},"valueInteger":)" +
               std::string(value) + "}";
    }
    CheckReport check() {
        const auto view = ledger.view();
        return check_vault(*house.vault, *view, *view->log(Contract::kRecords, house.id)).value();
    }
    void change(std::string_view sql) {
        ASSERT_TRUE(house.database->transaction([&](Writing& writing) { return writing.run(sql); }));
    }
    /// Whether something of that kind and name was found.
    static bool found(const CheckReport& report, Finding::Kind kind, std::string_view what) {
        return std::ranges::any_of(report.findings, [&](const Finding& f) {
            return f.kind == kind && f.what.find(what) != std::string::npos;
        });
    }
    std::string version(int number) const {
        return "Observation/" + observation + "/_history/" + std::to_string(number);
    }
};

TEST_F(CheckTest, AnUntouchedVaultIsWhole) {
    const auto report = check();
    EXPECT_TRUE(report.findings.empty()) << report.findings.front().what << ": " << report.findings.front().why;
    EXPECT_EQ(report.versions, 3U);
    EXPECT_EQ(report.pads, 3U * 16 - 3);
    EXPECT_EQ(report.keys, 3U);
}

TEST_F(CheckTest, AFlippedByteOfABodyIsNamed) {
    change("UPDATE bodies SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB) WHERE number = 3");
    EXPECT_TRUE(found(check(), Finding::Kind::kAltered, version(2)));
    EXPECT_FALSE(found(check(), Finding::Kind::kAltered, version(1)));
}

TEST_F(CheckTest, AlteredMetadataIsNamed) {
    change("UPDATE versions SET written_ms = written_ms + 1 WHERE number = 2");
    EXPECT_TRUE(found(check(), Finding::Kind::kAltered, version(1)));
    change(
        "UPDATE pads SET salt = x'00000000000000000000000000000000' WHERE leaf_index = (SELECT MIN(leaf_index) FROM "
        "pads)");
    EXPECT_TRUE(found(check(), Finding::Kind::kAltered, "leaf "));
}

TEST_F(CheckTest, ADeletedRowIsMissing) {
    change("DELETE FROM versions WHERE number = 2");
    const auto report = check();
    EXPECT_TRUE(found(report, Finding::Kind::kMissing, "leaf "));
    EXPECT_TRUE(found(report, Finding::Kind::kExtra, "row 2")) << "its body";
    change("DELETE FROM bodies WHERE number = 3");
    EXPECT_TRUE(found(check(), Finding::Kind::kMissing, version(2)));
}

TEST_F(CheckTest, AnOlderVersionPassedOffAsTheCurrentOneIsFound) {
    change("UPDATE resources SET current = 2, version = 1 WHERE type = 'Observation'");
    EXPECT_TRUE(found(check(), Finding::Kind::kMissing, version(1))) << "the chain says that it was replaced";
}

TEST_F(CheckTest, AnInventedRowIsExtra) {
    change(
        "INSERT INTO resources (number, type, id, subject, current, version) VALUES (99, 'Patient', 'x', "
        "x'00000000000000000000000000000000', 99, 1)");
    EXPECT_TRUE(found(check(), Finding::Kind::kExtra, "row 99"));
}

TEST_F(CheckTest, AnEntryOfTheIndexIsMissingOrExtra) {
    change("UPDATE tokens SET token = zeroblob(16) WHERE rowid = 1");
    const auto report = check();
    EXPECT_TRUE(found(report, Finding::Kind::kMissing, "Patient/" + patient + "/_history/1"));
    change("INSERT INTO tokens (token, number) VALUES (randomblob(16), 2)");
    EXPECT_TRUE(found(check(), Finding::Kind::kExtra, "the search index"));
}

TEST_F(CheckTest, ASubjectOrAnAppendThatSaysAnotherThingThanItsVersionsIsFound) {
    change("UPDATE subjects SET leaf = zeroblob(32) WHERE patient <> ''");
    EXPECT_TRUE(found(check(), Finding::Kind::kExtra, "row "));
    change("UPDATE appends SET leaves = leaves + 1 WHERE first_index = 0");
    EXPECT_TRUE(found(check(), Finding::Kind::kAltered, "the append at leaf 0"));
}

TEST_F(CheckTest, ARememberedAnswerNamesVersionsThatAreThere) {
    ASSERT_EQ(post("/Observation", body("3"), {{"x-request-id", "once"}}).status, 201U);
    ASSERT_TRUE(check().findings.empty());
    change("UPDATE requests SET answer = CAST(replace(CAST(answer AS TEXT), ' 1 ', ' 2 ') AS BLOB)");
    EXPECT_TRUE(found(check(), Finding::Kind::kAltered, "a remembered answer"));
}

TEST_F(CheckTest, AVaultAheadOfTheChainIsFound) {
    testing::TestLedger younger;
    const auto view = younger.view();
    const auto report = check_vault(*house.vault, *view, *view->log(Contract::kRecords, house.id)).value();
    EXPECT_TRUE(found(report, Finding::Kind::kMissing, "leaf 0 to 47"));
}

}  // namespace
}  // namespace salus::application
