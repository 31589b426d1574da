#include "crypto/hpke.hpp"

#include <gtest/gtest.h>

#include "crypto/hpke_suite.hpp"
#include "crypto/test_vectors.hpp"
#include "testing/platform.hpp"

namespace salus::crypto {
namespace {

SealingPublicKey public_key_of(ByteView bytes) {
    SealingPublicKey out{};
    std::ranges::copy(bytes, out.begin());
    return out;
}
SealingKey key_from_hex(std::string_view hex) { return SealingKey::from_seed(Key256(array_from_hex<32>(hex).value())); }

// Appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0.
TEST(Hpke, FollowsRfc9180) {
    const auto ephemeral = key_from_hex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736");
    const auto recipient = key_from_hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
    EXPECT_EQ(to_hex(recipient.public_key()), "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
    const Bytes info = "4f6465206f6e2061204772656369616e2055726e"_hex;
    const Bytes aad = "436f756e742d30"_hex;
    const Bytes plaintext = "4265617574792069732074727574682c20747275746820626561757479"_hex;
    const auto sealed = hpke_seal(kHpkeAes128Gcm, ephemeral, recipient.public_key(), info, aad, plaintext);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(to_hex(*sealed),
              "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
              "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a");
    EXPECT_EQ(hpke_open(kHpkeAes128Gcm, recipient, info, aad, *sealed).value(), plaintext);
}

TEST(X25519, FollowsWycheproof) {
    SALUS_VECTORS_OR_SKIP(file, "wycheproof/x25519_test.json");
    std::size_t checked = 0, refused = 0;
    for (const auto& group : file.at("testGroups").as_array())
        for (const auto& test : group.at("tests").as_array()) {
            const Key256 secret(public_key_of(hex_member(test, "private")));
            const auto shared = x25519(secret, public_key_of(hex_member(test, "public")));
            const Bytes expected = hex_member(test, "shared");
            ++checked;
            if (expected == Bytes(32)) {
                EXPECT_FALSE(shared) << "tcId " << test.at("tcId");
                ++refused;
            } else {
                ASSERT_TRUE(shared) << "tcId " << test.at("tcId") << " " << test.at("comment");
                EXPECT_TRUE(equal(shared->expose(), expected)) << "tcId " << test.at("tcId");
            }
        }
    EXPECT_EQ(checked, file.at("numberOfTests").to_number<std::size_t>());
    EXPECT_GT(refused, 0U);
}

class SealingToAKey : public ::testing::Test {
protected:
    testing::SeededRandom random;
    const SealingKey recipient = SealingKey::generate(random);
    const Bytes sealed =
        hpke_seal(recipient.public_key(), as_bytes("info"), as_bytes("aad"), as_bytes("plaintext"), random).value();
};

TEST_F(SealingToAKey, OpensOnlyWithTheSameKeyAndPurpose) {
    EXPECT_EQ(hpke_open(recipient, as_bytes("info"), as_bytes("aad"), sealed).value(), to_bytes("plaintext"));
    EXPECT_EQ(hpke_open(recipient, as_bytes("other"), as_bytes("aad"), sealed).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(hpke_open(recipient, as_bytes("info"), as_bytes("other"), sealed).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(hpke_open(SealingKey::generate(random), as_bytes("info"), as_bytes("aad"), sealed).error().code,
              ErrorCode::kCorrupt);
}

TEST_F(SealingToAKey, RefusesAnyAlteredByteAndAnyMissingByte) {
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes altered = sealed;
        altered[i] ^= 1;
        EXPECT_FALSE(hpke_open(recipient, as_bytes("info"), as_bytes("aad"), altered)) << i;
        EXPECT_FALSE(hpke_open(recipient, as_bytes("info"), as_bytes("aad"), ByteView(sealed).first(i))) << i;
    }
}

TEST_F(SealingToAKey, MakesANewEphemeralKeyEachTime) {
    const auto again =
        hpke_seal(recipient.public_key(), as_bytes("info"), as_bytes("aad"), as_bytes("plaintext"), random);
    EXPECT_FALSE(equal(ByteView(*again).first(kHpkeEncBytes), ByteView(sealed).first(kHpkeEncBytes)));
}

TEST_F(SealingToAKey, RefusesAKeyOfSmallOrder) {
    const SealingPublicKey zero{};
    EXPECT_EQ(hpke_seal(zero, {}, {}, as_bytes("p"), random).error().code, ErrorCode::kUsage);
    EXPECT_EQ(hpke_open(recipient, {}, {}, Bytes(100)).error().code, ErrorCode::kCorrupt);
}

TEST_F(SealingToAKey, AKeyComesBackFromItsSecret) {
    EXPECT_EQ(SealingKey::from_seed(recipient.secret()).public_key(), recipient.public_key());
}

}  // namespace
}  // namespace salus::crypto
