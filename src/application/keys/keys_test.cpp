#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include "application/keys/key_store.hpp"
#include "base/encoding.hpp"
#include "testing/directory.hpp"
#include "testing/platform.hpp"

namespace salus::application {
namespace {

using salus::testing::SeededRandom;
using salus::testing::TestDirectory;

constexpr PassphraseCost kCheap{1, 8192};
const AccountId kHospital{{1, 2, 3}};
const SubjectId kPatient{{7}};

struct KeysTest : ::testing::Test {
    TestDirectory directory;
    SeededRandom random;
    std::filesystem::path passphrase = directory.path() / "master";
    std::unique_ptr<MasterKey> master = create_passphrase_file(passphrase, random, kCheap).value();

    Result<std::unique_ptr<KeyStore>> open(const KeyProvider& provider, const AccountId& organisation = kHospital) {
        return KeyStore::open(directory.path() / "keystore.db", organisation, provider, random);
    }
};

TEST_F(KeysTest, ThePassphraseFileGivesTheSameKeyAgain) {
    struct stat info {};
    ASSERT_EQ(::stat(passphrase.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    const auto again = open_passphrase_file(passphrase, random);
    ASSERT_TRUE(again);
    EXPECT_TRUE(equal((*again)->key().expose(), master->key().expose()));
}

TEST_F(KeysTest, APassphraseFileIsNeverOverwrittenAndOthersMayNotReadIt) {
    EXPECT_EQ(create_passphrase_file(passphrase, random, kCheap).error().code, ErrorCode::kConflict);
    ASSERT_EQ(::chmod(passphrase.c_str(), 0640), 0);
    EXPECT_EQ(open_passphrase_file(passphrase, random).error().code, ErrorCode::kForbidden);
    EXPECT_EQ(open_passphrase_file(directory.path() / "absent", random).error().code, ErrorCode::kNotFound);
    const auto garbage = directory.write("garbage", "salus-passphrase-v1 1 8192 zz\nx\n");
    ASSERT_EQ(::chmod(garbage.c_str(), 0600), 0);
    EXPECT_EQ(open_passphrase_file(garbage, random).error().code, ErrorCode::kCorrupt);
}

TEST_F(KeysTest, AKekIsTheSameAfterARestartAndHasGenerations) {
    Bytes first;
    {
        auto store = open(*master).value();
        first = to_bytes(store->create(KekKind::kSubject, kPatient.bytes).value()->key.expose());
        EXPECT_EQ(store->create(KekKind::kSubject, kPatient.bytes).value()->generation, 2U);
    }
    auto store = open(*master).value();
    EXPECT_EQ(store->newest(KekKind::kSubject, kPatient.bytes).value()->generation, 2U);
    EXPECT_TRUE(equal(store->get(KekKind::kSubject, kPatient.bytes, 1).value()->key.expose(), first));
    EXPECT_EQ(store->get(KekKind::kSubject, kPatient.bytes, 3).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store->newest(KekKind::kSubject, SubjectId{{9}}.bytes).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store->own(KekKind::kAccountability).value()->generation, 1U);
    EXPECT_EQ(store->check().value(), 4U);
}

TEST_F(KeysTest, AnotherMasterKeyOrOrganisationIsRefused) {
    ASSERT_TRUE(open(*master));
    const MasterKey other(crypto::Key256(random.bytes<32>()), random);
    EXPECT_EQ(open(other).error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(open(*master, AccountId{{4}}).error().code, ErrorCode::kCorrupt);
}

TEST_F(KeysTest, RotatingTheMasterLeavesEveryKekAsItWas) {
    const MasterKey next(crypto::Key256(random.bytes<32>()), random);
    Bytes sealed;
    {
        auto store = open(*master).value();
        ASSERT_TRUE(store->create_subjects(std::vector{kPatient}));
        sealed = store->seal(KekKind::kSubject, kPatient.bytes, as_bytes("note"), as_bytes("hello")).value();
        ASSERT_TRUE(store->rotate_master(next));
        EXPECT_TRUE(store->create(KekKind::kSubject, kPatient.bytes));
    }
    EXPECT_EQ(open(*master).error().code, ErrorCode::kCorrupt);
    auto store = open(next).value();
    EXPECT_EQ(store->check().value(), 4U);
    EXPECT_EQ(as_text(store->unseal(KekKind::kSubject, kPatient.bytes, as_bytes("note"), sealed).value()), "hello");
    EXPECT_EQ(store->unseal(KekKind::kSubject, kPatient.bytes, as_bytes("other"), sealed).error().code,
              ErrorCode::kCorrupt);
    EXPECT_EQ(store->unseal(KekKind::kSubject, kPatient.bytes, as_bytes("note"), Bytes{1}).error().code,
              ErrorCode::kCorrupt);
}

RC_GTEST_PROP(Escrow, AnyMOfNSharesGiveTheKeyAndFewerDoNot, ()) {
    const auto count = *rc::gen::inRange(2U, 8U);
    const auto needed = *rc::gen::inRange(2U, count + 1);
    SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const crypto::Key256 master(random.bytes<32>());
    auto shares = split_master(master, needed, count, random).value();
    for (std::size_t i = shares.size(); i > 1; --i) std::swap(shares[i - 1], shares[random.below(i)]);
    shares.erase(shares.begin() + needed, shares.end());
    for (auto& share : shares) share = EscrowShare::from_text(share.to_text()).value();
    RC_ASSERT(equal(join_shares(shares).value().expose(), master.expose()));
    shares.back().value.expose_mutable()[3] ^= 1;
    RC_ASSERT(join_shares(shares).error().code == ErrorCode::kCorrupt);
    shares.pop_back();
    RC_ASSERT(join_shares(shares).error().code == ErrorCode::kUsage);
}

TEST(Escrow, JoiningDrawsNothingFromTheGeneratorThatSplit) {
    struct Counting final : Random {
        void fill(std::span<std::uint8_t> out) override {
            ++calls;
            random.fill(out);
        }
        salus::testing::SeededRandom random{7};
        int calls = 0;
    } random;
    const crypto::Key256 master(random.bytes<32>());
    const auto shares = split_master(master, 2, 3, random).value();
    const int after_split = random.calls;
    EXPECT_GT(after_split, 1);
    ASSERT_TRUE(join_shares(shares));
    EXPECT_EQ(random.calls, after_split);
}

TEST(Escrow, SenselessCountsAndForeignSharesAreRefused) {
    SeededRandom random;
    const crypto::Key256 master(random.bytes<32>());
    for (auto [needed, count] : {std::pair(1U, 3U), std::pair(4U, 3U), std::pair(2U, 256U)})
        EXPECT_EQ(split_master(master, needed, count, random).error().code, ErrorCode::kUsage);
    ASSERT_TRUE(split_master(master, 2, 255, random));
    auto mine = split_master(master, 2, 2, random).value();
    auto theirs = split_master(crypto::Key256(random.bytes<32>()), 2, 2, random).value();
    std::swap(mine[1], theirs[1]);
    EXPECT_EQ(join_shares(mine).error().code, ErrorCode::kUsage);
    EXPECT_EQ(EscrowShare::from_text("salus-escrow-v1 2 0 00 00").error().code, ErrorCode::kUsage);
}

}  // namespace
}  // namespace salus::application
