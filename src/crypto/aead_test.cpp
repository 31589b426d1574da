#include "crypto/aead.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/gcm.hpp"
#include "crypto/test_vectors.hpp"
#include "testing/platform.hpp"

namespace salus::crypto {
namespace {

TEST(Gcm, FollowsWycheproof) {
    SALUS_VECTORS_OR_SKIP(file, "wycheproof/aes_gcm_test.json");
    std::size_t checked = 0;
    for (const auto& group : file.at("testGroups").as_array()) {
        // Other sizes of nonce and tag are not to be had through this interface, nor is AES-192.
        if (group.at("ivSize") != 96 || group.at("tagSize") != 128 || group.at("keySize") == 192) continue;
        for (const auto& test : group.at("tests").as_array()) {
            const Bytes key = hex_member(test, "key"), nonce = hex_member(test, "iv"), aad = hex_member(test, "aad");
            Bytes sealed = hex_member(test, "ct");
            append(sealed, hex_member(test, "tag"));
            const Bytes plaintext = hex_member(test, "msg");
            const auto opened = gcm_open(key, nonce, aad, sealed);
            const bool valid = test.at("result") == "valid";
            EXPECT_EQ(opened, valid ? std::optional(plaintext) : std::nullopt) << "tcId " << test.at("tcId");
            if (valid) {
                EXPECT_EQ(gcm_seal(key, nonce, aad, plaintext), sealed) << "tcId " << test.at("tcId");
            }
            ++checked;
        }
    }
    EXPECT_GT(checked, 100U);
}

class SealingAtRest : public ::testing::Test {
protected:
    testing::SeededRandom random;
    const Key256 key{random.bytes<32>()};
};

TEST_F(SealingAtRest, OpensWhatItSealed) {
    for (const std::size_t size : {0U, 1U, 16U, 1000U}) {
        Bytes plaintext(size);
        random.fill(plaintext);
        const Bytes sealed = seal(key, as_bytes("what it is"), plaintext, random);
        EXPECT_EQ(sealed.size(), size + kAeadOverheadBytes);
        EXPECT_EQ(open(key, as_bytes("what it is"), sealed).value(), plaintext);
    }
}

TEST_F(SealingAtRest, NeverRepeatsANonce) {
    EXPECT_NE(seal(key, {}, as_bytes("same"), random), seal(key, {}, as_bytes("same"), random));
}

TEST_F(SealingAtRest, RefusesAnyFlippedBitAndAnyMissingByte) {
    const Bytes sealed = seal(key, as_bytes("a"), as_bytes("plaintext"), random);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes altered = sealed;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(open(key, as_bytes("a"), altered).error().code, ErrorCode::kCorrupt);
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        EXPECT_EQ(open(key, as_bytes("a"), ByteView(sealed).first(size)).error().code, ErrorCode::kCorrupt);
}

TEST_F(SealingAtRest, RefusesAnotherKeyAndAnotherPlace) {
    const Bytes sealed = seal(key, as_bytes("a"), as_bytes("plaintext"), random);
    EXPECT_FALSE(open(key, as_bytes("b"), sealed));
    EXPECT_FALSE(open(Key256(random.bytes<32>()), as_bytes("a"), sealed));
}

}  // namespace
}  // namespace salus::crypto
