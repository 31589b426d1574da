#include "application/patient/patient_service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "application/testing/hospital.hpp"
#include "model/login.hpp"
#include "model/wallet_keys.hpp"

namespace salus::application {
namespace {

/// A thief of the wallet's token has keys of his own, and none of the wallet's.
struct PatientServiceTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    const crypto::Key256 words{ByteArray<32>{7}};
    const crypto::SigningKey login = wallet_login_key(words, ledger.net().network, stores.id);
    const crypto::SigningKey thief = testkit::signing_key("thief");
    const PatientDoor door{*house, *gate, *bindings, *referrals, *consents, *openings, *rows, *custodian, *journal};
    Routes routes;
    std::string token;

    void SetUp() override {
        add_patient_routes(routes, door);
        ASSERT_TRUE(bindings->bind(subject, make_bind_offer(words, ledger.net().network, stores.id, now()), "desk"));
        LoginAnswer answer;
        answer.kind = Caller::Kind::kWallet;
        answer.challenge = gate->challenge();
        answer.key = Signer::of(login.public_key());
        answer.signature = login.sign(login_signed_bytes(ledger.net().network, stores.id, answer.challenge));
        token = gate->login(answer).value();
    }
    transport::HttpResponse grant(const crypto::SigningKey& control, const std::function<Bytes(ByteView)>& order) {
        const GrantTerms terms = this->terms(subject);
        const Bytes bytes = codec::encode(grant_body(terms, control));
        const boost::json::object request{{"terms", to_base64(codec::encode(terms))},
                                          {"body", to_base64(bytes)},
                                          {"signature", to_base64(control.sign(signed_bytes(bytes)))},
                                          {"login_signature", to_base64(order(bytes))}};
        return routes
            .handle({"POST",
                     "/patient/grants",
                     {},
                     {{"authorization", "Bearer " + token}, {"content-type", "application/json"}},
                     to_bytes(boost::json::serialize(request))},
                    "/patient/grants")
            .value();
    }
    [[nodiscard]] Bytes ordered(ByteView body) const {
        return order_signed_bytes(ledger.net().network, stores.id, body);
    }
};

TEST_F(PatientServiceTest, ATokenAloneGrantsNothing) {
    const auto by_thief = grant(thief, [&](ByteView body) { return thief.sign(ordered(body)); });
    EXPECT_EQ(by_thief.status, error_info(ErrorCode::kTermsInvalid).http_status) << as_text(by_thief.body);
    Bytes heard;
    const crypto::SigningKey own = wallet_control_key(words, ledger.net().network, stores.id, 0);
    const auto by_wallet = grant(own, [&](ByteView body) { return heard = login.sign(ordered(body)); });
    EXPECT_EQ(by_wallet.status, 201U) << as_text(by_wallet.body);
    const auto replayed = grant(thief, [&](ByteView) { return heard; });
    EXPECT_EQ(replayed.status, by_thief.status) << "it is for one transaction: " << as_text(replayed.body);
    const auto bare = grant(thief, [&](ByteView body) { return login.sign(body); });
    EXPECT_EQ(bare.status, by_thief.status) << "and for one use: " << as_text(bare.body);
}

}  // namespace
}  // namespace salus::application
