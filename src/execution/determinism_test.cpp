#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "execution/replay.hpp"
#include "testkit/coverage.hpp"
#include "testkit/traffic.hpp"
#include "testkit/world.hpp"

namespace salus::execution {
namespace {

constexpr int kBlocks = 12;

/// Like World::execute, with no room to remember a verdict.
BlockResult execute_forgetfully(testkit::World& world, const std::vector<Bytes>& envelopes) {
    BlockInput input;
    input.time_ms = world.now_ms;
    input.proposer = validator_id(Signer::of(world.net.operator_key.public_key()));
    input.envelopes.assign(envelopes.begin(), envelopes.end());
    VerdictCache verdicts(1);
    return execute(world.parent(), input, verdicts, world.inline_executor).value();
}

/// The same blocks on a fresh copy, whatever is remembered of signatures, and once more from the stored blocks alone.
RC_GTEST_PROP(Determinism, TheSameEnvelopesGiveTheSameBytes, (std::uint64_t seed)) {
    testkit::World world;
    testkit::World copy;
    testkit::Traffic traffic(world.net, seed);
    auto replay = ChainReplay::from_genesis(world.net.genesis_bytes).value();
    for (int i = 0; i < kBlocks; ++i) {
        const auto envelopes = traffic.envelopes(world.now_ms, world.state());
        const auto result = world.execute(envelopes);
        const auto again = execute_forgetfully(copy, envelopes);
        RC_ASSERT(result.codes.size() == envelopes.size());
        RC_ASSERT(result.codes == again.codes);
        RC_ASSERT(result.hash == again.hash);
        RC_ASSERT(result.tree.root == again.tree.root);
        RC_ASSERT(result.block.has_value() == again.block.has_value());
        if (result.block) {
            RC_ASSERT(codec::encode(*result.block) == codec::encode(*again.block));
            RC_ASSERT(codec::decode<Block>(codec::encode(*result.block)).value() == *result.block);
            RC_ASSERT(check_content(*result.block).has_value());
            RC_ASSERT(replay.apply(*result.block, world.inline_executor).has_value());
        }
        world.commit(result);
        copy.commit(again);
    }
    RC_ASSERT(replay.header() == world.header());
}

RC_GTEST_PROP(Determinism, AnyBytesGiveOneCodeAnEnvelope, (const std::vector<Bytes>& envelopes)) {
    testkit::World world;
    const auto result = world.execute(envelopes);
    RC_ASSERT(result.codes == std::vector<std::uint32_t>(envelopes.size(), 1));
    RC_ASSERT(!result.block.has_value());
}

/// Else the property above would hold of nothing.
TEST(Traffic, MeetsAllContractsAndAllThreeEndsOfATransaction) {
    testkit::World world;
    testkit::Traffic traffic(world.net, 7);
    testkit::Coverage coverage;
    std::map<ErrorCode, int> left_out;
    std::size_t refused = 0;
    for (int i = 0; i < 600; ++i) {
        const auto result = world.execute(traffic.envelopes(world.now_ms, world.state()));
        for (const auto code : result.codes) refused += code;
        for (const auto& what : result.inadmissible) ++left_out[what.code];
        if (result.block) coverage.add(*result.block);
        world.commit(result);
    }
    for (const std::string& message : testkit::Coverage::messages()) {
        const bool takes_hours = message == "Recover";
        EXPECT_TRUE(takes_hours || coverage.succeeded(message) > 0) << message;
        EXPECT_GT(coverage.failed(message), 0U) << message;
    }
    EXPECT_GT(coverage.codes().size(), 30U) << "too few kinds of refusals";
    for (const auto code : {ErrorCode::kInadmissibleExpired, ErrorCode::kInadmissibleFuture,
                            ErrorCode::kInadmissibleReplay, ErrorCode::kInadmissibleSender})
        EXPECT_GT(left_out[code], 5) << error_info(code).name;
    EXPECT_GT(refused, 20U);
}

}  // namespace
}  // namespace salus::execution
