#include "model/transaction.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/hash.hpp"
#include "model/sample_chain.hpp"

namespace salus {
namespace {

class TransactionTest : public ::testing::Test {
protected:
    TransactionTest() {
        network.bytes[0] = 7;
        body.network_id = network;
        body.sender = {AccountKind::kOrganisation, AccountId{{1, 2, 3}}};
        body.valid_until_ms = 1'767'225'600'000;
        body.nonce = {1, 2, 3, 4, 5, 6, 7, 8};
        body.contract = Contract::kRecords;
        body.payload = Bytes(40, 0x5a);
    }

    /// What the network makes of bytes: malformed with a code, or nothing.
    ErrorCode judge(ByteView bytes) const {
        const auto transaction = parse_transaction(bytes, network);
        if (!transaction) return transaction.error().code;
        return signatures_good(*transaction) ? ErrorCode::kOk : ErrorCode::kMalformedSignature;
    }
    /// A transaction of this body whatever its signers say, signed by `keys` in the given order.
    Bytes sign_as_is(const std::vector<const crypto::SigningKey*>& keys) const {
        SignedTransaction transaction{codec::encode(body), {}};
        for (const auto* key : keys) transaction.signatures.push_back(key->sign(signed_bytes(transaction.body)));
        return codec::encode(transaction);
    }

