#include "node/packer.hpp"

#include <gtest/gtest.h>

#include "testing/platform.hpp"

namespace salus::node {
namespace {

using execution::Load;
using execution::Share;
using execution::Shares;

AccountId organisation(std::uint8_t name) { return AccountId{{name}}; }

const Shares kWideShares(kBlockBytesMax);

/// Where nothing is under way.
std::vector<Bytes> pack(Packer& packer, const Shares& shares = kWideShares) {
    auto packed = packer.next(shares, {});
    return packed ? std::move(packed->envelope.transactions) : std::vector<Bytes>{};
}

TEST(Packer, TakesFromEachOrganisationInTurn) {
    Packer packer;
    for (std::uint8_t i = 0; i < 5; ++i) packer.add(organisation(1), {{}, Bytes{1, i}});
    packer.add(organisation(2), {{}, Bytes{2, 0}});
    packer.add(organisation(3), {{}, Bytes{3, 0}});
    packer.add(organisation(3), {{}, Bytes{3, 1}});
    EXPECT_EQ(pack(packer), (std::vector<Bytes>{{1, 0}, {2, 0}, {3, 0}, {1, 1}, {3, 1}, {1, 2}, {1, 3}, {1, 4}}));
    EXPECT_TRUE(packer.empty());
}

TEST(Packer, AFloodDelaysOnlyItself) {
    Packer packer(20'000);
    for (int i = 0; i < 100; ++i) packer.add(organisation(1), {{}, Bytes(1000, 1)});
    packer.add(organisation(9), {{}, Bytes(1000, 9)});
    const auto first = pack(packer);
    EXPECT_NE(std::find(first.begin(), first.end(), Bytes(1000, 9)), first.end());
    EXPECT_FALSE(packer.empty());
}

TEST(Packer, TheTurnGoesOnFromEnvelopeToEnvelope) {
    Packer packer(7200);  // room for one
    for (std::uint8_t name = 1; name <= 3; ++name)
        for (int i = 0; i < 2; ++i) packer.add(organisation(name), {{}, Bytes(900, name)});
    std::vector<std::uint8_t> order;
    while (!packer.empty())
        for (const Bytes& transaction : pack(packer)) order.push_back(transaction[0]);
    EXPECT_EQ(order, (std::vector<std::uint8_t>{1, 2, 3, 1, 2, 3}));
}

TEST(Packer, TakesOfEachNoMoreThanItsShare) {
    const Shares shares(3000);
    Packer packer;
    for (int i = 0; i < 4; ++i) packer.add(organisation(1), {{}, Bytes(1000, 1)});
    packer.add(organisation(2), {{}, Bytes(1000, 2)});
    auto packed = packer.next(shares, {});
    EXPECT_EQ(packed->load, (Load{{{organisation(1), false}, 3000}, {{organisation(2), false}, 1000}}));
    EXPECT_FALSE(packer.next(shares, packed->load)) << "it waits for its share";
    EXPECT_FALSE(packer.next(shares, {{{organisation(1), false}, 2001}})) << "one byte too much";
    EXPECT_FALSE(packer.empty());
    packed = packer.next(shares, {{{organisation(1), false}, 2000}});
    EXPECT_EQ(packed->envelope.transactions.size(), 1U);
    EXPECT_EQ(packed->envelope.sequence, 2U) << "where nothing was packed nothing was numbered";
    EXPECT_TRUE(packer.empty());
}

TEST(Packer, WhoWaitsForItsShareIsNotOvertakenByItsOwnAndHoldsUpNobodyElse) {
    const Shares shares(3000);
    Packer packer;
    for (const std::size_t size : {2000U, 1001U, 1U}) packer.add(organisation(1), {{}, Bytes(size, 1)});
    for (int i = 0; i < 3; ++i) packer.add(organisation(2), {{}, Bytes(1000, 2)});
    const auto packed = packer.next(shares, {});
    EXPECT_EQ(packed->load, (Load{{{organisation(1), false}, 2000}, {{organisation(2), false}, 3000}}));
    EXPECT_EQ(pack(packer, shares), (std::vector<Bytes>{Bytes(1001, 1), Bytes(1, 1)}));
}

TEST(Packer, WhatNobodyWaitsForLeavesIt) {
    const Shares shares(3000);
    const TxId dead{{1}};
    const TxId waited{{2}};
    Packer packer;
    packer.add(organisation(1), {dead, Bytes(2000, 1)});
    packer.add(organisation(1), {waited, Bytes(1001, 2)});
    packer.add(organisation(2), {dead, Bytes(1000, 3)});
    packer.add_other(organisation(3), {dead, Bytes(1000, 4)});
    packer.keep([&](const TxId& id) { return id == waited; });
    const auto packed = packer.next(shares, {{{organisation(1), false}, 1999}});
    ASSERT_TRUE(packed) << "it need not wait for the share of what is gone";
    EXPECT_EQ(packed->ids, std::vector<TxId>{waited});
    EXPECT_EQ(packed->envelope.transactions, (std::vector<Bytes>{Bytes(1001, 2)}));
    EXPECT_TRUE(packer.empty());
}

TEST(Packer, WhatIsLargerThanItsShareGoesAlone) {
    const Shares shares(500);
    Packer packer;
    for (int i = 0; i < 2; ++i) packer.add(organisation(1), {{}, Bytes(1000, 1)});
    EXPECT_EQ(pack(packer, shares).size(), 1U);
    EXPECT_EQ(pack(packer, shares).size(), 1U);
    EXPECT_TRUE(packer.empty());
}

TEST(Packer, ThoseForWhomNobodyAnswersHaveOneSmallShareAndTakeTurnsInIt) {
    Packer packer;
    for (int i = 0; i < 100; ++i) packer.add_other(organisation(1), {{}, Bytes(1000, 1)});
    packer.add_other(organisation(9), {{}, Bytes(1000, 9)});
    packer.add(organisation(1), {{}, Bytes(1000, 5)});
    const auto packed = packer.next(kWideShares, {});
    EXPECT_EQ(packed->load, (Load{{{{}, true}, 65'000}, {{organisation(1), false}, 1000}}));
    const auto& taken = packed->envelope.transactions;
    EXPECT_NE(std::find(taken.begin(), taken.end(), Bytes(1000, 9)), taken.end());
}

TEST(Packer, AnEnvelopeIsNeverLargerThanItMay) {
    Packer packer;
    testing::SeededRandom random;
    const auto key = crypto::SigningKey::generate(random);
    for (int i = 0; i < 5000; ++i) packer.add(organisation(1), {{}, Bytes(random.below(2000), 1)});
    packer.add(organisation(1), {{}, Bytes(kTransactionBytesMax, 1)});
    packer.add(organisation(1), {{}, Bytes(kTransactionBytesMax, 1)});
    std::uint64_t sequence = 0;
    while (!packer.empty()) {
        Envelope envelope = packer.next(kWideShares, {})->envelope;
        EXPECT_EQ(envelope.sequence, ++sequence);
        sign_envelope(envelope, key);
        EXPECT_LE(codec::encode(envelope).size(), kEnvelopeBytesMax);
    }
}

}  // namespace
}  // namespace salus::node
