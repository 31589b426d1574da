#include "cli/torture/judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace salus::cli::torture {
namespace {

/// A node that has what it is given, and says so.
class FakeNode final : public Witness {
public:
    struct Resource {
        Match match;
        std::vector<std::uint64_t> versions{1};  ///< newest first
        std::uint64_t said = 1;
    };
    std::vector<Resource> resources;
    std::map<std::string, std::vector<Consent>> consents_of;
    std::map<GrantId, consent::GrantStatus> grants;
    std::vector<Hash> rows;
    std::map<std::string, std::uint64_t> audited;
    bool remembers_requests = true;

    /// Stores the posting, all of it or its first resources.
    Stored store(const Posting& posting, std::size_t count = SIZE_MAX) {
        Stored out{posting, {}};
        for (std::size_t i = 0; i < std::min(count, posting.resources()); ++i) {
            const std::string reference = (i == 0 ? "Patient/" : "Observation/") + std::to_string(resources.size());
            resources.push_back({{reference, posting.identifier(i)}, {1}, i == 0 ? 1 : i});
            out.references.push_back(reference);
        }
        audited[out.patient()] = 1;
        return out;
    }
    Resource& of(const std::string& reference) {
        return *std::ranges::find(resources, reference, [](const Resource& one) { return one.match.reference; });
    }

    Result<std::vector<Match>> search(std::string_view type, const std::vector<std::string>& identifiers) override {
        std::vector<Match> out;
        for (const Resource& one : resources)
            if (one.match.reference.starts_with(type) &&
                std::ranges::find(identifiers, one.match.identifier) != identifiers.end())
                out.push_back(one.match);
        return out;
    }
    Result<std::optional<Version>> read(const std::string& reference) override {
        for (const Resource& one : resources)
            if (one.match.reference == reference) return std::optional(Version{one.versions.front(), one.said});
        return std::optional<Version>{};
    }
    Result<std::vector<std::uint64_t>> history(const std::string& reference) override { return of(reference).versions; }
    Result<std::vector<std::string>> repeat(const Posting& posting) override {
        std::vector<std::string> known;
        for (const Resource& one : resources)
            for (std::size_t i = 0; i < posting.resources(); ++i)
                if (one.match.identifier == posting.identifier(i)) known.push_back(one.match.reference);
        return remembers_requests && !known.empty() ? known : store(posting).references;
    }
    Result<std::vector<Consent>> consents(const std::string& patient) override { return consents_of[patient]; }
    Result<std::optional<consent::GrantStatus>> on_chain(const GrantId& grant) override {
        const auto found = grants.find(grant);
        return found == grants.end() ? std::optional<consent::GrantStatus>{} : found->second;
    }
    Result<bool> row_stands(const Hash& tag) override { return std::ranges::find(rows, tag) != rows.end(); }
    Result<std::uint64_t> events(const std::string& patient) override { return ++audited[patient]; }
};

class JudgeTest : public testing::Test {
protected:
    Posting bundle{"c1-0-1", 2, false};
    Posting alone{"c1-2-1", 0, true};
    GrantId grant{{7}};
    FakeNode node;
    torture::Run run;
    Judge judge{node};

    Stored& acknowledge(const Posting& posting) {
        run.stored.push_back(node.store(posting));
        ++run.accesses[run.stored.back().patient()];
        return run.stored.back();
    }
    /// An update that the node has, with all before it.
    void update_in_node(const std::string& patient, std::uint64_t version) {
        auto& resource = node.of(patient);
        resource.versions.insert(resource.versions.begin(), version);
        resource.said = version;
    }
    void consent_in_node(const std::string& patient, bool active, consent::GrantStatus status) {
        node.consents_of[patient] = {{grant, active}};
        node.grants[grant] = status;
    }
    std::vector<std::string> faults() { return judge.judge(run).value(); }
};

using consent::GrantStatus;

TEST_F(JudgeTest, FindsNothingWhereAllIsThere) {
    acknowledge(bundle);
    Stored& updated = acknowledge(alone);
    update_in_node(updated.patient(), 2);
    updated.version = 2;
    run.consents.push_back({"Patient/0", grant});
    consent_in_node("Patient/0", true, GrantStatus::kActive);
    run.rows.push_back(Hash{1});
    node.rows.push_back(Hash{1});
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.judge_again(run, 5, 2).value(), std::vector<std::string>{});
}

TEST_F(JudgeTest, NamesAnAcknowledgedBundleThatNeverWas) {
    run.stored.push_back({bundle, {"Patient/8", "Observation/9", "Observation/10"}});
    const auto found = faults();
    ASSERT_EQ(found.size(), 4U) << "the bundle, and each of its resources";
    EXPECT_EQ(found.front(), "c1-0-1 was acknowledged and is not found");
}

TEST_F(JudgeTest, NamesAResourceThatIsMissingDoubledOrAnother) {
    acknowledge(bundle);
    const auto whole = node.resources;
    node.resources.pop_back();
    EXPECT_FALSE(faults().empty()) << "one is missing";
    node.resources = whole;
    node.resources.push_back(whole.back());
    node.resources.back().match.reference = "Observation/99";
    EXPECT_EQ(faults(), std::vector<std::string>{"c1-0-1-2 is there 2 times"});
    node.resources = whole;
    node.resources.back().said = 1;
    EXPECT_EQ(faults(), std::vector<std::string>{"Observation/2 is not what was acknowledged as c1-0-1-2"});
    node.resources = whole;
    EXPECT_EQ(faults(), std::vector<std::string>{});
}

