#include "cli/verify_chain.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/encoding.hpp"
#include "cli/test_program.hpp"
#include "model/era.hpp"
#include "model/export.hpp"
#include "testing/platform.hpp"
#include "testkit/world.hpp"

namespace salus::cli {
namespace {

struct ChainBytes final : ByteSink {
    Status write(ByteView more) override {
        append(bytes, more);
        return {};
    }
    Bytes bytes;
};

/// Two blocks, the second of which opens an era under a key of the attacker's.
class VerifyChain : public ::testing::Test {
protected:
    Verdict verify(const std::vector<const testkit::Party*>& signers) {
        const auto& net = world_.net;
        world_.run({world_.by(net.hospital_a, audit::Payload{audit::FileRoot{1, {}}})});
        EraRecord era = net.genesis.era;
        era.era = 2;
        era.first_height = 2;
        era.parent_hash = world_.header().hash();
        era.validators.front().key = Signer::of(mine_.public_key());
        for (const auto* member : signers) sign_era(era, member->id(), member->key);
        execution::BlockInput input;
        input.time_ms = world_.now_ms;
        input.opens_era = era;
        world_.commit(world_.execute(input));

        ChainBytes chain;
        ExportWriter writer(chain);
        EXPECT_TRUE(writer.begin(net.genesis_bytes));
        const auto add = [&](const Block& block, const crypto::SigningKey& key) {
            EXPECT_TRUE(writer.add_block(codec::encode(block), certify(block.header, key)));
        };
        add(world_.blocks()[0], net.operator_key);
        EXPECT_TRUE(writer.add_era(era));
        add(world_.blocks()[1], mine_);
        EXPECT_TRUE(writer.finish());
        std::ostringstream out, err;
        testing::SeededRandom random(1);
        testing::ManualClock clock;
        Environment environment{out, err, random, clock, clock};
        ChainHistory history;
        const Verdict verdict = verify_chain(chain.bytes, net.network, std::nullopt, environment, &history);
        EXPECT_EQ(history.blocks.front(), world_.blocks()[0].header.hash());
        EXPECT_EQ(history.blocks.size(), verdict.good ? 2U : 1U);
        return verdict;
    }
    testkit::World world_;
    const crypto::SigningKey mine_ = testkit::signing_key("mine");
};

TEST_F(VerifyChain, AnEraThatNoMemberSignedIsRefused) {
    const Verdict verdict = verify({});
    EXPECT_FALSE(verdict.good);
    EXPECT_NE(verdict.statements.back().text.find("0 of 4 members signed the era record"), std::string::npos)
        << verdict.statements.back().text;
}

TEST_F(VerifyChain, AnEraThatEnoughMembersSignedIsNamed) {
    const auto& net = world_.net;
    const Verdict verdict = verify({&net.hospital_a, &net.payer, &net.regulator});
    EXPECT_TRUE(verdict.good);
    const auto is_era = [](const Statement& statement) {
        return statement.text.starts_with("era 2 from block 2 on: one operator at salusorg1") &&
               statement.text.ends_with("signed by 3 members");
    };
    EXPECT_TRUE(std::ranges::any_of(verdict.statements, is_era));
}

/// The export of a chain of two blocks: the second files a root for `interval`.
Bytes exported(std::uint64_t interval) {
    testkit::World world;
    world.run({world.by(world.net.hospital_a, audit::Payload{audit::FileRoot{1, {}}})});
    world.run({world.by(world.net.hospital_a, audit::Payload{audit::FileRoot{interval, {}}})});
    ChainBytes chain;
    ExportWriter writer(chain);
    EXPECT_TRUE(writer.begin(world.net.genesis_bytes));
    for (const Block& block : world.blocks())
        EXPECT_TRUE(writer.add_block(codec::encode(block), certify(block.header, world.net.operator_key)));
    EXPECT_TRUE(writer.finish());
    return chain.bytes;
}

TEST(VerifyChains, TwoStoriesOfOneOperatorAreToldApartAtTheirFirstDifference) {
    const testing::TestDirectory files;
    const std::string mine = files.write("mine.salus", as_text(exported(2)));
    const std::string same = files.write("same.salus", as_text(exported(2)));
    const std::string theirs = files.write("theirs.salus", as_text(exported(3)));
    const Ran agreed = run_program({"verify", mine, same});
    EXPECT_EQ(agreed.exit, kExitGood) << agreed;
    EXPECT_TRUE(agreed.says("is one history with " + mine)) << agreed;
    EXPECT_EQ(run_program({"verify", theirs}).exit, kExitGood) << "each by itself is good";
    const Ran parted = run_program({"verify", mine, theirs});
    EXPECT_EQ(parted.exit, kExitRefused) << parted;
    EXPECT_TRUE(parted.says("block 2 is another one than in " + mine)) << parted;
    EXPECT_TRUE(parted.says("equivocation")) << parted;
}

TEST(FirstDifference, IsTheHeightFromWhichTwoHistoriesPart) {
    const Hash a{1}, b{2}, c{3};
    EXPECT_EQ(first_difference({{}, {a, b}}, {{}, {a, b}}), std::nullopt);
    EXPECT_EQ(first_difference({{}, {a, b}}, {{}, {a}}), std::nullopt) << "one continues the other";
    EXPECT_EQ(first_difference({{}, {}}, {{}, {a}}), std::nullopt);
    EXPECT_EQ(first_difference({{}, {a, b}}, {{}, {a, c}}), 2U);
    EXPECT_EQ(first_difference({{}, {a, b, c}}, {{}, {b, b}}), 1U);
}

}  // namespace
}  // namespace salus::cli
