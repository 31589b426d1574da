#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <limits>
#include <thread>

#include "application/testing/hospital.hpp"
#include "model/wallet_keys.hpp"

/// What a wallet chooses is input: nothing of it ends the process, or stays in the outbox for ever.
namespace salus::application {
namespace {

using namespace std::chrono_literals;

struct WalletGrantsTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    /// A key that controls a grant can control no other.
    [[nodiscard]] crypto::SigningKey control_key(const AccountId& at, std::uint32_t index) const {
        return wallet_control_key(crypto::Key256(ByteArray<32>{7}), ledger.net().network, at, index);
    }

    GrantSubmission submission(
        const GrantTerms& terms, const std::function<void(TransactionBody&)>& change = [](auto&) {},
        std::uint32_t control_index = 0) {
        const crypto::SigningKey control = control_key(stores.id, control_index);
        TransactionBody body = grant_body(terms, control);
        change(body);
        GrantSubmission out{terms, codec::encode(body), {}};
        out.signature = control.sign(signed_bytes(out.body));
        return out;
    }
    ErrorCode create(const GrantSubmission& what) {
        const auto made = consents->create(subject, what);
        return made ? static_cast<ErrorCode>(made->receipt.code) : made.error().code;
    }
    std::uint64_t waiting() { return stores.outbox->waiting("consent").value(); }
};

TEST_F(WalletGrantsTest, EveryFieldOfTheTransactionIsHeldToWhatTheLedgerTakes) {
    const std::vector<std::function<void(TransactionBody&)>> mistakes{
        [](TransactionBody& body) { body.version = kProtocolVersion + 1; },
        [](TransactionBody& body) { body.version = 0; },
        [](TransactionBody& body) { body.network_id = NetworkId{{1}}; },
        [&](TransactionBody& body) { body.sender = b.sender(); },
        [](TransactionBody& body) { body.signers.clear(); },
        [](TransactionBody& body) { std::ranges::reverse(body.signers); },
        [](TransactionBody& body) { body.signers.back() = body.signers.front(); },
        [](TransactionBody& body) { body.signers.back().public_key.pop_back(); },
        [](TransactionBody& body) { body.contract = Contract::kSystem; },
        [](TransactionBody& body) { body.payload.clear(); },
        [&](TransactionBody& body) { body.valid_until_ms = now(); },
        [](TransactionBody& body) { body.valid_until_ms = 0; },
        [&](TransactionBody& body) { body.valid_until_ms = now() + kWindowMs + 1; },
        [&](TransactionBody& body) { body.valid_until_ms = now() + 10 * 365 * 24 * kHourMs; },
        [](TransactionBody& body) { body.valid_until_ms = std::uint64_t{1} << 63U; },
        [](TransactionBody& body) { body.valid_until_ms = std::numeric_limits<TimeMs>::max(); }};
    for (std::size_t i = 0; i < mistakes.size(); ++i) {
        EXPECT_EQ(create(submission(terms(subject), mistakes[i])), ErrorCode::kTermsInvalid) << "mistake " << i;
        EXPECT_EQ(waiting(), 0U) << "mistake " << i;
    }
    EXPECT_EQ(create(submission(terms(subject), [](TransactionBody& body) { body.nonce = {}; })), ErrorCode::kOk);
    EXPECT_EQ(create(submission(
                  terms(subject), [&](auto& body) { body.valid_until_ms = now() + kWindowMs; }, 1)),
              ErrorCode::kOk)
        << "to the end of the window";
}

TEST_F(WalletGrantsTest, ATransactionThatTheSecondSignatureMakesTooLargeIsRefused) {
    GrantTerms terms = this->terms(subject);
    GrantSubmission sent = submission(terms);
    // A body of the largest size that a field may have; it does not decode, or is none, but ends nothing.
    sent.body.resize(kTransactionBytesMax);
    sent.signature = control_key(stores.id, 0).sign(signed_bytes(sent.body));
    EXPECT_EQ(create(sent), ErrorCode::kTermsInvalid);
}

TEST_F(WalletGrantsTest, TermsOfAnyTimeAreTakenOrRefusedAndShown) {
    GrantTerms long_lasting = terms(subject);
    long_lasting.until_ms = std::numeric_limits<TimeMs>::max();
    EXPECT_EQ(create(submission(long_lasting)), ErrorCode::kOk);
    EXPECT_EQ(consents->of_subject(*ledger.view(), subject)->size(), 1U);
}

TEST_F(WalletGrantsTest, OfTwoGrantsOfOneIdTheFirstKeepsItsTerms) {
    const GrantTerms first = terms(subject);
    GrantTerms second = first;
    second.until_ms += kHourMs;
    std::future<ErrorCode> one;
    std::future<ErrorCode> two;
    {
        const std::unique_lock closed(ledger.gate);
        one = std::async(std::launch::async, [&] { return create(submission(first)); });
        while (waiting() == 0) std::this_thread::sleep_for(5ms);
        two = std::async(std::launch::async, [&] { return create(submission(second)); });
        while (waiting() == 1 && two.wait_for(5ms) != std::future_status::ready) continue;
    }
    EXPECT_EQ(one.get(), ErrorCode::kOk);
    EXPECT_EQ(two.get(), ErrorCode::kConflict);
    const auto known = consents->of_subject(*ledger.view(), subject).value();
    ASSERT_EQ(known.size(), 1U);
    EXPECT_TRUE(known[0].readable);
    EXPECT_EQ(known[0].terms, first);
}

}  // namespace
}  // namespace salus::application
