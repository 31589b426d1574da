#include "node/organisation_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "application/keys/key_provider.hpp"
#include "application/keys/key_store.hpp"
#include "base/file.hpp"
#include "node/platform.hpp"
#include "testing/directory.hpp"

namespace salus::node {
namespace {

namespace fs = std::filesystem;
namespace app = salus::application;

class OrganisationFolder : public ::testing::Test {
protected:
    fs::path folder() const { return directory_.path() / "hospital"; }
    fs::path share(int number) const { return folder() / "escrow" / ("share-" + std::to_string(number)); }
    OrganisationKeys made() {
        auto keys = make_organisation_folder(folder(), "Hospital", random_);
        EXPECT_TRUE(keys);
        return *std::move(keys);
    }
    void lose_passphrase() { fs::rename(folder() / "passphrase", directory_.path() / "lost"); }

    testing::TestDirectory directory_;
    OsRandom random_;
};

TEST_F(OrganisationFolder, is_recovered_with_two_of_three_shares) {
    const OrganisationKeys before = made();
    lose_passphrase();
    for (const auto& [first, second] : {std::pair{1, 3}, std::pair{3, 2}}) {
        const auto keys = recover_organisation_folder(folder(), {share(first), share(second)}, random_);
        ASSERT_TRUE(keys) << keys.error().to_string();
        EXPECT_EQ(keys->id(), before.id());
        const auto opened = open_organisation_folder(folder(), random_);
        ASSERT_TRUE(opened) << opened.error().to_string();
        EXPECT_EQ(opened->signing.public_key().bytes, before.signing.public_key().bytes);
        fs::remove(folder() / "passphrase");  // the shares that recovery made are as good as the first
    }
}

TEST_F(OrganisationFolder, has_its_key_store_wrapped_anew) {
    const OrganisationKeys before = made();
    const fs::path file = folder() / "keystore" / "keystore.db";
    ASSERT_TRUE(make_directory(file.parent_path()));
    const SubjectId subject = random_.id<SubjectId>();
    crypto::Key256 kek;
    {
        const auto master = app::open_passphrase_file(folder() / "passphrase", random_);
        ASSERT_TRUE(master);
        auto store = app::KeyStore::open(file, before.id(), **master, random_);
        ASSERT_TRUE(store);
        const auto created = (*store)->create(app::KekKind::kSubject, subject.bytes);
        ASSERT_TRUE(created);
        kek = (*created)->key.clone();
    }
    lose_passphrase();
    ASSERT_TRUE(recover_organisation_folder(folder(), {share(2), share(3)}, random_));
    const auto master = app::open_passphrase_file(folder() / "passphrase", random_);
    ASSERT_TRUE(master);
    auto store = app::KeyStore::open(file, before.id(), **master, random_);
    ASSERT_TRUE(store) << store.error().to_string();
    const auto found = (*store)->newest(app::KekKind::kSubject, subject.bytes);
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_TRUE(std::ranges::equal((*found)->key.expose(), kek.expose()));
    const auto lost = app::open_passphrase_file(directory_.path() / "lost", random_);
    ASSERT_TRUE(lost);
    EXPECT_FALSE(app::KeyStore::open(file, before.id(), **lost, random_));
}

TEST_F(OrganisationFolder, is_not_recovered_while_its_passphrase_is_there) {
    made();
    EXPECT_EQ(recover_organisation_folder(folder(), {share(1), share(2)}, random_).error().code, ErrorCode::kConflict);
    EXPECT_TRUE(open_organisation_folder(folder(), random_));
}

TEST_F(OrganisationFolder, is_not_recovered_with_one_share_or_one_twice) {
    made();
    lose_passphrase();
    EXPECT_EQ(recover_organisation_folder(folder(), {share(1)}, random_).error().code, ErrorCode::kUsage);
    EXPECT_EQ(recover_organisation_folder(folder(), {share(1), share(1)}, random_).error().code, ErrorCode::kUsage);
    EXPECT_EQ(recover_organisation_folder(folder(), {share(1), folder() / "no"}, random_).error().code,
              ErrorCode::kNotFound);
}

TEST_F(OrganisationFolder, is_not_recovered_with_the_shares_of_another) {
    made();
    const fs::path other = directory_.path() / "other";
    ASSERT_TRUE(make_organisation_folder(other, "Other", random_));
    lose_passphrase();
    const auto wrong =
        recover_organisation_folder(folder(), {other / "escrow" / "share-1", other / "escrow" / "share-2"}, random_);
    EXPECT_EQ(wrong.error().code, ErrorCode::kForbidden);
    EXPECT_TRUE(recover_organisation_folder(folder(), {share(1), share(2)}, random_)) << "the right ones still do";
}

TEST_F(OrganisationFolder, takes_the_next_keys_and_keeps_the_old_until_they_are_forgotten) {
    const OrganisationKeys before = made();
    EXPECT_EQ(open_next_keys(folder(), NextKeys::kRotation, random_).error().code, ErrorCode::kNotFound);
    const auto next = prepare_next_keys(folder(), NextKeys::kRotation, random_);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->id(), before.id());
    EXPECT_NE(next->signing.public_key().bytes, before.signing.public_key().bytes);
    EXPECT_NE(next->sealing.public_key(), before.sealing.public_key());
    const auto again = prepare_next_keys(folder(), NextKeys::kRotation, random_);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->signing.public_key().bytes, next->signing.public_key().bytes);
    EXPECT_EQ(open_next_keys(folder(), NextKeys::kRotation, random_)->signing.public_key().bytes,
              next->signing.public_key().bytes);

