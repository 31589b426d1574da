#include "model/reading.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "testing/platform.hpp"

namespace salus {
namespace {

constexpr TimeMs kAskedAt = testing::ManualClock::kStartMs;
const NetworkId kReadNetwork{{1}};
const AccountId kReadFrom{{2}};
const AccountId kReader{{3}};
const ByteArray<16> kRequestId{7};
const ReadContext kContext{kReadNetwork, kReadFrom, kRequestId};
const ReadContext kOtherContexts[] = {{NetworkId{{9}}, kReadFrom, kRequestId},
                                      {kReadNetwork, kReader, kRequestId},
                                      {kReadNetwork, kReadFrom, ByteArray<16>{8}}};

struct Reading : ::testing::Test {
    testing::SeededRandom random;
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    crypto::SealingKey reader = crypto::SealingKey::generate(random);

    ReadRequest request(TimeMs asked_ms = kAskedAt) {
        ReadRequest out;
        out.network_id = kReadNetwork;
        out.request_id = kRequestId;
        out.requester = kReader;
        out.custodian = kReadFrom;
        out.purpose = Purpose::kTreat;
        out.basis = Basis::kGrant;
        out.patient.who = ReferredPatient{{9}};
        out.asked_ms = asked_ms;
        sign_read_request(out, key);
        return out;
    }

    static AnsweredResource resource(std::string_view body) {
        AnsweredResource out;
        out.resource = to_bytes(body);
        out.opening.content.custodian = kReadFrom;
        out.opening.content.type = "Observation";
        out.opening.content.id = "1";
        out.opening.content.version = 1;
        out.opening.content.op = RecordOp::kCreate;
        out.opening.content.digest = crypto::sha256(out.resource);
        return out;
    }

    struct Sent {
        ReadAnswer answer;
        ReadReceipt receipt;
    };
    static Sent sent() {
        Sent out;
        out.answer.request_id = kRequestId;
        out.answer.custodian = kReadFrom;
        out.answer.resources.push_back(resource("{}"));
        out.receipt.manifest.custodian = kReadFrom;
        out.receipt.manifest.request_id = kRequestId;
        out.receipt.manifest.purpose = Purpose::kTreat;
        out.receipt.manifest.basis = Basis::kGrant;
        out.receipt.manifest.leaves.push_back({out.answer.resources[0].opening.leaf(), 0, 1, {}});
        return out;
    }
    ReadReply seal(Sent sent) {
        ReadReply reply;
        reply.answer = *seal_answer(sent.answer, kReadNetwork, reader.public_key(), random);
        sent.receipt.manifest.answer = crypto::sha256(reply.answer);
        reply.receipt = *seal_receipt(sent.receipt, kReadNetwork, reader.public_key(), random);
        return reply;
    }
};

TEST_F(Reading, ARequestCountsForTwoMinutesEitherWay) {
    EXPECT_TRUE(check_read_request(request(), kReadNetwork, kReadFrom, kAskedAt));
    EXPECT_TRUE(check_read_request(request(), kReadNetwork, kReadFrom, kAskedAt + kReadRequestMs - 1));
    EXPECT_FALSE(check_read_request(request(), kReadNetwork, kReadFrom, kAskedAt + kReadRequestMs));
    EXPECT_TRUE(check_read_request(request(kAskedAt + kReadRequestMs), kReadNetwork, kReadFrom, kAskedAt));
    EXPECT_FALSE(check_read_request(request(kAskedAt + kReadRequestMs + 1), kReadNetwork, kReadFrom, kAskedAt));
}

TEST_F(Reading, ARequestForAnotherIsRefused) {
    EXPECT_FALSE(check_read_request(request(), NetworkId{{9}}, kReadFrom, kAskedAt));
    EXPECT_FALSE(check_read_request(request(), kReadNetwork, kReader, kAskedAt));
}

TEST_F(Reading, AnAlteredRequestIsRefused) {
    ReadRequest altered = request();
    altered.purpose = Purpose::kBreakGlass;
    EXPECT_EQ(check_read_request(altered, kReadNetwork, kReadFrom, kAskedAt).error().code, ErrorCode::kUnauthenticated);
}

TEST_F(Reading, ARequestReadsBack) {
    const ReadRequest once = request();
    EXPECT_EQ(*codec::decode<ReadRequest>(codec::encode(once)), once);
}

TEST_F(Reading, AReplyOpensForItsReaderAlone) {
    const ReadReply reply = seal(sent());
    EXPECT_TRUE(open_reply(reply, kContext, reader));
    EXPECT_FALSE(open_reply(reply, kContext, crypto::SealingKey::generate(random)));
    for (const ReadContext& other : kOtherContexts) EXPECT_FALSE(open_reply(reply, other, reader));
}

TEST_F(Reading, TheProofsOfADownloadOpenForItAlone) {
    const Bytes sealed = seal_evidence(as_bytes("file"), kContext, reader.public_key(), random).value();
    EXPECT_EQ(open_evidence(sealed, kContext, reader).value(), to_bytes("file"));
    for (const ReadContext& other : kOtherContexts) EXPECT_FALSE(open_evidence(sealed, other, reader));
}

TEST_F(Reading, ASealedIdentifierCountsForItsRequestAndRequesterAlone) {
    ReadRequest asked = request();
    asked.patient.who = identify_patient("urn:mrn|p1", asked, reader.public_key(), random).value();
    EXPECT_EQ(open_identity(asked, reader).value(), "urn:mrn|p1");
    for (const ReadContext& other : kOtherContexts) {
        ReadRequest elsewhere = asked;
        elsewhere.network_id = other.network_id;
        elsewhere.custodian = other.custodian;
        elsewhere.request_id = other.request_id;
        EXPECT_FALSE(open_identity(elsewhere, reader));
    }
    ReadRequest copied = asked;
    copied.requester = AccountId{{4}};
    EXPECT_FALSE(open_identity(copied, reader));
}

TEST_F(Reading, AResourceThatIsNotItsLeafIsRefused) {
    Sent wrong = sent();
    wrong.answer.resources[0].resource = to_bytes("[]");
    EXPECT_EQ(open_reply(seal(wrong), kContext, reader).error().code, ErrorCode::kProofInvalid);
}

TEST_F(Reading, AnAnswerThatTheManifestDoesNotListIsRefused) {
    Sent more = sent();
    more.answer.resources.push_back(resource("{\"a\":1}"));
    EXPECT_EQ(open_reply(seal(more), kContext, reader).error().code, ErrorCode::kProofInvalid);
    Sent other = sent();
    other.receipt.manifest.leaves[0].index = 5;
    EXPECT_EQ(open_reply(seal(other), kContext, reader).error().code, ErrorCode::kProofInvalid);
}

TEST_F(Reading, AManifestOfAnotherAnswerIsRefused) {
    const ReadReply one = seal(sent());
    const ReadReply two = seal(sent());
    EXPECT_EQ(open_reply({one.answer, two.receipt}, kContext, reader).error().code, ErrorCode::kProofInvalid);
}

}  // namespace
}  // namespace salus
