#include "model/block.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "crypto/hash.hpp"
#include "model/certificate.hpp"
#include "model/sample_chain.hpp"

namespace salus {
namespace {

using ::testing::HasSubstr;

std::string refusal(const Status& status) { return status ? "accepted" : status.error().to_string(); }

Block sample_block(SampleChain& chain) {
    Fault fault;
    fault.kind = 1;
    return chain.add_block({chain.filler(), chain.filler()}, {{fault}});
}

TEST(Block, ItsContentIsThatOfItsHeader) {
    SampleChain chain;
    const Block block = sample_block(chain);
    EXPECT_TRUE(check_content(block));
    EXPECT_EQ(open_block(block)->size(), 2U);
    EXPECT_EQ(codec::decode<Block>(codec::encode(block)).value(), block);
    EXPECT_EQ(block.header.hash(), crypto::tagged_hash("salus.block.v1", {codec::encode(block.header)}));
}

TEST(Block, AnyOtherContentIsNamed) {
    SampleChain chain;
    const Block good = sample_block(chain);
    const auto refused = [&](const std::function<void(Block&)>& change, const char* why) {
        Block bad = good;
        change(bad);
        EXPECT_THAT(refusal(check_content(bad)), HasSubstr(why));
    };
    refused([](Block& b) { b.header.version = 2; }, "unknown version");
    refused([](Block& b) { b.header.tx_count = 2; }, "counts 2 transactions, the block holds 3");
    refused([](Block& b) { b.transactions.pop_back(); }, "the block holds 2");
    refused([](Block& b) { b.receipts.pop_back(); }, "not one receipt");
    refused([](Block& b) { b.events.pop_back(); }, "not one list of events");
    refused([](Block& b) { std::swap(b.transactions[0], b.transactions[1]); }, "receipt 1 is of another transaction");
    refused([](Block& b) { std::get<Fault>(b.system[0].what).kind = 2; }, "receipt 0 is of another transaction");
    refused([](Block& b) { b.receipts[1].contract = Contract::kConsent; }, "receipt 1 names another contract");
    refused([](Block& b) { b.receipts[1].code = 6001; }, "the receipts have another root");
    refused([](Block& b) { b.events[0].events.emplace_back(); }, "receipt 0 has the digest of other events");
    refused([](Block& b) { b.transactions[1].back() ^= 1; }, "the transactions have another root");
    refused([](Block& b) { b.transactions[0].pop_back(); }, "transaction 1 is malformed");
    refused([](Block& b) { b.header.network_id.bytes[0] ^= 1; }, "another network");
    refused([](Block& b) { b.header.tx_root[0] ^= 1; }, "the transactions have another root");
    refused([](Block& b) { b = Block{b.header, {}, {}, {}, {}}; }, "without a transaction");
}

TEST(Block, ASystemTransactionIsNamedByItsPlace) {
    const SystemTransaction transaction{EraOpened{}};
    EXPECT_NE(transaction.id(1, 0), transaction.id(2, 0));
    EXPECT_NE(transaction.id(1, 0), transaction.id(1, 1));
}

TEST(Events, NoneHaveNoDigest) {
    EXPECT_EQ(Events{}.digest(), Hash{});
    EXPECT_NE((Events{{{1, {}, {}}}}.digest()), Hash{});
}

TEST(Certificate, VouchesForOneBlockUnderOneEra) {
    SampleChain chain;
    const BlockHeader header = sample_block(chain).header;
    const Certificate good = certify(header, chain.operator_key);
    EXPECT_TRUE(check_certificate(good, header, chain.era));
    EXPECT_THAT(who_vouches(good), HasSubstr("one operator, ed25519 "));
    EXPECT_EQ(codec::decode<Certificate>(codec::encode(good)).value(), good);

    BlockHeader other = header;
    other.state_root[0] ^= 1;
    EXPECT_THAT(refusal(check_certificate(good, other, chain.era)), HasSubstr("does not verify"));
    EXPECT_THAT(refusal(check_certificate(certify(header, chain.key_a), header, chain.era)), HasSubstr("another key"));
    other = header;
    other.era = 2;
    EXPECT_THAT(refusal(check_certificate(certify(other, chain.operator_key), other, chain.era)),
                HasSubstr("of era 2"));
    EraRecord later = chain.era;
    later.first_height = 2;
    EXPECT_THAT(refusal(check_certificate(good, header, later)), HasSubstr("before its era"));
    EXPECT_THAT(refusal(check_certificate(Certificate{CometBftCertificate{}}, header, chain.era)),
                HasSubstr("another engine"));
    later = chain.era;
    later.engine = EngineKind::kCometBft;
    EXPECT_THAT(refusal(check_certificate(good, header, later)), HasSubstr("another engine"));
    EXPECT_THAT(refusal(check_certificate(Certificate{CometBftCertificate{}}, header, later)),
                HasSubstr("cannot be read"));
}

TEST(EraRecord, ItsHashCoversAllButTheSignatures) {
    SampleChain chain;
    EraRecord record = chain.era;
    const Hash before = record.hash();
    sign_era(record, chain.a, chain.key_a);
    EXPECT_EQ(record.hash(), before);
    record.reason = "x";
    EXPECT_NE(record.hash(), before);
}

}  // namespace
}  // namespace salus
