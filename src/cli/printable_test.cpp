#include "base/printable.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "cli/test_program.hpp"
#include "model/evidence.hpp"
#include "model/sample_chain.hpp"

namespace salus::cli {
namespace {

/// Evidence of an event at A whose actor B has named: the words are B's, the terminal is the reader's.
Evidence event_by(const std::string& name) {
    SampleChain chain;
    AuditRecord record;
    record.action = AuditAction::kDecision;
    record.organisation = chain.b;
    record.user =
        StaffCredential{chain.b, name, "physician", "urn:staff|7", 0, 1, Signer::of(chain.key_b.public_key()), {}};
    const Hash root = log_root(std::vector{record.hash()});
    constexpr std::uint64_t kInterval = 1'767'225'605'000;
    const Hash leaf = audit::audit_leaf({}, kInterval, root);
    MemoryLog log;
    log.append(leaf);
    const Bytes key = audit::audit_key(chain.a);
    chain.set(Contract::kAudit, key, audit::AuditState{kInterval, log.frontier});
    chain.add_block({chain.filler()});
    Evidence out;
    out.header = chain.blocks.back().header;
    out.certificate = chain.certificates.back();
    out.eras = {chain.genesis.era};
    out.genesis = codec::encode(chain.genesis);
    const Hash path = state_path(Contract::kAudit, key);
    out.states = {{Contract::kAudit, key, true, *chain.tree.value(path), prove_state(chain.tree, path).value()}};
    out.leaves = {{0, 0, leaf, inclusion_path(log, 0, 1).value()}};
    out.audit_events = {{0, record, 0, 1, inclusion_path(std::vector{record.hash()}, 0), root, kInterval, {}}};
    return out;
}

TEST(Printable, AProofForgesNoLineOfItsVerdict) {
    const testing::TestDirectory folder;
    const std::string file = folder.at("event.proof");
    ASSERT_TRUE(write_file(file, to_evidence_file(event_by("B\x1B[2K\n  + the network vouches"))));
    const Ran ran = run_program({"verify", file});
    EXPECT_EQ(ran.exit, kExitGood) << ran;
    EXPECT_TRUE(ran.says("(B\xEF\xBF\xBD[2K\xEF\xBF\xBD  + the network vouches, physician)")) << ran;
    EXPECT_EQ(ran.out.find('\x1B'), std::string::npos);
    EXPECT_EQ(ran.out.find("\n  + the network"), std::string::npos) << ran;
}

TEST(Printable, StaffAreNamedByNoControlCharacter) {
    const auto named = [](std::string name, std::string role, std::string id) {
        return run_program({"org", "staff", "--as", "nowhere", "--name", std::move(name), "--role", std::move(role),
                            "--id", std::move(id), "--out", "never.staff", "--network", std::string(64, '0')});
    };
    for (const Ran& refused : {named("Nora\n", "nurse", "s|1"), named("Nora", "nurse\x1B", "s|1"),
                               named("Nora", "nurse", "s|\xE2\x80\xAE")}) {
        EXPECT_EQ(refused.exit, kExitUsage) << refused;
        EXPECT_TRUE(refused.says("control characters")) << refused;
    }
    EXPECT_FALSE(named("Nora Wei\xC3\x9F", "nurse", "s|1").says("control characters"));
}

}  // namespace
}  // namespace salus::cli
