#include "crypto/signature.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "crypto/test_vectors.hpp"
#include "testing/platform.hpp"

namespace salus::crypto {
namespace {

Key256 seed_from_hex(std::string_view hex) { return Key256(array_from_hex<32>(hex).value()); }

PublicKey ed25519(Bytes bytes) { return {SignatureSuite::kEd25519, std::move(bytes)}; }

TEST(Signature, FollowsRfc8032) {
    // Section 7.1, test 2.
    const auto key =
        SigningKey::from_seed(seed_from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    EXPECT_EQ(to_hex(key.public_key().bytes), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const Bytes signature = key.sign("72"_hex);
    EXPECT_EQ(to_hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(verify(key.public_key(), "72"_hex, signature));
    EXPECT_FALSE(verify(key.public_key(), "73"_hex, signature));
}

TEST(Signature, FollowsWycheproof) {
    SALUS_VECTORS_OR_SKIP(file, "wycheproof/ed25519_test.json");
    std::size_t checked = 0;
    for (const auto& group : file.at("testGroups").as_array()) {
        const PublicKey key = ed25519(hex_member(group.at("publicKey"), "pk"));
        for (const auto& test : group.at("tests").as_array()) {
            EXPECT_EQ(verify(key, hex_member(test, "msg"), hex_member(test, "sig")), test.at("result") == "valid")
                << "tcId " << test.at("tcId") << " " << test.at("comment");
            ++checked;
        }
    }
    EXPECT_EQ(checked, file.at("numberOfTests").to_number<std::size_t>());
}

/// "Taming the many EdDSAs" (eprint 2020/1244), table 1: what each case probes, and the verdict of our rule.
TEST(Signature, GivesTheFrozenVerdictOnEachCaseOfSpeccheck) {
    struct Case {
        bool accepted;
        std::string_view probes;
    };
    constexpr Case kCases[] = {
        {false, "A and R of small order, S = 0"},
        {false, "A of small order"},
        {false, "R of small order"},
        {true, "A and R of mixed order; both equations hold"},
        {false, "A and R of mixed order; only the equation with the cofactor holds"},
        {false, "A of mixed order; only the equation with the cofactor holds"},
        {false, "S > L"},
        {false, "S much larger than L"},
        {false, "R not canonical and of small order, reduced before hashing"},
        {false, "R not canonical and of small order, hashed as it is"},
        {false, "A not canonical and of small order, reduced before hashing"},
        {false, "A not canonical and of small order, hashed as it is"},
    };
    SALUS_VECTORS_OR_SKIP(file, "ed25519-speccheck/cases.json");
    const auto& cases = file.as_array();
    ASSERT_EQ(cases.size(), std::size(kCases));
    for (std::size_t i = 0; i < cases.size(); ++i)
        EXPECT_EQ(verify(ed25519(hex_member(cases[i], "pub_key")), hex_member(cases[i], "message"),
                         hex_member(cases[i], "signature")),
                  kCases[i].accepted)
            << "case " << i << ": " << kCases[i].probes;
}

TEST(Signature, RefusesTheSameSignatureWithSRaisedByTheGroupOrder) {
    // L = 2^252 + 27742317777372353535851937790883648493, little-endian. S + L solves the same equation.
    const Bytes order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"_hex;
    const auto key = SigningKey::from_seed(Key256());
    Bytes signature = key.sign(as_bytes("m"));
    ASSERT_TRUE(verify(key.public_key(), as_bytes("m"), signature));
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        carry += static_cast<unsigned>(signature[32 + i]) + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    ASSERT_EQ(carry, 0U);
    EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), signature));
}

/// Two threads, each from its own end.
class TwoThreads final : public Executor {
public:
    void post(std::function<void()> job) override { job(); }
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override {
        std::thread upper([&] {
            for (std::size_t i = count; i-- > count / 2;) body(i);
        });
        for (std::size_t i = 0; i < count / 2; ++i) body(i);
        upper.join();
    }
    [[nodiscard]] std::size_t threads() const override { return 2; }
};

struct Signed {
    PublicKey key;
    Bytes message;
    Bytes signature;
};

/// A good signature, and in three cases of four one flipped bit of the key, the message or the signature.
std::vector<Signed> mutated_signatures(std::size_t count, testing::SeededRandom& random) {
    std::vector<Signed> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto key = SigningKey::from_seed(Key256(random.bytes<32>()));
        Bytes message(1 + random.below(100));
        random.fill(message);
        Signed each{key.public_key(), message, key.sign(message)};
        Bytes* const parts[] = {nullptr, &each.key.bytes, &each.message, &each.signature};
        if (Bytes* const part = parts[i % 4]; part != nullptr) {
            const std::uint64_t bit = random.below(part->size() * 8);
            (*part)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        }
        out.push_back(std::move(each));
    }
    return out;
}

TEST(VerifyBatch, GivesTheVerdictOfVerifyOnEveryMutatedSignature) {
    testing::SeededRandom random;
    const auto cases = mutated_signatures(20'000, random);
    std::vector<VerifyJob> jobs;
    for (const Signed& each : cases) jobs.push_back({&each.key, each.message, each.signature});
    TwoThreads executor;
    const auto verdicts = verify_batch(executor, jobs);
    ASSERT_EQ(verdicts.size(), jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        ASSERT_EQ(verdicts[i] != 0, i % 4 == 0) << i;
        ASSERT_EQ(verdicts[i] != 0, verify(cases[i].key, cases[i].message, cases[i].signature)) << i;
    }
}

TEST(VerifyBatch, GivesTheVerdictOfVerifyOnEveryVector) {
    SALUS_VECTORS_OR_SKIP(file, "wycheproof/ed25519_test.json");
    SALUS_VECTORS_OR_SKIP(speccheck, "ed25519-speccheck/cases.json");
    std::vector<Signed> cases;
    for (const auto& group : file.at("testGroups").as_array())
        for (const auto& test : group.at("tests").as_array())
            cases.push_back(
                {ed25519(hex_member(group.at("publicKey"), "pk")), hex_member(test, "msg"), hex_member(test, "sig")});
    for (const auto& test : speccheck.as_array())
        cases.push_back(
            {ed25519(hex_member(test, "pub_key")), hex_member(test, "message"), hex_member(test, "signature")});
    std::vector<VerifyJob> jobs;
    for (const Signed& each : cases) jobs.push_back({&each.key, each.message, each.signature});
    TwoThreads executor;
    const auto verdicts = verify_batch(executor, jobs);
    for (std::size_t i = 0; i < jobs.size(); ++i)
        EXPECT_EQ(verdicts[i] != 0, verify(cases[i].key, cases[i].message, cases[i].signature)) << i;
}

TEST(VerifyBatch, TakesAnyNumberOfJobs) {
    testing::SeededRandom random;
    testing::InlineExecutor executor;
    for (const std::size_t count : {0U, 1U, 7U, 8U, 9U}) {
        const auto cases = mutated_signatures(count, random);
        std::vector<VerifyJob> jobs;
        for (const Signed& each : cases) jobs.push_back({&each.key, each.message, each.signature});
        const auto verdicts = verify_batch(executor, jobs);
        ASSERT_EQ(verdicts.size(), count);
        for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(verdicts[i] != 0, i % 4 == 0);
    }
}

TEST(Signature, RefusesAnySizeButItsSuites) {
    const auto key = SigningKey::from_seed(Key256());
    const Bytes good = key.sign(as_bytes("m"));
    ASSERT_TRUE(verify(key.public_key(), as_bytes("m"), good));
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), longer));
    EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), ByteView(good).first(63)));
    EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), {}));
    EXPECT_FALSE(verify(ed25519({}), as_bytes("m"), good));
    EXPECT_FALSE(verify({SignatureSuite{2}, key.public_key().bytes}, as_bytes("m"), good));
}

