#include "execution/admission.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

class AdmissionTest : public ::testing::Test {
protected:
    Committed committed() { return {world.state(), world.replay(), world.now_ms}; }
    Intake intake() { return {world.net.network, world.verdicts, world.inline_executor}; }
    ErrorCode check(const Transaction& tx) {
        const auto checked = check_transaction(tx.bytes, committed(), intake());
        return checked ? ErrorCode::kOk : checked.error().code;
    }
    ErrorCode check(const Bytes& envelope) {
        const auto status = check_envelope(envelope, committed(), intake());
        return status ? ErrorCode::kOk : status.error().code;
    }
    Transaction file_root(const testkit::Party& party) {
        return world.by(party, audit::Payload{audit::FileRoot{++interval_, {}}});
    }
    testkit::World world;
    const testkit::Party& a = world.net.hospital_a;
    const testkit::Party stranger = testkit::organisation("Stranger");

private:
    std::uint64_t interval_ = 0;
};

TEST_F(AdmissionTest, TellsMalformedFromInadmissible) {
    EXPECT_EQ(check(file_root(a)), ErrorCode::kOk);
    auto cut = file_root(a);
    cut.bytes.pop_back();
    EXPECT_EQ(check(cut), ErrorCode::kMalformedEncoding);
    auto forged = file_root(a);
    forged.bytes.back() ^= 1;
    EXPECT_EQ(check(forged), ErrorCode::kMalformedSignature);
    EXPECT_EQ(check(world.by(a, {Contract::kTokens, {}})), ErrorCode::kMalformedContract);
    EXPECT_EQ(check(file_root(stranger)), ErrorCode::kInadmissibleSender);
    auto forged_by_stranger = file_root(stranger);
    forged_by_stranger.bytes.back() ^= 1;
    EXPECT_EQ(check(forged_by_stranger), ErrorCode::kInadmissibleSender) << "no signature is verified for a stranger";
    const auto known = file_root(a);
    ASSERT_EQ(world.send(known), ErrorCode::kOk);
    EXPECT_EQ(check(known), ErrorCode::kInadmissibleReplay);
    world.lifetime_ms = 0;
    EXPECT_EQ(check(file_root(a)), ErrorCode::kInadmissibleExpired);
    world.lifetime_ms = kWindowMs + 1;
    EXPECT_EQ(check(file_root(a)), ErrorCode::kInadmissibleFuture);
}

TEST_F(AdmissionTest, ChecksEachOfAnArrayForItself) {
    const auto good = file_root(a);
    const auto bad = file_root(stranger);
    const std::vector<ByteView> both{bad.bytes, good.bytes};
    const auto checked = check_transactions(both, committed(), intake());
    EXPECT_FALSE(checked[0].has_value());
    EXPECT_EQ(checked[1]->id, good.id);
}

TEST_F(AdmissionTest, AnEnvelopeIsWorthOrderingWhileSomethingInItIsAdmissible) {
    const auto known = file_root(a);
    ASSERT_EQ(world.send(known), ErrorCode::kOk);
    EXPECT_EQ(check(world.envelope({known, file_root(a)}, a.key)), ErrorCode::kOk);
    EXPECT_EQ(check(world.envelope({known}, a.key)), ErrorCode::kInadmissibleReplay);
    EXPECT_EQ(check(world.envelope({file_root(a)}, stranger.key)), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(check(to_bytes("junk")), ErrorCode::kMalformedEncoding);
}

TEST_F(AdmissionTest, AnEnvelopeThatWasFoundGoodIsNotBelievedUnderAnotherSignature) {
    Bytes envelope = world.envelope({file_root(a)}, a.key);
    EXPECT_EQ(check(envelope), ErrorCode::kOk);
    EXPECT_EQ(check(envelope), ErrorCode::kOk);
    envelope.back() ^= 1;
    EXPECT_EQ(check(envelope), ErrorCode::kMalformedSignature);
}

TEST_F(AdmissionTest, AProposalIsJudgedWithoutState) {
    const Bytes by_stranger = world.envelope({file_root(stranger)}, stranger.key);
    EXPECT_TRUE(check_proposal(std::vector<ByteView>{by_stranger}, intake()).has_value());
    const Bytes empty = world.envelope({}, a.key);
    EXPECT_EQ(check_proposal(std::vector<ByteView>{by_stranger, empty}, intake()).error().code,
              ErrorCode::kMalformedEncoding);
}

TEST_F(AdmissionTest, AnEnvelopeHasAsManyEntriesAsTransactionsCouldFitAndNoneIsEmpty) {
    Envelope envelope;
    envelope.transactions.assign(kEnvelopeTransactionsMax + 1, Bytes{0});
    sign_envelope(envelope, a.key);
    EXPECT_EQ(check(codec::encode(envelope)), ErrorCode::kMalformedEncoding);
    EXPECT_FALSE(codec::decode<Envelope>(codec::encode(envelope)));
    envelope.transactions.pop_back();
    sign_envelope(envelope, a.key);
    EXPECT_TRUE(codec::decode<Envelope>(codec::encode(envelope)));
    envelope.transactions = {file_root(a).bytes, Bytes{}};
    sign_envelope(envelope, a.key);
    EXPECT_EQ(check(codec::encode(envelope)), ErrorCode::kMalformedVersion);
}

TEST_F(AdmissionTest, EnvelopesAndProposalsHaveALimit) {
    const std::vector<Transaction> large(2, world.by(a, {Contract::kRecords, Bytes(400 * 1024)}));
    const Bytes too_large = world.envelope(large, a.key);
    EXPECT_EQ(check(too_large), ErrorCode::kMalformedSize);
    const Bytes fits = world.envelope({large[0]}, a.key);
    const std::vector<ByteView> nine(9, fits);
    EXPECT_TRUE(check_proposal(nine, intake()).has_value());
    const std::vector<ByteView> ten(10, fits);
    EXPECT_EQ(check_proposal(ten, intake()).error().code, ErrorCode::kMalformedSize);
}

}  // namespace
}  // namespace salus::execution
