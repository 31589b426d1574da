#include "cli/verify_chain.hpp"

#include <gtest/gtest.h>

#include <sstream>

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
        return verify_chain(chain.bytes, net.network, std::nullopt, environment);
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

}  // namespace
}  // namespace salus::cli
