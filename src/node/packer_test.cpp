#include "node/packer.hpp"

#include <gtest/gtest.h>

#include "testing/platform.hpp"

namespace salus::node {
namespace {

AccountId organisation(std::uint8_t name) { return AccountId{{name}}; }

TEST(Packer, TakesFromEachOrganisationInTurn) {
    Packer packer;
    for (std::uint8_t i = 0; i < 5; ++i) packer.add(organisation(1), Bytes{1, i});
    packer.add(organisation(2), Bytes{2, 0});
    packer.add(organisation(3), Bytes{3, 0});
    packer.add(organisation(3), Bytes{3, 1});
    EXPECT_EQ(packer.next().transactions,
              (std::vector<Bytes>{{1, 0}, {2, 0}, {3, 0}, {1, 1}, {3, 1}, {1, 2}, {1, 3}, {1, 4}}));
    EXPECT_TRUE(packer.empty());
}

TEST(Packer, AFloodDelaysOnlyItself) {
    Packer packer(20'000);
    for (int i = 0; i < 100; ++i) packer.add(organisation(1), Bytes(1000, 1));
    packer.add(organisation(9), Bytes(1000, 9));
    const auto first = packer.next().transactions;
    EXPECT_NE(std::find(first.begin(), first.end(), Bytes(1000, 9)), first.end());
    EXPECT_FALSE(packer.empty());
}

TEST(Packer, TheTurnGoesOnFromEnvelopeToEnvelope) {
    Packer packer(7200);  // room for one
    for (std::uint8_t name = 1; name <= 3; ++name)
        for (int i = 0; i < 2; ++i) packer.add(organisation(name), Bytes(900, name));
    std::vector<std::uint8_t> order;
    while (!packer.empty())
        for (const Bytes& transaction : packer.next().transactions) order.push_back(transaction[0]);
    EXPECT_EQ(order, (std::vector<std::uint8_t>{1, 2, 3, 1, 2, 3}));
}

TEST(Packer, AnEnvelopeIsNeverLargerThanItMay) {
    Packer packer;
    testing::SeededRandom random;
    const auto key = crypto::SigningKey::generate(random);
    for (int i = 0; i < 5000; ++i) packer.add(organisation(1), Bytes(random.below(2000), 1));
    packer.add(organisation(1), Bytes(kTransactionBytesMax, 1));
    packer.add(organisation(1), Bytes(kTransactionBytesMax, 1));
    std::uint64_t sequence = 0;
    while (!packer.empty()) {
        Envelope envelope = packer.next();
        EXPECT_EQ(envelope.sequence, ++sequence);
        sign_envelope(envelope, key);
        EXPECT_LE(codec::encode(envelope).size(), kEnvelopeBytesMax);
    }
}

}  // namespace
}  // namespace salus::node
