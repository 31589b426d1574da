#include "model/login.hpp"

#include <gtest/gtest.h>

#include "model/wallet_keys.hpp"
#include "testing/platform.hpp"

namespace salus {
namespace {

constexpr TimeMs kNow = testing::ManualClock::kStartMs;
const NetworkId kNetwork{{1}};
const AccountId kCustodian{{2}};

struct Login : ::testing::Test {
    testing::SeededRandom random;
    crypto::SigningKey organisation = crypto::SigningKey::generate(random);
    crypto::Key256 entropy{random.bytes<32>()};

    StaffCredential credential(TimeMs from_ms = kNow, TimeMs until_ms = kNow + kStaffCredentialMs) {
        StaffCredential out{kCustodian, "Dr. Ada", "physician", "https://npi|1", from_ms, until_ms, {}, {}};
        sign_staff_credential(out, organisation);
        return out;
    }
};

TEST_F(Login, AStaffCredentialCountsFromItsBeginningUntilItsEnd) {
    EXPECT_TRUE(check_staff_credential(credential(), kNow));
    EXPECT_TRUE(check_staff_credential(credential(), kNow + kStaffCredentialMs - 1));
    EXPECT_FALSE(check_staff_credential(credential(), kNow - 1));
    EXPECT_FALSE(check_staff_credential(credential(), kNow + kStaffCredentialMs));
}

TEST_F(Login, AStaffCredentialLastsTwelveHoursAtMost) {
    EXPECT_FALSE(check_staff_credential(credential(kNow, kNow + kStaffCredentialMs + 1), kNow));
    EXPECT_FALSE(check_staff_credential(credential(kNow, kNow), kNow));
}

TEST_F(Login, AnAlteredStaffCredentialIsRefused) {
    StaffCredential altered = credential();
    altered.role = "privacy-officer";
    EXPECT_FALSE(check_staff_credential(altered, kNow));
    altered = credential();
    altered.signature.clear();
    EXPECT_FALSE(check_staff_credential(altered, kNow));
}

TEST_F(Login, ABindOfferCountsForItsCustodianAndNetworkForAnHour) {
    const BindOffer offer = make_bind_offer(entropy, kNetwork, kCustodian, kNow);
    EXPECT_TRUE(check_bind_offer(offer, kNetwork, kCustodian, kNow + kBindOfferMs - 1));
    EXPECT_FALSE(check_bind_offer(offer, kNetwork, kCustodian, kNow + kBindOfferMs));
    EXPECT_FALSE(check_bind_offer(offer, NetworkId{{9}}, kCustodian, kNow));
    EXPECT_FALSE(check_bind_offer(offer, kNetwork, AccountId{{9}}, kNow));
    BindOffer altered = offer;
    altered.sealing_key[0] ^= 1;
    EXPECT_FALSE(check_bind_offer(altered, kNetwork, kCustodian, kNow));
}

TEST_F(Login, NoWalletKeyIsUsedTwice) {
    const AccountId other{{3}};
    EXPECT_EQ(wallet_login_key(entropy, kCustodian).public_key(), wallet_login_key(entropy, kCustodian).public_key());
    EXPECT_NE(wallet_login_key(entropy, kCustodian).public_key(), wallet_login_key(entropy, other).public_key());
    EXPECT_NE(wallet_control_key(entropy, kCustodian, 0).public_key(),
              wallet_control_key(entropy, kCustodian, 1).public_key());
    EXPECT_NE(wallet_control_key(entropy, kCustodian, 0).public_key(),
              wallet_control_key(entropy, other, 0).public_key());
    EXPECT_NE(wallet_sealing_key(entropy, kCustodian).public_key(), wallet_sealing_key(entropy, other).public_key());
}

}  // namespace
}  // namespace salus
