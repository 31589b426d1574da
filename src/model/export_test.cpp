#include "model/export.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "model/sample_chain.hpp"
#include "testing/platform.hpp"

namespace salus {
namespace {

using ::testing::HasSubstr;

class MemorySink : public ByteSink {
public:
    Status write(ByteView part) override {
        append(bytes, part);
        return {};
    }
    Bytes bytes;
};

/// Gives few bytes at a time, as a socket may.
class MemorySource : public ByteSource {
public:
    explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min({out.size(), bytes_.size(), std::size_t{1000}});
        std::copy_n(bytes_.begin(), count, out.begin());
        bytes_ = bytes_.subspan(count);
        return count;
    }

private:
    ByteView bytes_;
};

class ExportTest : public ::testing::Test {
protected:
    ExportTest() {
        for (int i = 0; i < 3; ++i) chain.add_block({chain.filler(), chain.filler()});
    }

    /// Block `era_at` (an index) opens the era that the chain is in.
    Bytes write(std::size_t era_at = 99, bool last_certified = true) {
        MemorySink sink;
        ExportWriter writer(sink);
        EXPECT_TRUE(writer.begin(codec::encode(chain.genesis)));
        for (std::size_t i = 0; i < chain.blocks.size(); ++i) {
            const bool certified = last_certified || i + 1 < chain.blocks.size();
            if (i == era_at) {
                EXPECT_TRUE(writer.add_era(chain.era));
            }
            EXPECT_TRUE(writer.add_block(codec::encode(chain.blocks[i]),
                                         certified ? std::optional(chain.certificates[i]) : std::nullopt));
        }
        EXPECT_TRUE(writer.finish());
        return sink.bytes;
    }

    struct Outcome {
        Height blocks = 0, certified = 0;
        std::string error;
    };
    static Outcome read(ByteView bytes) {
        MemorySource source(bytes);
        testing::InlineExecutor executor;
        auto reader = ExportReader::open(source, executor);
        if (!reader) return {0, 0, reader.error().to_string()};
        Outcome outcome;
        while (true) {
            auto block = (*reader)->next();
            if (!block) outcome.error = block.error().to_string();
            if (!block || !*block) break;
            ++outcome.blocks;
            EXPECT_EQ((*block)->transactions.size(), (*block)->block.transactions.size());
        }
        outcome.certified = (*reader)->certified();
        return outcome;
    }

    /// Block 2 made anew with a change, and all behind it put right: what one finds in an honest-looking export.
    void expect_refused(const std::function<void(Block&)>& change, const char* why) {
        SampleChain forged;
        forged.add_block({forged.filler()});
        const Block good = forged.add_block({forged.filler()});
        forged.blocks.pop_back();
        forged.certificates.pop_back();
        Block bad = good;
        change(bad);
        bad.header.tx_root = transaction_root(bad);
        forged.seal(bad);
        std::swap(chain.blocks, forged.blocks);
        std::swap(chain.certificates, forged.certificates);
        const Outcome outcome = read(write());
        EXPECT_EQ(outcome.blocks, 1U);
        EXPECT_THAT(outcome.error, HasSubstr("block 2 of the export"));
        EXPECT_THAT(outcome.error, HasSubstr(why));
    }

    SampleChain chain;
};

TEST_F(ExportTest, AChainIsReadAsItWasWritten) {
    const Outcome outcome = read(write());
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.blocks, 3U);
    EXPECT_EQ(outcome.certified, 3U);
}

TEST_F(ExportTest, TheNewestBlockMayWaitForItsCertificate) {
    const Outcome outcome = read(write(99, false));
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.certified, 2U);
}

TEST_F(ExportTest, AStreamCutOffAnywhereIsNoticed) {
    const Bytes bytes = write();
    for (std::size_t size = 0; size < bytes.size(); size += 1 + size % 13)
        EXPECT_NE(read(ByteView(bytes).first(size)).error, "") << size;
    EXPECT_NE(read(ByteView(bytes).first(bytes.size() - 1)).error, "");
    Bytes more = bytes;
    more.push_back(0);
    EXPECT_THAT(read(more).error, HasSubstr("goes on behind its footer"));
}

TEST_F(ExportTest, EveryFlippedByteIsNoticed) {
    const Bytes bytes = write();
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        Bytes bad = bytes;
        bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1U << (i % 8)));
        EXPECT_NE(read(bad).error, "") << i;
    }
}

TEST_F(ExportTest, ALengthThatLiesTakesNoMemory) {
    Bytes bytes = to_bytes("SALUSEX1");
    append(bytes, Bytes{1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3});
    EXPECT_THAT(read(bytes).error, HasSubstr("cut off"));
}

TEST_F(ExportTest, ABlockThatDoesNotFitIsNamed) {
    expect_refused([](Block& b) { b.header.height = 3; }, "out of order");
    expect_refused([](Block& b) { b.header.parent_hash[0] ^= 1; }, "its parent is another block");
    expect_refused([](Block& b) { b.header.history_root[0] ^= 1; }, "another history");
    expect_refused([](Block& b) { b.header.time_ms = 5; }, "older than its parent");
    expect_refused([](Block& b) { b.header.era = 2; }, "of another era");
    expect_refused([](Block& b) { b.header.network_id.bytes[0] ^= 1; }, "of another network");
    expect_refused([](Block& b) { b.transactions[0].back() ^= 1; }, "signature of a transaction does not verify");
    expect_refused([](Block& b) { b.receipts[0].code = 1; }, "the receipts have another root");
}

TEST_F(ExportTest, AForeignCertificateIsRefused) {
    chain.certificates[1] = certify(chain.blocks[1].header, chain.key_a);
    EXPECT_THAT(read(write()).error, HasSubstr("another key"));
}

TEST_F(ExportTest, ALaterEraBeginsWithItsRecordAndItsSystemTransaction) {
    const crypto::SigningKey next_operator = sample_key(8);
    chain.era.era = 2;
    chain.era.first_height = 4;
    chain.era.parent_hash = chain.tip_hash;
    chain.era.validators = {{Signer::of(next_operator.public_key()), 1, chain.b}};
    chain.era_key = &next_operator;
    chain.add_block({chain.filler()}, {{EraOpened{chain.era.hash()}}});
    chain.add_block({chain.filler()});
    EXPECT_EQ(read(write(3)).error, "");
    EXPECT_THAT(read(write()).error, HasSubstr("of another era"));
    EXPECT_THAT(read(write(2)).error, HasSubstr("does not continue the chain"));
    chain.era.reason = "another";
    EXPECT_THAT(read(write(3)).error, HasSubstr("does not open the era"));
}

}  // namespace
}  // namespace salus
