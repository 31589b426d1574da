#include "application/consent/policy.hpp"

#include <gtest/gtest.h>

#include "model/limits.hpp"

namespace salus::application {
namespace {

const std::string kDefault = default_policy_document("US");

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    if (at != std::string::npos) text.replace(at, what.size(), by);
    return text;
}

TEST(Policy, TheDefaultAsksConsentForAllButEmergenciesAndThePatientsOwn) {
    const Policy policy = *Policy::parse(as_bytes(kDefault));
    EXPECT_EQ(policy.jurisdiction(), "US");
    EXPECT_EQ(policy.version(), 1U);
    EXPECT_EQ(policy.rule(Purpose::kTreat, {"N"}), PolicyRule::kGrantNeeded);
    EXPECT_EQ(policy.rule(Purpose::kPayment, {"N"}), PolicyRule::kGrantNeeded);
    EXPECT_EQ(policy.rule(Purpose::kBreakGlass, {"N"}), PolicyRule::kAlways);
    EXPECT_EQ(policy.rule(Purpose::kPatientRequest, {"HIV"}), PolicyRule::kAlways);
    EXPECT_EQ(policy.break_glass_ms(), 4 * kHourMs);
    EXPECT_TRUE(policy.is_clinical("emergency-physician"));
    EXPECT_FALSE(policy.is_clinical("billing"));
}

TEST(Policy, ALabelsRuleGoesBeforeThePurposesAndTheStrictestOfThemCounts) {
    const std::string document = replaced(replaced(kDefault, R"({"purpose": "TREAT", "rule": "grant-needed"},)",
                                                   R"({"purpose": "TREAT", "rule": "unless-objected"},
                                                      {"purpose": "TREAT", "labels": ["R"], "rule": "always"},
                                                      {"purpose": "TREAT", "labels": ["PSY", "HIV"], "rule": "grant-needed"},)"),
                                          "\"version\": 1", "\"version\": 7");
    const Policy policy = *Policy::parse(as_bytes(document));
    EXPECT_EQ(policy.version(), 7U);
    EXPECT_EQ(policy.rule(Purpose::kTreat, {"N"}), PolicyRule::kUnlessObjected);
    EXPECT_EQ(policy.rule(Purpose::kTreat, {"R"}), PolicyRule::kAlways);
    EXPECT_EQ(policy.rule(Purpose::kTreat, {"HIV", "R"}), PolicyRule::kGrantNeeded);
}

TEST(Policy, WhatIsNotAsItMustBeIsRefused) {
    const std::pair<std::string_view, std::string_view> changes[] = {
        {"salus.policy.v1", "salus.policy.v2"},
        {"\"version\": 1", "\"version\": 0"},
        {"\"version\": 1", "\"version\": \"1\""},
        {"\"version\": 1,", ""},
        {"\"version\": 1,", "\"version\": 1, \"extra\": 1,"},
        {"\"US\"", "\"\""},
        {"\"US\"", "\"a-jurisdiction-too-long\""},
        {"grant-needed", "maybe"},
        {"\"TREAT\"", "\"TREATMENT\""},
        {"\"TREAT\"", "\"BTG\""},
        {R"({"purpose": "FAMRQT", "rule": "grant-needed"})",
         R"({"purpose": "FAMRQT", "labels": ["R"], "rule": "grant-needed"})"},
        {R"("rule": "grant-needed")", R"("rule": "grant-needed", "labels": [])"},
        {R"("rule": "grant-needed")", R"("rule": "grant-needed", "labels": ["SECRET"])"},
        {"\"breakGlassMinutes\": 240", "\"breakGlassMinutes\": 241"},
        {"\"breakGlassMinutes\": 240", "\"breakGlassMinutes\": 0"},
        {"\"nurse\"", "\"physician\""},
        {"\"nurse\"", "1"},
        {"}\n", ""},
    };
    for (const auto& [what, by] : changes)
        EXPECT_FALSE(Policy::parse(as_bytes(replaced(kDefault, what, by)))) << what << " -> " << by;
    EXPECT_FALSE(Policy::parse(as_bytes("[]")));
    EXPECT_EQ(Policy::parse(Bytes(kPolicyBytesMax + 1, ' ')).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace salus::application