TEST_F(JudgeTest, HoldsAPatientToItsNewestAcknowledgedVersion) {
    Stored& one = acknowledge(alone);
    one.version = 3;
    update_in_node(one.patient(), 2);
    EXPECT_EQ(faults(), std::vector<std::string>{"the patient c1-2-1 is in version 2, acknowledged is 3"});
    update_in_node(one.patient(), 3);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    node.of(one.patient()).said = 2;
    EXPECT_EQ(faults(), std::vector<std::string>{"version 3 of the patient c1-2-1 has the body of version 2"});
    node.of(one.patient()).said = 3;
    node.of(one.patient()).versions = {3, 1};
    EXPECT_EQ(faults(), std::vector<std::string>{"the history of the patient c1-2-1 has a gap at version 2"});
    node.of(one.patient()).versions = {3, 2};
    EXPECT_EQ(faults(), std::vector<std::string>{"the history of the patient c1-2-1 ends early"});
    update_in_node(one.patient(), 4);
    EXPECT_FALSE(faults().empty()) << "nobody sent a fourth";
}

TEST_F(JudgeTest, AnUpdateInDoubtIsThereOrNot) {
    Stored& one = acknowledge(alone);
    one.update_in_doubt = true;
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.doubts().dropped, 1U);
    run.stored.front().update_in_doubt = true;
    update_in_node(one.patient(), 2);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.doubts().kept, 1U);
    EXPECT_EQ(run.stored.front().version, 2U) << "from now on it has to stay";
}

TEST_F(JudgeTest, ABundleInDoubtIsThereWhollyOrNotAndIsStoredOnceByItsRepetition) {
    run.in_doubt = {bundle, alone};
    node.store(bundle);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.doubts().kept, 1U);
    EXPECT_EQ(judge.doubts().dropped, 1U);
    EXPECT_TRUE(run.in_doubt.empty());
    EXPECT_EQ(run.stored.size(), 2U) << "the repetition acknowledged both";
}

TEST_F(JudgeTest, NamesABundleInDoubtThatIsThereInPart) {
    run.in_doubt = {bundle};
    node.store(bundle, 2);
    const auto found = faults();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front(), "c1-0-1 is there in part: 2 of 3 resources");
}

TEST_F(JudgeTest, NamesARepetitionThatStoredTwice) {
    run.in_doubt = {bundle};
    node.store(bundle);
    node.remembers_requests = false;
    const auto found = faults();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front(), "c1-0-1 was stored, and its repetition is answered with other ids");
    EXPECT_NE(std::ranges::find(found, "c1-0-1 is there 2 times"), found.end());
}

TEST_F(JudgeTest, NamesAConsentThatIsNotAsItWasAcknowledged) {
    struct Case {
        bool revoked, active;
        GrantStatus status;
        std::size_t faults;
    };
    for (const Case& one : {Case{false, true, GrantStatus::kActive, 0}, Case{false, false, GrantStatus::kActive, 1},
                            Case{false, true, GrantStatus::kRevoked, 1}, Case{true, false, GrantStatus::kRevoked, 0},
                            Case{true, true, GrantStatus::kRevoked, 1}, Case{true, false, GrantStatus::kActive, 1}}) {
        run.consents = {{"Patient/0", grant, one.revoked}};
        consent_in_node("Patient/0", one.active, one.status);
        EXPECT_EQ(faults().size(), one.faults) << one.revoked << one.active;
    }
    node.grants.clear();
    EXPECT_FALSE(faults().empty()) << "the chain does not know it";
    node.consents_of.clear();
    EXPECT_EQ(faults(), std::vector<std::string>{"Patient/0 has 0 consents instead of 1"});
}

TEST_F(JudgeTest, AConsentOrRevocationInDoubtIsThereOrNotButNotTwice) {
    run.consents = {{"Patient/0", std::nullopt}};
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.doubts().dropped, 1U);
    consent_in_node("Patient/0", true, GrantStatus::kActive);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.doubts().kept, 1U);
    run.consents.front().revocation_in_doubt = true;
    consent_in_node("Patient/0", false, GrantStatus::kRevoked);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(judge.doubts().kept, 2U);
    run.consents = {{"Patient/0", std::nullopt}};
    node.consents_of["Patient/0"].push_back({GrantId{{8}}, true});
    EXPECT_EQ(faults(), std::vector<std::string>{"Patient/0 has 2 consents instead of 1"});
}

TEST_F(JudgeTest, NamesAReadWithoutItsRow) {
    run.rows = {Hash{1}, Hash{2}};
    node.rows = {Hash{1}};
    const auto found = faults();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found.front().starts_with("the disclosure row 02"));
}

TEST_F(JudgeTest, NamesAnAcknowledgedAccessThatIsNotInTheAudit) {
    const Stored& one = acknowledge(alone);
    EXPECT_EQ(faults(), std::vector<std::string>{}) << "one access, one event";
    node.audited[one.patient()] = 1;
    run.accesses[one.patient()] = 2;
    EXPECT_EQ(faults(), std::vector<std::string>{"Patient/0: 2 accesses were acknowledged, 1 stand in the audit"});
}

TEST_F(JudgeTest, SaysAgainWhatTheLoadItselfFound) {
    run.faults = {"a read across was answered behind its revocation"};
    EXPECT_EQ(faults(), run.faults);
}

}  // namespace
}  // namespace salus::cli::torture
