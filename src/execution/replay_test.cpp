#include "execution/replay.hpp"

#include <gtest/gtest.h>

#include "model/era.hpp"
#include "testkit/world.hpp"

namespace salus::execution {
namespace {

/// A chain with good, failed and system transactions.
class Replay : public ::testing::Test {
protected:
    void SetUp() override {
        const auto& a = world.net.hospital_a;
        world.run({world.by(a, audit::Payload{audit::FileRoot{2, testkit::hash_of("x")}}),
                   world.by(a, audit::Payload{audit::FileRoot{1, testkit::hash_of("y")}})});
        BlockInput input;
        input.time_ms = world.now_ms;
        era.era = 2;
        input.opens_era = era;
        input.faults = {{testkit::id_of<ValidatorId>("v"), 1, 3, world.now_ms, 5}};
        world.commit(world.execute(input));
        records::Append append;
        append.leaves.resize(32 * 16);
        world.run({world.by(a, records::Payload{append})});
    }
    /// What stands in the way of the chain with `change` made to its block `height`.
    std::string after(Height height, const std::function<void(Block&)>& change) {
        auto replay = ChainReplay::from_genesis(world.net.genesis_bytes).value();
        for (Block block : world.blocks()) {
            if (block.header.height == height) change(block);
            if (const auto status = replay.apply(block, world.inline_executor, era); !status)
                return status.error().message;
        }
        return "good";
    }
    testkit::World world;
    EraRecord era = world.net.genesis.era;  ///< that block 2 opens
};

TEST_F(Replay, ComesToTheSameTip) {
    auto replay = ChainReplay::from_genesis(world.net.genesis_bytes).value();
    EXPECT_EQ(replay.hash(), world.net.network.bytes);
    for (const Block& block : world.blocks()) ASSERT_TRUE(replay.apply(block, world.inline_executor, era).has_value());
    EXPECT_EQ(replay.header(), world.header());
    EXPECT_EQ(replay.hash(), world.header().hash());
    EXPECT_EQ(replay.header().era, 2U);
    EXPECT_EQ(replay.history().count, 3U);
}

TEST_F(Replay, NamesTheBlockAndTheFirstThingThatDiffers) {
    EXPECT_EQ(after(1, [](Block& block) { block.receipts[1].code = 0; }),
              "block 1: receipt 1 is not what execution gives");
    EXPECT_EQ(after(1, [](Block& block) { block.events[0].events[0].data[0] ^= 1; }),
              "block 1: event list 0 is not what execution gives");
    EXPECT_EQ(after(3, [](Block& block) { block.header.state_root[0] ^= 1; }),
              "block 3: header.state_root is not what execution gives");
    EXPECT_EQ(after(3, [](Block& block) { block.header.history_root[0] ^= 1; }),
              "block 3: header.history_root is not what execution gives");
    EXPECT_EQ(after(2, [](Block& block) { block.header.era = 1; }), "block 2: header.era is not what execution gives");
    EXPECT_EQ(after(2, [](Block& block) { block.header.time_ms = 1; }),
              "block 2: header.time_ms is not what execution gives");
    EXPECT_EQ(after(1, [](Block& block) { block.transactions[0].back() ^= 1; }),
              "block 1: transaction 0 is malformed: a signature does not verify");
    EXPECT_EQ(after(2, [](Block& block) { block.header.height = 3; }), "block 2: in its place stands block 3");
    EXPECT_EQ(after(2, [](Block& block) { block.system.push_back(block.system.back()); }),
              "block 2: system transaction 2 changes nothing");
    EXPECT_EQ(after(3, [this](Block& block) { block.transactions = world.blocks()[0].transactions; }),
              "block 3: transaction 0 has no place there: inadmissible-replay");
    EXPECT_EQ(after(3, [](Block& block) { block.transactions.clear(); }), "block 3: it holds no transaction");
    EXPECT_EQ(after(2, [](Block& block) { block.system.erase(block.system.begin()); }),
              "block 2: 2 receipts stand there, execution gives 1");
}

TEST_F(Replay, RefusesAnEraOfAnotherRecordOrOfNone) {
    const auto second = [this](const std::optional<EraRecord>& record) {
        auto replay = ChainReplay::from_genesis(world.net.genesis_bytes).value();
        EXPECT_TRUE(replay.apply(world.blocks()[0], world.inline_executor));
        const auto status = replay.apply(world.blocks()[1], world.inline_executor, record);
        return status ? "good" : status.error().message;
    };
    EXPECT_EQ(second(era), "good");
    EraRecord other = era;
    other.reason = "another";
    for (const auto& record : {std::optional(other), std::optional<EraRecord>()})
        EXPECT_EQ(second(record), "block 2: it opens another era than the record that goes with it");
}

TEST_F(Replay, RefusesATransactionToAContractThatThisVersionDoesNotExecute) {
    auto replay = ChainReplay::from_genesis(world.net.genesis_bytes).value();
    const Block& block = world.blocks()[0];
    std::vector<Transaction> transactions;
    for (const Bytes& bytes : block.transactions)
        transactions.push_back(parse_transaction(bytes, world.net.network, kProtocolVersion).value());
    transactions.back().body.contract = Contract::kSystem;
    const auto status = replay.apply(block, std::move(transactions));
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().message, "block 1: transaction 1 is malformed: version 1 has no contract system");
}

TEST_F(Replay, StandsWhereItStoodAfterABlockThatDiffers) {
    auto replay = ChainReplay::from_genesis(world.net.genesis_bytes).value();
    Block block = world.blocks()[0];
    block.receipts[0].code = 1;
    ASSERT_FALSE(replay.apply(block, world.inline_executor).has_value());
    EXPECT_TRUE(replay.apply(world.blocks()[0], world.inline_executor).has_value());
}

TEST_F(Replay, AnotherGenesisIsAnotherChain) {
    const auto other = testkit::make_consortium([](Genesis& genesis) { genesis.name = "another"; });
    auto replay = ChainReplay::from_genesis(other.genesis_bytes).value();
    EXPECT_EQ(replay.apply(world.blocks()[0], world.inline_executor).error().message,
              "block 1: transaction 0 is malformed: the transaction names another network");
    EXPECT_FALSE(ChainReplay::from_genesis(to_bytes("junk")).has_value());
}

/// A stream of bytes in memory.
struct Stream final : ByteSink, ByteSource {
    Status write(ByteView more) override {
        append(bytes, more);
        return {};
    }
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), bytes.size() - position);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), count, out.begin());
        position += count;
        return count;
    }
    Bytes bytes;
    std::size_t position = 0;
};