TEST(Signature, CoversAnEmptyMessageToo) {
    const auto key = SigningKey::from_seed(Key256());
    EXPECT_TRUE(verify(key.public_key(), {}, key.sign({})));
    EXPECT_FALSE(verify(key.public_key(), as_bytes("m"), key.sign({})));
}

TEST(Suites, AreOnlyThoseOfTheTable) {
    ASSERT_NE(suite_info(SignatureSuite::kEd25519), nullptr);
    EXPECT_EQ(suite_info(SignatureSuite::kEd25519)->public_key_bytes, 32U);
    EXPECT_EQ(suite_info(SignatureSuite::kEd25519)->signature_bytes, 64U);
    EXPECT_EQ(suite_info(SignatureSuite{0}), nullptr);
    EXPECT_EQ(suite_info(SignatureSuite{2}), nullptr);
}

TEST(PublicKey, IsOrderedBySuiteThenBytes) {
    EXPECT_LT(ed25519("02"_hex), (PublicKey{SignatureSuite{2}, "01"_hex}));
    EXPECT_LT(ed25519("01"_hex), ed25519("02"_hex));
}

TEST(Signature, AKeyLiesInTheSubgroupOfPrimeOrderOrNot) {
    const PublicKey good = SigningKey::from_seed(Key256(Hash{7})).public_key();
    EXPECT_TRUE(in_prime_subgroup(good));
    PublicKey wrong = good;
    wrong.bytes.pop_back();
    EXPECT_FALSE(in_prime_subgroup(wrong)) << "another length";
    // Of order 1, 4 and 8: y = 1, y = 0, and one of RFC 7748's small ones.
    for (const char* small : {"0100000000000000000000000000000000000000000000000000000000000000",
                              "0000000000000000000000000000000000000000000000000000000000000000",
                              "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"})
        EXPECT_FALSE(in_prime_subgroup({SignatureSuite::kEd25519, from_hex(small).value()})) << small;
    SALUS_VECTORS_OR_SKIP(file, "ed25519-speccheck/cases.json");
    for (const std::size_t mixed : {3U, 4U, 5U})
        EXPECT_FALSE(in_prime_subgroup(ed25519(hex_member(file.as_array()[mixed], "pub_key")))) << "of mixed order";
}

}  // namespace
}  // namespace salus::crypto
