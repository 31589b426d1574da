#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/evidence.hpp"
#include "model/sample_chain.hpp"

namespace salus {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kEventInterval = 1'767'225'605'000;

/// Three events of hospital A in one interval, whose leaf is the second of its audit log.
struct AuditEvidenceTest : ::testing::Test {
    SampleChain chain;
    std::vector<AuditRecord> records{3};
    Salt salt{7};

    AuditEvidenceTest() {
        for (std::size_t i = 0; i < records.size(); ++i) {
            records[i].salt[0] = static_cast<std::uint8_t>(i);
            records[i].number = 16 + i;
            records[i].time_ms = kEventInterval + 1000 * i;
            records[i].action = AuditAction::kDecision;
            records[i].organisation = chain.b;
        }
        records[1].outcome = "no grant";
        records[1].user = StaffCredential{
            chain.b, "Dr B", "physician", "urn:staff|7", 0, 1, Signer::of(chain.key_b.public_key()), {}};
        MemoryLog log;
        log.append(Hash{1});
        log.append(audit::audit_leaf(salt, kEventInterval, events_root()));
        chain.set(Contract::kAudit, audit::audit_key(chain.a), audit::AuditState{kEventInterval, log.frontier});
        chain.set(Contract::kRecords, records::log_key(chain.a), log.frontier);
        chain.add_block({chain.filler()});
        audit_path_ = inclusion_path(log, 1, 2).value();
    }

    [[nodiscard]] std::vector<Hash> hashes() const {
        std::vector<Hash> out;
        for (const AuditRecord& record : records) out.push_back(record.hash());
        return out;
    }
    [[nodiscard]] Hash events_root() const { return log_root(hashes()); }

    /// Of event `i`, in the log of this contract.
    [[nodiscard]] Evidence evidence(std::size_t i = 1, Contract contract = Contract::kAudit) const {
        Evidence out;
        out.header = chain.blocks.back().header;
        out.certificate = chain.certificates.back();
        out.eras = {chain.genesis.era};
        out.genesis = codec::encode(chain.genesis);
        const Bytes key = contract == Contract::kAudit ? audit::audit_key(chain.a) : records::log_key(chain.a);
        const Hash path = state_path(contract, key);
        out.states = {{contract, key, true, *chain.tree.value(path), prove_state(chain.tree, path).value()}};
        out.leaves = {{0, 1, audit::audit_leaf(salt, kEventInterval, events_root()), audit_path_}};
        out.audit_events = {
            {0, records[i], i, records.size(), inclusion_path(hashes(), i), events_root(), kEventInterval, salt}};
        return out;
    }

    void expect_refused(const std::function<void(ProvenAuditEvent&)>& change, const std::string& why) const {
        Evidence changed = evidence();
        change(changed.audit_events.front());
        const Verdict verdict = verify_evidence(changed, chain.network, std::nullopt);
        EXPECT_FALSE(verdict.good);
        EXPECT_THAT(verdict.statements.back().text, HasSubstr(why));
    }

private:
    std::vector<Hash> audit_path_;
};

TEST_F(AuditEvidenceTest, AnEventIsShownWithItsLogActionPeopleOutcomeAndTime) {
    const Evidence proof = from_evidence_file(to_evidence_file(evidence())).value();
    const Verdict verdict = verify_evidence(proof, chain.network, std::nullopt);
    EXPECT_TRUE(verdict.good);
    const std::string text = verdict.statements.back().text;
    EXPECT_THAT(text, HasSubstr("event 17 in the audit log of " + to_address(AccountKind::kOrganisation, chain.a)));
    EXPECT_THAT(text, HasSubstr("decision by " + to_address(AccountKind::kOrganisation, chain.b)));
    EXPECT_THAT(text, HasSubstr("urn:staff|7 (Dr B, physician), refused (no grant)"));
    EXPECT_THAT(text, HasSubstr("2026-01-01T00:00:06"));
}

TEST_F(AuditEvidenceTest, TheFirstAndTheLastOfAnIntervalAreShownToo) {
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}})
        EXPECT_TRUE(verify_evidence(evidence(i), chain.network, std::nullopt).good) << i;
}

TEST_F(AuditEvidenceTest, NothingOfAnEventCanBeAltered) {
    expect_refused([](auto& event) { event.record.allowed = true; }, "another root");
    expect_refused([](auto& event) { event.record.user.reset(); }, "another root");
    expect_refused([](auto& event) { event.record.version = 2; }, "unknown version");
    expect_refused([](auto& event) { event.index = 0; }, "another root");
    expect_refused([](auto& event) { event.index = event.count; }, "behind the end");
    expect_refused([](auto& event) { event.path.pop_back(); }, "too short");
    expect_refused([](auto& event) { event.events_root[0] ^= 1; }, "another root");
    expect_refused([](auto& event) { event.interval += 1; }, "another interval");
    expect_refused([](auto& event) { event.salt[0] ^= 1; }, "another interval");
    expect_refused([](auto& event) { event.leaf = 1; }, "a leaf that is not proven");
}

/// The root commits to no number of events: (1, 3) and (1, 4) are the same turns of the path.
TEST_F(AuditEvidenceTest, WhatOnlyShapesThePathIsNotShown) {
    Evidence proof = evidence();
    ASSERT_EQ(proof.audit_events.front().count, 3U);
    const Verdict verdict = verify_evidence(proof, chain.network, std::nullopt);
    ++proof.audit_events.front().count;
    const Verdict other = verify_evidence(proof, chain.network, std::nullopt);
    EXPECT_TRUE(other.good);
    EXPECT_EQ(other.statements.back().text, verdict.statements.back().text);
    expect_refused([](auto& event) { event.count = 2; }, "too long");
}

TEST_F(AuditEvidenceTest, ALogOfRecordsIsNoAuditLog) {
    const Verdict verdict = verify_evidence(evidence(1, Contract::kRecords), chain.network, std::nullopt);
    EXPECT_FALSE(verdict.good);
    EXPECT_THAT(verdict.statements.back().text, HasSubstr("no audit log"));
}

}  // namespace
}  // namespace salus