    EXPECT_EQ(open_old_keys(folder(), random_).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(switch_to_next_keys(folder(), NextKeys::kRotation));
    EXPECT_EQ(open_organisation_folder(folder(), random_)->signing.public_key().bytes,
              next->signing.public_key().bytes);
    EXPECT_EQ(open_old_keys(folder(), random_)->signing.public_key().bytes, before.signing.public_key().bytes);
    EXPECT_EQ(switch_to_next_keys(folder(), NextKeys::kRotation).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(prepare_next_keys(folder(), NextKeys::kRotation, random_));
    EXPECT_EQ(switch_to_next_keys(folder(), NextKeys::kRotation).error().code, ErrorCode::kConflict);
    ASSERT_TRUE(forget_old_keys(folder()));
    EXPECT_EQ(open_old_keys(folder(), random_).error().code, ErrorCode::kNotFound);
}

Bytes signing_key_of(const Result<OrganisationKeys>& keys) { return keys.value().signing.public_key().bytes; }

TEST_F(OrganisationFolder, goes_on_with_a_switch_that_was_interrupted) {
    const OrganisationKeys before = made();
    const auto next = prepare_next_keys(folder(), NextKeys::kRotation, random_);
    fs::create_hard_link(folder() / "keys", folder() / "keys.old");
    EXPECT_EQ(open_old_keys(folder(), random_).error().code, ErrorCode::kNotFound) << "they are those in force";
    ASSERT_TRUE(switch_to_next_keys(folder(), NextKeys::kRotation));
    EXPECT_EQ(signing_key_of(open_organisation_folder(folder(), random_)), signing_key_of(next));
    EXPECT_EQ(signing_key_of(open_old_keys(folder(), random_)), before.signing.public_key().bytes);
    EXPECT_FALSE(fs::exists(folder() / "keys.next"));
}

TEST_F(OrganisationFolder, goes_on_with_an_interrupted_switch_when_its_passphrase_was_lost_too) {
    const OrganisationKeys before = made();
    const auto next = prepare_next_keys(folder(), NextKeys::kRotation, random_);
    const auto voted = prepare_next_keys(folder(), NextKeys::kRecovery, random_);
    fs::create_hard_link(folder() / "keys", folder() / "keys.old");
    lose_passphrase();
    ASSERT_TRUE(recover_organisation_folder(folder(), {share(1), share(2)}, random_));
    EXPECT_EQ(open_old_keys(folder(), random_).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(signing_key_of(open_next_keys(folder(), NextKeys::kRecovery, random_)), signing_key_of(voted));
    ASSERT_TRUE(switch_to_next_keys(folder(), NextKeys::kRotation));
    EXPECT_EQ(signing_key_of(open_organisation_folder(folder(), random_)), signing_key_of(next));
    EXPECT_EQ(signing_key_of(open_old_keys(folder(), random_)), before.signing.public_key().bytes);
}

TEST_F(OrganisationFolder, keeps_the_keys_of_a_recovery_apart_from_those_of_a_rotation) {
    made();
    const auto voted = prepare_next_keys(folder(), NextKeys::kRecovery, random_);
    const auto rotated = prepare_next_keys(folder(), NextKeys::kRotation, random_);
    EXPECT_NE(signing_key_of(voted), signing_key_of(rotated));
    ASSERT_TRUE(switch_to_next_keys(folder(), NextKeys::kRotation));
    EXPECT_EQ(signing_key_of(prepare_next_keys(folder(), NextKeys::kRecovery, random_)), signing_key_of(voted));
    const auto begun = prepare_next_keys(folder(), NextKeys::kRotation, random_);
    ASSERT_TRUE(forget_rotation(folder()));
    ASSERT_TRUE(switch_to_next_keys(folder(), NextKeys::kRecovery));
    EXPECT_EQ(signing_key_of(open_organisation_folder(folder(), random_)), signing_key_of(voted));
    EXPECT_EQ(switch_to_next_keys(folder(), NextKeys::kRecovery).error().code, ErrorCode::kNotFound);
    EXPECT_NE(signing_key_of(prepare_next_keys(folder(), NextKeys::kRotation, random_)), signing_key_of(begun))
        << "the recovery has retired the keys of a rotation that was begun";
}

}  // namespace
}  // namespace salus::node
