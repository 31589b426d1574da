#include "crypto/hash.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "crypto/test_vectors.hpp"

namespace salus::crypto {
namespace {

TEST(Sha256, FollowsTheExamplesOfFips180) {
    EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256 million;
    for (int i = 0; i < 1000; ++i) million.update(std::string(1000, 'a'));
    EXPECT_EQ(to_hex(million.finish()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, BeginsAnewAfterEachDigest) {
    Sha256 hasher;
    EXPECT_EQ(hasher.update("abc").finish(), sha256(as_bytes("abc")));
    EXPECT_EQ(hasher.finish(), sha256({}));
}

TEST(Sha256, ForgetsNothingThatAnUnfinishedStreamHolds) {
    Sha256 stream;
    stream.update("ab");
    EXPECT_EQ(sha256(as_bytes("between")), tagged_hash("between", {}));
    EXPECT_EQ(stream.update("c").finish(), sha256(as_bytes("abc")));
}

TEST(Sha256, GivesTheSameOnEveryThread) {
    Hash there;
    std::thread([&] { there = sha256(as_bytes("abc")); }).join();
    EXPECT_EQ(there, sha256(as_bytes("abc")));
}

RC_GTEST_PROP(Sha256, OfPartsIsThatOfTheWhole, (const std::string& tag, const Bytes& a, const Bytes& b)) {
    Bytes whole = to_bytes(tag);
    append(whole, a);
    append(whole, b);
    RC_ASSERT(tagged_hash(tag, {a, b}) == sha256(whole));
    RC_ASSERT(Sha256().update(tag).update(a).update(b).finish() == sha256(whole));
}

TEST(MerkleHash, FollowsRfc6962) {
    // The roots of trees of one empty leaf and of two leaves, from the test data of Certificate Transparency.
    const Hash empty = merkle_leaf_hash({});
    EXPECT_EQ(to_hex(empty), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    const Hash zero = merkle_leaf_hash("00"_hex);
    EXPECT_EQ(to_hex(merkle_node_hash(empty, zero)),
              "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

TEST(Hmac, FollowsRfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), {as_bytes("what do ya want "), as_bytes("for nothing?")})),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // No key and no text; a known value (Wikipedia, "HMAC").
    EXPECT_EQ(to_hex(hmac_sha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    // Case 6: a key longer than a block.
    EXPECT_EQ(
        to_hex(hmac_sha256(Bytes(131, 0xaa), {as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace salus::crypto
