#include "node/check_node.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.hpp"
#include "node/check_chain.hpp"
#include "node/founding.hpp"
#include "node/test_network.hpp"
#include "store/memory_kv.hpp"
#include "testkit/world.hpp"

namespace salus::node {
namespace {

namespace fs = std::filesystem;

bool names(const std::vector<std::string>& findings, std::string_view what) {
    return std::ranges::any_of(findings, [&](const std::string& one) { return one.find(what) != std::string::npos; });
}

/// A node of two organisations that served for a moment.
struct CheckNodeTest : TestNetwork {
    CheckNodeTest() : TestNetwork(2) {}
    void SetUp() override { ASSERT_TRUE(start()); }

    NodeCheck check() {
        auto out = check_node(folder, random, {});
        EXPECT_TRUE(out) << out.error().to_string();
        return out ? *std::move(out) : NodeCheck{};
    }
    [[nodiscard]] fs::path in_a(const char* name) const { return organisation_folder(folder, "hospital-a") / name; }
    static void flip(const fs::path& file, std::size_t at) {
        Bytes bytes = read_file(file).value();
        bytes.at(at) ^= 1;
        ASSERT_TRUE(write_file(file, bytes, FileMode::kPrivate));
    }
    /// Flips a byte, or takes the file away, and expects the finding of the chain's part, or of hospital-a's, to name
    /// it.
    void expect_found(const fs::path& file, std::size_t at, bool of_organisation) {
        const auto findings = [&] {
            const NodeCheck all = check();
            EXPECT_TRUE(all.organisations.back().findings.empty()) << file << ": the other house is whole";
            return of_organisation ? all.organisations.front().findings : all.findings;
        };
        flip(file, at);
        EXPECT_TRUE(names(findings(), "altered " + file.string())) << file;
        flip(file, at);
        EXPECT_TRUE(findings().empty()) << file;
        const fs::path away = folder / "away";
        fs::rename(file, away);
        EXPECT_TRUE(names(findings(), "missing " + file.string())) << file;
        fs::rename(away, file);
    }
};

TEST_F(CheckNodeTest, AnUntouchedNodeIsWhole) {
    const NodeCheck all = check();
    EXPECT_TRUE(all.good());
    EXPECT_EQ(all.organisations.size(), 2U);
    EXPECT_EQ(all.organisations.front().keys, 2U);
}

TEST_F(CheckNodeTest, WhatTheNetworkStandsOnIsNamedWhereItIsChangedOrGone) {
    expect_found(genesis_file(folder), 40, false);
    expect_found(operator_key_file(folder), 20, false);
    expect_found(folder / "operator.passphrase", 2, false);
}

TEST_F(CheckNodeTest, KeysOfAnOrganisationAreNamedWhereTheyAreChangedOrGone) {
    expect_found(in_a("keys"), 20, true);
    fs::copy(organisation_folder(folder, "hospital-b") / "keys", in_a("keys"), fs::copy_options::overwrite_existing);
    EXPECT_TRUE(names(check().organisations.front().findings, "altered " + in_a("keys").string()));
}

TEST_F(CheckNodeTest, AnAlteredShareIsNamedAndOneThatWasCarriedAwayIsNot) {
    flip(in_a("escrow/share-2"), 90);
    const auto findings = check().organisations.front().findings;
    EXPECT_EQ(findings.size(), 1U);
    EXPECT_TRUE(names(findings, "altered " + in_a("escrow/share-2").string()));
    fs::remove(in_a("escrow/share-2"));
    EXPECT_TRUE(check().good());
    fs::remove_all(in_a("escrow"));
    EXPECT_TRUE(check().good());
}

TEST_F(CheckNodeTest, DatabasesOfAnotherHouseAreNamed) {
    for (const char* file : {"vault/vault.db", "keystore/keystore.db"}) {
        fs::rename(in_a(file), folder / "away");
        fs::copy(organisation_folder(folder, "hospital-b") / file, in_a(file));
        EXPECT_TRUE(names(check().organisations.front().findings, in_a(file).string())) << file;
        fs::rename(folder / "away", in_a(file));
    }
    EXPECT_TRUE(check().good());
}

TEST_F(CheckNodeTest, AChainThatDoesNotOpenHidesNothingElse) {
    fs::rename(chain_folder(folder), folder / "away");
    flip(in_a("keys"), 20);
    flip(operator_key_file(folder), 20);
    const NodeCheck all = check();
    EXPECT_TRUE(names(all.findings, "missing " + chain_folder(folder).string()));
    EXPECT_TRUE(names(all.findings, operator_key_file(folder).string()));
    EXPECT_TRUE(names(all.organisations.front().findings, in_a("keys").string()));
}

/// A chain in memory, written as the ledger would, but for what `spoil` does to its block 3.
ChainCheck walk(const std::function<void(store::Commit&)>& spoil) {
    testkit::World world;
    world.pass_blocks(5);
    const auto founding = founding_of(world.net.genesis_bytes).value();
    store::MemoryDisk disk;
    const auto chain = store::open_memory(disk, &founding).value();
    for (const Block& block : world.blocks()) {
        store::Commit commit;
        commit.block = block;
        commit.hash = block.header.hash();
        commit.certificate = certify(block.header, world.net.operator_key);
        if (block.header.height == 3) spoil(commit);
        EXPECT_TRUE(chain->write(commit));
    }
    return check_chain(*chain, {});
}

TEST(CheckChain, ASoundChainIsFoundSound) {
    const ChainCheck check = walk([](store::Commit&) {});
    EXPECT_TRUE(check.findings.empty()) << check.findings.front();
    EXPECT_EQ(check.blocks, 5U);
}

TEST(CheckChain, ABlockThatIsNotWhatItsHeaderSaysIsNamedAndHidesNoOther) {
    const ChainCheck check = walk([](store::Commit& commit) { commit.block->transactions.front().back() ^= 1; });
    ASSERT_EQ(check.findings.size(), 1U);
    EXPECT_TRUE(check.findings.front().starts_with("block 3: ")) << check.findings.front();
    EXPECT_EQ(check.blocks, 4U);
}

TEST(CheckChain, AHeaderOnAnotherHistoryIsNamed) {
    const ChainCheck check = walk([](store::Commit& commit) { commit.block->header.history_root[0] ^= 1; });
    EXPECT_TRUE(names(check.findings, "block 3: it stands on another history"));
    EXPECT_TRUE(names(check.findings, "block 3: the stored history has another block in its place"));
    EXPECT_TRUE(names(check.findings, "block 4: its parent is another block"));
}

TEST(CheckChain, ACertificateOfAnotherBlockIsNamed) {
    const ChainCheck check = walk([](store::Commit& commit) {
        commit.certificate = certify(commit.block->header, crypto::SigningKey::from_seed(crypto::Key256({9})));
    });
    ASSERT_EQ(check.findings.size(), 1U);
    EXPECT_TRUE(check.findings.front().starts_with("block 3: ")) << check.findings.front();
}

}  // namespace
}  // namespace salus::node
