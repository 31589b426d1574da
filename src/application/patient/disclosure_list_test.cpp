#include "model/disclosure_list.hpp"

#include <gtest/gtest.h>

#include "application/patient/patient_service.hpp"
#include "application/testing/hospital.hpp"
#include "model/wallet_keys.hpp"

/// The wallet's check of the list that its custodian shows.
namespace salus::application {
namespace {

struct DisclosureListTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    const ReferralHandle handle = refer(subject, permit(subject));

    void disclose(int times) {
        for (int i = 0; i < times; ++i) ASSERT_TRUE(answer(ask(handle)));
    }
    std::vector<ViewKey> keys() { return bindings->view_keys(subject).value(); }
    std::vector<DisclosureRow> all_rows() { return rows->of_subject(subject).value(); }
    /// What the wallet says of a list that the custodian made of `shown` under `shown_keys`.
    Verdict verdict(const std::vector<ViewKey>& shown_keys, const std::vector<DisclosureRow>& shown) {
        std::vector<ListKey> kept;
        for (const ViewKey& key : keys()) kept.push_back({key.epoch, key.key});
        return verify_disclosure_list(prove_list(*house, house->ledger.view(), shown_keys, shown).value(),
                                      ledger.net().network, stores.id, kept);
    }
    static std::string complaint(const Verdict& verdict) {
        std::string out;
        for (const Statement& statement : verdict.statements)
            if (!statement.holds) out += statement.text + "\n";
        return out;
    }
};

TEST_F(DisclosureListTest, AWholeListHolds) {
    disclose(3);
    const Verdict whole = verdict(keys(), all_rows());
    EXPECT_TRUE(whole.good) << complaint(whole);
    EXPECT_NE(whole.statements.back().text.find("rows 1 to 3"), std::string::npos);
}

TEST_F(DisclosureListTest, AListWithALateRowAndOneOfASecondEpochHolds) {
    disclose(1);
    ASSERT_TRUE(answer(ask_in_emergency(handle)));
    tick();
    const auto offer = make_bind_offer(crypto::Key256(ByteArray<32>{7}), ledger.net().network, stores.id, now());
    ASSERT_TRUE(bindings->bind(subject, offer, "desk"));
    disclose(1);
    const Verdict whole = verdict(keys(), all_rows());
    EXPECT_TRUE(whole.good) << complaint(whole);
}

TEST_F(DisclosureListTest, ACustodianThatLeavesOutARowIsFoundOut) {
    disclose(3);
    for (const std::size_t left_out : {0U, 1U, 2U}) {
        auto shown = all_rows();
        shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(left_out));
        const Verdict broken = verdict(keys(), shown);
        EXPECT_FALSE(broken.good);
        EXPECT_NE(complaint(broken).find("place " + std::to_string(left_out + 1) + " of epoch 1"), std::string::npos)
            << complaint(broken);
    }
}

TEST_F(DisclosureListTest, ACustodianThatShowsAnotherKeyIsFoundOut) {
    disclose(2);
    auto other = keys();
    other.front().key[0] ^= 1;
    const Verdict empty = verdict(other, {});
    EXPECT_FALSE(empty.good) << "an empty list under a key of its own choice";
    EXPECT_FALSE(verdict({}, {}).good) << "and no key at all";
}

TEST_F(DisclosureListTest, ARowThatTheVaultHasNotHeardOfYetIsShownAsTheChainHasIt) {
    disclose(1);
    const auto before = house->ledger.view();
    disclose(1);
    const auto view = house->ledger.view();
    ASSERT_TRUE(house->database().transaction([](Writing& writing) {
        return writing.run("UPDATE disclosures SET phase = :undecided WHERE number = 2", RowPhase::kUndecided);
    }));
    EXPECT_FALSE(verdict(keys(), all_rows()).good) << "by the vault alone";
    EXPECT_TRUE(verdict(keys(), rows->of_subject(subject, *view).value()).good);
    const auto earlier = rows->of_subject(subject, *before).value();
    std::vector<ListKey> kept;
    for (const ViewKey& key : keys()) kept.push_back({key.epoch, key.key});
    EXPECT_TRUE(verify_disclosure_list(prove_list(*house, before, keys(), earlier).value(), ledger.net().network,
                                       stores.id, kept)
                    .good)
        << "nor is it shown before its block";
}

TEST_F(DisclosureListTest, AWalletWithoutKeysIsShownNothing) {
    const Evidence evidence = prove_list(*house, house->ledger.view(), {}, {}).value();
    EXPECT_FALSE(verify_disclosure_list(evidence, ledger.net().network, stores.id, {}).good);
}

}  // namespace
}  // namespace salus::application
