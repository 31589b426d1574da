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
        sign_staff_credential(out, kNetwork, organisation);
        return out;
    }
};

TEST_F(Login, AStaffCredentialCountsFromItsBeginningUntilItsEnd) {
    EXPECT_TRUE(check_staff_credential(credential(), kNetwork, kNow));
    EXPECT_TRUE(check_staff_credential(credential(), kNetwork, kNow + kStaffCredentialMs - 1));
    EXPECT_FALSE(check_staff_credential(credential(), kNetwork, kNow - 1));
    EXPECT_FALSE(check_staff_credential(credential(), kNetwork, kNow + kStaffCredentialMs));
}

TEST_F(Login, AStaffCredentialLastsTwelveHoursAtMost) {
    EXPECT_FALSE(check_staff_credential(credential(kNow, kNow + kStaffCredentialMs + 1), kNetwork, kNow));
    EXPECT_FALSE(check_staff_credential(credential(kNow, kNow), kNetwork, kNow));
}

TEST_F(Login, AStaffCredentialNamesNobodyWhomATerminalWouldObey) {
    for (const auto member : {&StaffCredential::id, &StaffCredential::name, &StaffCredential::role}) {
        StaffCredential named = credential();
        named.*member = "Dr. \u00c5da";
        sign_staff_credential(named, kNetwork, organisation);
        EXPECT_TRUE(check_staff_credential(named, kNetwork, kNow));
        named.*member = "Ada\n";
        sign_staff_credential(named, kNetwork, organisation);
        const Status refused = check_staff_credential(named, kNetwork, kNow);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message.find("control character"), std::string::npos) << refused.error().message;
    }
}

TEST_F(Login, AnAlteredStaffCredentialIsRefused) {
    StaffCredential altered = credential();
    altered.role = "privacy-officer";
    EXPECT_FALSE(check_staff_credential(altered, kNetwork, kNow));
    altered = credential();
    altered.signature.clear();
    EXPECT_FALSE(check_staff_credential(altered, kNetwork, kNow));
    EXPECT_FALSE(check_staff_credential(credential(), NetworkId{{9}}, kNow));
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
    const NetworkId elsewhere{{4}};
    const auto login = [&](const NetworkId& network, const AccountId& custodian) {
        return wallet_login_key(entropy, network, custodian).public_key();
    };
    const auto control = [&](const NetworkId& network, const AccountId& custodian, std::uint32_t i) {
        return wallet_control_key(entropy, network, custodian, i).public_key();
    };
    const auto sealing = [&](const NetworkId& network, const AccountId& custodian) {
        return wallet_sealing_key(entropy, network, custodian).public_key();
    };
    EXPECT_EQ(login(kNetwork, kCustodian), login(kNetwork, kCustodian));
    EXPECT_NE(login(kNetwork, kCustodian), login(kNetwork, other));
    EXPECT_NE(login(kNetwork, kCustodian), login(elsewhere, kCustodian));
    EXPECT_NE(control(kNetwork, kCustodian, 0), control(kNetwork, kCustodian, 1));
    EXPECT_NE(control(kNetwork, kCustodian, 0), control(kNetwork, other, 0));
    EXPECT_NE(control(kNetwork, kCustodian, 0), control(elsewhere, kCustodian, 0));
    EXPECT_NE(sealing(kNetwork, kCustodian), sealing(kNetwork, other));
    EXPECT_NE(sealing(kNetwork, kCustodian), sealing(elsewhere, kCustodian));
}

}  // namespace
}  // namespace salus