    NetworkId network;
    TransactionBody body;
    const crypto::SigningKey key1 = sample_key(1), key2 = sample_key(2);
};

TEST_F(TransactionTest, WhatIsSignedIsParsedWithTheSameNames) {
    const Transaction made = sign(body, {&key1, &key2});
    const Transaction read = parse_transaction(made.bytes, network).value();
    EXPECT_TRUE(signatures_good(read));
    EXPECT_EQ(read.body, made.body);
    EXPECT_EQ(read.id, made.id);
    EXPECT_EQ(read.verdict_key, made.verdict_key);
    EXPECT_EQ(read.signed_bytes, made.signed_bytes);
    const Bytes encoded = codec::encode(read.body);
    EXPECT_EQ(read.id.bytes, crypto::tagged_hash("salus.tx.v1", {encoded}));
    EXPECT_EQ(read.verdict_key, crypto::tagged_hash("salus.stx.v1", {made.bytes}));
    EXPECT_TRUE(std::ranges::is_sorted(read.body.signers));
    const Bytes leaf = transaction_leaf(read.id, body.valid_until_ms, made.bytes);
    ASSERT_EQ(leaf.size(), 72U);
    EXPECT_EQ(from_big_endian<std::uint64_t>(ByteView(leaf).subspan(32, 8)), body.valid_until_ms);
}

TEST_F(TransactionTest, EveryFlippedBitIsRefused) {
    const Bytes good = sign(body, {&key1, &key2}).bytes;
    ASSERT_EQ(judge(good), ErrorCode::kOk);
    std::set<ErrorCode> codes;
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        codes.insert(judge(bad));
    }
    EXPECT_FALSE(codes.contains(ErrorCode::kOk));
    EXPECT_TRUE(codes.contains(ErrorCode::kMalformedEncoding));
    EXPECT_TRUE(codes.contains(ErrorCode::kMalformedVersion));
    EXPECT_TRUE(codes.contains(ErrorCode::kMalformedNetwork));
    EXPECT_TRUE(codes.contains(ErrorCode::kMalformedSignature));
}

TEST_F(TransactionTest, SignersAscendAndEachSigns) {
    body.signers = {Signer::of(key1.public_key()), Signer::of(key2.public_key())};
    std::ranges::sort(body.signers);
    const bool first = body.signers[0].public_key == key1.public_key().bytes;
    const auto* lower = first ? &key1 : &key2;
    const auto* upper = first ? &key2 : &key1;
    EXPECT_EQ(judge(sign_as_is({lower, upper})), ErrorCode::kOk);
    EXPECT_EQ(judge(sign_as_is({upper, lower})), ErrorCode::kMalformedSignature);
    EXPECT_EQ(judge(sign_as_is({lower})), ErrorCode::kMalformedSignature) << "a relay took one away";
    EXPECT_EQ(judge(sign_as_is({lower, upper, upper})), ErrorCode::kMalformedSignature);
    std::ranges::reverse(body.signers);
    EXPECT_EQ(judge(sign_as_is({upper, lower})), ErrorCode::kMalformedSignature);
    body.signers[1] = body.signers[0];
    EXPECT_EQ(judge(sign_as_is({upper, upper})), ErrorCode::kMalformedSignature);
    body.signers.clear();
    EXPECT_EQ(judge(sign_as_is({})), ErrorCode::kMalformedSignature);
}

TEST_F(TransactionTest, FourSignersAreTakenAndFiveAreNot) {
    std::vector<crypto::SigningKey> keys;
    for (std::uint8_t seed = 1; seed <= 5; ++seed) keys.push_back(sample_key(seed));
    std::ranges::sort(keys, {}, &crypto::SigningKey::public_key);
    std::vector<const crypto::SigningKey*> signing;
    for (int i = 0; i < 4; ++i) signing.push_back(&keys[static_cast<std::size_t>(i)]);
    EXPECT_EQ(judge(sign(body, signing).bytes), ErrorCode::kOk);
    for (const auto& key : keys) body.signers.push_back(Signer::of(key.public_key()));
    signing.push_back(&keys[4]);
    EXPECT_EQ(judge(sign_as_is(signing)), ErrorCode::kMalformedEncoding);
}

TEST_F(TransactionTest, KeysAndSignaturesHaveTheLengthOfTheirSuite) {
    const Transaction good = sign(body, {&key1});
    SignedTransaction longer{codec::encode(good.body), good.signatures};
    longer.signatures[0].push_back(0);
    EXPECT_EQ(judge(codec::encode(longer)), ErrorCode::kMalformedSignature);
    body.signers = {Signer::of(key1.public_key())};
    body.signers[0].public_key.push_back(0);
    EXPECT_EQ(judge(sign_as_is({&key1})), ErrorCode::kMalformedSignature);
}

TEST_F(TransactionTest, AnotherVersionNetworkOrTheSystemIsNamedAsSuch) {
    body.version = 2;
    EXPECT_EQ(judge(sign(body, {&key1}).bytes), ErrorCode::kMalformedVersion);
    EXPECT_TRUE(parse_transaction(sign(body, {&key1}).bytes, network, 2));
    body.version = 0;
    EXPECT_EQ(judge(sign(body, {&key1}).bytes), ErrorCode::kMalformedVersion);
    body.version = kProtocolVersion;
    body.network_id.bytes[31] ^= 1;
    EXPECT_EQ(judge(sign(body, {&key1}).bytes), ErrorCode::kMalformedNetwork);
    body.network_id = network;
    body.contract = Contract::kSystem;
    EXPECT_EQ(judge(sign(body, {&key1}).bytes), ErrorCode::kMalformedContract);
}

TEST_F(TransactionTest, TheLargestIsTakenAndOneByteMoreIsNot) {
    body.payload.clear();
    body.payload.resize(kTransactionBytesMax - sign(body, {&key1}).bytes.size() - 16, 1);
    while (sign(body, {&key1}).bytes.size() < kTransactionBytesMax) body.payload.push_back(1);
    Transaction largest = sign(body, {&key1});
    ASSERT_EQ(largest.bytes.size(), kTransactionBytesMax);
    EXPECT_EQ(judge(largest.bytes), ErrorCode::kOk);
    body.payload.push_back(1);
    EXPECT_EQ(judge(sign(body, {&key1}).bytes), ErrorCode::kMalformedSize);
}

TEST_F(TransactionTest, AnEnvelopeIsSignedOverAllButItsSignature) {
    Envelope envelope;
    envelope.sequence = 5;
    envelope.transactions = {sign(body, {&key1}).bytes};
    sign_envelope(envelope, key2);
    const auto good = [&] {
        return crypto::verify(envelope.member.key(), envelope_signed_bytes(envelope), envelope.signature);
    };
    EXPECT_TRUE(good());
    EXPECT_EQ(codec::decode<Envelope>(codec::encode(envelope)).value(), envelope);
    envelope.sequence = 6;
    EXPECT_FALSE(good());
    envelope.sequence = 5;
    envelope.transactions.emplace_back();
    EXPECT_FALSE(good());
}

}  // namespace
}  // namespace salus