TEST(ReplayExport, ExecutesAnExportedChainAndCountsWhoSignedAnEra) {
    testkit::World world;
    const auto& net = world.net;
    world.run({world.by(net.hospital_a, audit::Payload{audit::FileRoot{2, testkit::hash_of("x")}})});
    EraRecord era = net.genesis.era;
    era.era = 2;
    era.first_height = 2;
    era.parent_hash = world.header().hash();
    for (const auto* member : {&net.hospital_a, &net.payer, &net.regulator}) sign_era(era, member->id(), member->key);
    BlockInput input;
    input.time_ms = world.now_ms;
    input.opens_era = era;
    world.commit(world.execute(input));

    const auto replayed = [&](const EraRecord& record, std::size_t blocks) -> std::string {
        Stream stream;
        ExportWriter writer(stream);
        EXPECT_TRUE(writer.begin(net.genesis_bytes).has_value());
        for (std::size_t i = 0; i < blocks; ++i) {
            const Block& block = world.blocks()[i];
            if (i == 1) {
                EXPECT_TRUE(writer.add_era(record).has_value());
            }
            EXPECT_TRUE(writer.add_block(codec::encode(block), certify(block.header, net.operator_key)).has_value());
        }
        EXPECT_TRUE(writer.finish().has_value());
        auto reader = ExportReader::open(stream, world.inline_executor).value();
        std::vector<Height> seen;
        const auto replay = replay_export(*reader, [&](const ExportedBlock& block) -> Status {
            seen.push_back(block.block.header.height);
            return {};
        });
        if (!replay) return replay.error().message;
        EXPECT_EQ(seen.size(), blocks);
        return replay->hash() == world.blocks()[blocks - 1].header.hash() ? "good" : "another tip";
    };
    EXPECT_EQ(replayed(era, 1), "good");
    EXPECT_EQ(replayed(era, 2), "good");
    era.signatures.pop_back();
    EXPECT_NE(replayed(era, 2), "good") << "two of four are too few";
}

}  // namespace
}  // namespace salus::execution
