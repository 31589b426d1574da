#include "crypto/kdf.hpp"

#include <gtest/gtest.h>

#include "crypto/test_vectors.hpp"

namespace salus::crypto {
namespace {

TEST(Hkdf, FollowsRfc5869) {
    // Test cases 1 and 3.
    const Bytes key(22, 0x0b);
    EXPECT_EQ(to_hex(hkdf_sha256(key, "000102030405060708090a0b0c"_hex, "f0f1f2f3f4f5f6f7f8f9"_hex, 42)->expose()),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(to_hex(hkdf_sha256(key, {}, {}, 42)->expose()),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, FollowsWycheproof) {
    SALUS_VECTORS_OR_SKIP(file, "wycheproof/hkdf_sha256_test.json");
    std::size_t checked = 0;
    for (const auto& group : file.at("testGroups").as_array())
        for (const auto& test : group.at("tests").as_array()) {
            const auto key = hkdf_sha256(hex_member(test, "ikm"), hex_member(test, "salt"), hex_member(test, "info"),
                                         test.at("size").to_number<std::size_t>());
            ASSERT_EQ(key.has_value(), test.at("result") == "valid") << "tcId " << test.at("tcId");
            if (key) {
                EXPECT_EQ(to_hex(key->expose()), test.at("okm").as_string()) << "tcId " << test.at("tcId");
            }
            ++checked;
        }
    EXPECT_EQ(checked, file.at("numberOfTests").to_number<std::size_t>());
}

TEST(Hkdf, Gives8160BytesAndNotOneMore) {
    EXPECT_EQ(hkdf_sha256({}, {}, {}, 8160)->size(), 8160U);
    EXPECT_EQ(hkdf_sha256({}, {}, {}, 8161).error().code, ErrorCode::kUsage);
    EXPECT_EQ(hkdf_sha256({}, {}, {}, 0)->size(), 0U);
}

TEST(Hkdf, AKeyIsItsFirst32Bytes) {
    const auto bytes = hkdf_sha256(as_bytes("key"), as_bytes("salt"), as_bytes("info"), 40);
    EXPECT_TRUE(
        equal(hkdf_key(as_bytes("key"), as_bytes("salt"), as_bytes("info")).expose(), bytes->expose().first(32)));
}

PassphraseParameters parameters(std::uint64_t operations, std::uint64_t memory_bytes, std::string_view salt) {
    PassphraseParameters out{operations, memory_bytes, {}};
    std::ranges::copy(as_bytes(salt), out.salt.begin());
    return out;
}

// The vectors of RFC 9106 have a secret and associated data, which libsodium's interface does not take. This one was
// made with the reference library (libargon2, argon2id_hash_raw with t=3, m=65536 KiB, p=1).
TEST(Argon2id, AgreesWithTheReferenceLibrary) {
    const auto key = key_from_passphrase(as_bytes("password"), parameters(3, 64 * 1024 * 1024, "somesalt12345678"));
    EXPECT_EQ(to_hex(key->expose()), "546b74c705111461412224204164aa4d03739825f3d0b90a9061bbcc3af04ff9");
}

TEST(Argon2id, TakesAnEmptyPassphrase) {
    const auto empty = key_from_passphrase({}, parameters(1, 8 * 1024, ""));
    const auto other = key_from_passphrase(as_bytes("p"), parameters(1, 8 * 1024, ""));
    EXPECT_FALSE(equal(empty->expose(), other->expose()));
}

TEST(Argon2id, TakesParametersOnlyWithinItsLimits) {
    const auto code = [](std::uint64_t operations, std::uint64_t memory_bytes) {
        const auto key = key_from_passphrase(as_bytes("p"), parameters(operations, memory_bytes, ""));
        return key ? ErrorCode::kOk : key.error().code;
    };
    EXPECT_EQ(code(1, 8 * 1024), ErrorCode::kOk);
    EXPECT_EQ(code(10, 8 * 1024), ErrorCode::kOk);
    EXPECT_EQ(code(0, 8 * 1024), ErrorCode::kUsage);
    EXPECT_EQ(code(11, 8 * 1024), ErrorCode::kUsage);
    EXPECT_EQ(code(1, 8 * 1024 - 1), ErrorCode::kUsage);
    EXPECT_EQ(code(1, 1024ULL * 1024 * 1024 + 1), ErrorCode::kUsage);
}

}  // namespace
}  // namespace salus::crypto
