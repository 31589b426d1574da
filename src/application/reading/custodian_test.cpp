#include "application/reading/custodian.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "application/reading/exchange_service.hpp"
#include "application/testing/hospital.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

using testing::Fault;

/// Of no referral.
const ReferralHandle kNobodys{1, 2, 3};

struct CustodianTest : ::testing::Test, testing::Hospital {
    SubjectId subject = patient("p1");

    static std::vector<std::string> names_of(const OpenedReply& reply) {
        std::vector<std::string> out;
        for (const AnsweredResource& one : reply.answer.resources)
            out.push_back(one.opening.content.type + "/" + one.opening.content.id);
        return out;
    }
    ErrorCode code(const ReadRequest& request) {
        const auto answered = answer(request);
        return answered ? ErrorCode::kOk : answered.error().code;
    }
    ErrorCode code(ReadRequest request, const crypto::SigningKey& key) {
        sign_read_request(request, key);
        return code(request);
    }
    DeliveryReceipt receipt(const ReadRequest& request, const Bytes& reply, const testkit::Party& recipient) {
        DeliveryReceipt out;
        out.network_id = ledger.net().network;
        out.request_id = request.request_id;
        out.custodian = stores.id;
        out.recipient = recipient.id();
        out.answer = crypto::sha256(codec::decode<ReadReply>(reply)->answer);
        out.key = Signer::of(recipient.key.public_key());
        out.signature = recipient.key.sign(out.signed_bytes());
        return out;
    }
};

TEST_F(CustodianTest, WhatAGrantPermitsIsOnTheChainBeforeItIsAnswered) {
    const GrantId grant = permit(subject);
    const ReadRequest request = ask(refer(subject, grant));
    const auto reply = opened(answer(request).value(), request);
    EXPECT_EQ(names_of(reply), (std::vector<std::string>{"Patient/p1", "Observation/of-p1"}));
    const auto row = on_chain(reply.receipt.tag.value());
    ASSERT_TRUE(row);
    EXPECT_EQ(row->manifest, reply.receipt.manifest.commitment());
    EXPECT_EQ(row->grant, grant);
    EXPECT_EQ(reply.receipt.manifest.basis, Basis::kGrant);
    EXPECT_EQ(reply.receipt.manifest.tag_index, 1U);
}

/// The ways in which nothing is disclosed, that one who asks must not tell apart.
struct RefusalTest : CustodianTest {
    LocalExchange exchange;
    Reader reader{*house, exchange};
    Routes routes;
    salus::testing::InlineExecutor inline_executor;
    const ReferralHandle known = refer(subject);

    void SetUp() override { add_exchange_routes(routes, *gate, *custodian, reader, inline_executor); }

    ReadRequest identified(std::string_view identifier) {
        ReadRequest out = ask({});
        out.patient.who = identify_patient(identifier, out, stores.party.sealing.public_key(), stores.random).value();
        sign_read_request(out, b.key);
        return out;
    }
    std::vector<ReadRequest> refused() {
        ReadRequest garbled = identified("urn:mrn|p1");
        std::get<IdentifiedPatient>(garbled.patient.who).sealed.back() ^= 1;
        sign_read_request(garbled, b.key);
        ReadRequest other_grant = ask(refer(subject, testkit::id_of<GrantId>("one")));
        other_grant.grant = testkit::id_of<GrantId>("another");
        sign_read_request(other_grant, b.key);
        return {ask(known),         ask(kNobodys),         identified("urn:mrn|p1"), identified("urn:mrn|p2"),
                std::move(garbled), std::move(other_grant)};
    }
    std::vector<std::uint64_t> stored_sizes() {
        return stores.database
            ->read([](Reading& reading) -> Result<std::vector<std::uint64_t>> {
                SALUS_TRY(const auto events, reading.query<Bytes>("SELECT sealed FROM audit_events ORDER BY number"));
                std::vector<std::uint64_t> out;
                for (const auto& [sealed] : events) out.push_back(sealed.size());
                return out;
            })
            .value();
    }
    std::uint64_t listed_subjects() {
        return stores.database
            ->read([](Reading& reading) {
                return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM audit_subjects");
            })
            ->value();
    }
};

TEST_F(RefusalTest, RefusedAndUnknownAreAnsweredAlike) {
    std::vector<transport::HttpResponse> answers;
    for (const ReadRequest& request : refused()) {
        const transport::HttpRequest http{"POST", "/exchange/read", {}, {}, codec::encode(request)};
        answers.push_back(routes.handle(http, http.path).value());
    }
    EXPECT_EQ(answers.front().status, error_info(ErrorCode::kReadRefused).http_status);
    for (const auto& one : answers) {
        EXPECT_EQ(one.status, answers.front().status);
        EXPECT_EQ(one.headers, answers.front().headers);
        EXPECT_EQ(as_text(one.body), as_text(answers.front().body));
    }
}

TEST_F(RefusalTest, RefusedAndUnknownLeaveTheSameTrace) {
    const std::size_t submissions = ledger.submissions();
    const std::size_t before = stored_sizes().size();
    const auto requests = refused();
    for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(code(requests[i]), ErrorCode::kReadRefused);
        EXPECT_EQ(stored_sizes().size(), before + i + 1) << "one event each";
        EXPECT_EQ(stored_sizes().back(), stored_sizes()[before]) << "of one size at rest";
        EXPECT_EQ(listed_subjects(), before + i + 1);
        EXPECT_FALSE(rows->find(requests[i].requester, requests[i].request_id).value());
    }
    EXPECT_EQ(ledger.submissions(), submissions) << "nothing goes to the chain for them";
}

TEST_F(RefusalTest, TheChainHasOneRootAnIntervalWhateverWasRefused) {
    const auto filed = [&](const std::optional<ReadRequest>& request) {
        EXPECT_EQ(request ? code(*request) : ErrorCode::kReadRefused, ErrorCode::kReadRefused);
        ledger.pass(20'000);
        tick();
        const Block block = ledger.block(ledger.view()->header().height).value();
        EXPECT_EQ(block.transactions.size(), 1U);
        return block.transactions.front().size();
    };
    const std::size_t idle = filed(std::nullopt);
    for (const ReadRequest& request : {ask(known), ask(kNobodys)}) EXPECT_EQ(filed(request), idle);
}

TEST_F(CustodianTest, TheSameRequestGetsTheSameBytesWhileTheyAreKept) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    const TimeMs filed_ms = now();
    const Bytes first = answer(request).value();
    const std::size_t submissions = ledger.submissions();
    EXPECT_EQ(answer(request).value(), first);
    restart();
    EXPECT_EQ(answer(request).value(), first) << "also after a start";
    ledger.idle(filed_ms + kReplyKeptMs - 1 - now());
    ReadRequest again = request;
    EXPECT_EQ(code(again), ErrorCode::kReadStale) << "the newest block is too old to decide on";
    ledger.pass(0);
    EXPECT_EQ(code(again), ErrorCode::kGone) << "after the minute";
    EXPECT_EQ(ledger.submissions(), submissions) << "and there is one row";
}

TEST_F(CustodianTest, AnAnswerIsKeptToItsLastMillisecond) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    const TimeMs filed_ms = now();
    const Bytes first = answer(request).value();
    ledger.pass(filed_ms + kReplyKeptMs - 1001 - now());  // a block takes a second
    ASSERT_EQ(now(), filed_ms + kReplyKeptMs - 1);
    ASSERT_TRUE(rows->tick());
    EXPECT_EQ(answer(request).value(), first);
    ledger.idle(1);
    EXPECT_EQ(code(request), ErrorCode::kGone);
    ASSERT_TRUE(rows->tick());
    EXPECT_TRUE(row(request).reply.empty());
}

TEST_F(CustodianTest, ARepeatedRequestIsJudgedAgain) {
    const GrantId grant = permit(subject);
    const ReadRequest request = ask(refer(subject, grant));
    ASSERT_TRUE(answer(request));
    ASSERT_TRUE(consents->revoke(grant));
    EXPECT_EQ(code(request), ErrorCode::kReadRefused);
    EXPECT_EQ(code(ask(refer(subject, grant))), ErrorCode::kReadRefused) << "and so is the next";
}

TEST_F(CustodianTest, AGrantEndsWithNobodyDoingAnything) {
    const ReadRequest early = ask(refer(subject, permit(subject, 5000)));
    EXPECT_EQ(code(early), ErrorCode::kOk);
    ledger.pass(5000);
    EXPECT_EQ(code(early), ErrorCode::kReadRefused) << "also what is only sent again";
    EXPECT_EQ(code(ask(refer(subject))), ErrorCode::kReadRefused);
}

TEST_F(CustodianTest, ARevocationWhileTheRowIsOnItsWayHoldsTheAnswerBack) {
    const GrantId grant = permit(subject);
    const ReadRequest request = ask(refer(subject, grant));
    std::unique_lock closed(ledger.gate);
    std::thread reader([&] { EXPECT_EQ(code(request), ErrorCode::kReadRefused); });
    while (stores.outbox->waiting("disclosure").value() == 0) std::this_thread::yield();
    EXPECT_TRUE(consents->revoke(grant)) << "counts in the house at once";
    closed.unlock();
    reader.join();
    EXPECT_EQ(row(request).phase, RowPhase::kFiled) << "the row stands, and says that nothing was sent";
    EXPECT_EQ(row(request).delivery, Delivery::kNotSent);
}

TEST_F(CustodianTest, AGrantIsGoodToItsLastMillisecondAndNotAtItsEnd) {
    const TimeMs end_ms = (now() / kHourMs + 1) * kHourMs;
    const GrantId grant = permit(subject, end_ms - now());
    ledger.pass(end_ms - 2001 - now());  // a block takes a second
    ASSERT_EQ(now(), end_ms - 1001);
    EXPECT_EQ(code(ask(refer(subject, grant))), ErrorCode::kOk) << "sent in the last millisecond";
    ASSERT_EQ(now(), end_ms - 1);
    const ReadRequest late = ask(refer(subject, grant));
    EXPECT_EQ(code(late), ErrorCode::kReadRefused) << "its row stands in time, and then the time is over";
    EXPECT_EQ(row(late).phase, RowPhase::kFiled);
    EXPECT_EQ(row(late).delivery, Delivery::kNotSent);
}

TEST_F(CustodianTest, AClockThatLeapsPastTheGrantsEndHoldsTheAnswerBack) {
    // To the exact end, which the house alone knows; then into the next hour, in which the chain refuses too.
    for (const bool next_hour : {false, true}) {
        const TimeMs hour_ms = (now() / kHourMs + 1) * kHourMs;
        const TimeMs end_ms = hour_ms - 5000;
        ledger.pass(hour_ms - 20'000 - now());
        const GrantId grant = permit(subject, end_ms - now());
        EXPECT_EQ(code(ask(refer(subject, grant))), ErrorCode::kOk);
        const ReadRequest request = ask(refer(subject, grant));
        std::unique_lock closed(ledger.gate);
        std::thread reader([&] { EXPECT_EQ(code(request), ErrorCode::kReadRefused); });
        while (stores.outbox->waiting("disclosure").value() == 0) std::this_thread::yield();
        ledger.idle((next_hour ? hour_ms : end_ms) - now());
        closed.unlock();
        reader.join();
        EXPECT_EQ(row(request).phase, next_hour ? RowPhase::kFree : RowPhase::kFiled)
            << "the chain refuses a row past the hour; one before it stands, and says that nothing was sent";
        EXPECT_EQ(row(request).delivery, Delivery::kNotSent);
        ledger.pass(10'000);
    }
}

TEST_F(CustodianTest, ACrashBetweenTheRowAndTheDeliveryLosesNeither) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    ledger.inject(Fault::kLost, 1'000'000);
    std::thread reader([&] { EXPECT_EQ(code(request), ErrorCode::kUnavailable); });
    while (stores.outbox->waiting("disclosure").value() == 0) std::this_thread::yield();
    stores.outbox->stop();
    reader.join();
    ledger.inject(Fault::kNone, 0);
    const auto sent =
        stores.database->read([](Reading& reading) { return reading.query_value<Bytes>("SELECT bytes FROM outbox"); });
    ASSERT_TRUE(ledger.submit({sent->value()}, [](auto) {})) << "the block stands; the node knows nothing of it";

    restart();
    EXPECT_EQ(row(request).phase, RowPhase::kFiled);
    EXPECT_EQ(row(request).delivery, Delivery::kNotSent);
    const Bytes reply = answer(request).value();
    const auto receipt = opened(reply, request).receipt;
    EXPECT_EQ(on_chain(receipt.tag.value())->manifest, receipt.manifest.commitment());
    EXPECT_EQ(answer(request).value(), reply);
    EXPECT_EQ(row(request).delivery, Delivery::kUnconfirmed);
    EXPECT_EQ(rows->of_subject(subject)->size(), 1U);
}

TEST_F(CustodianTest, ACrashBeforeTheRowFreesItsIndex) {
    const auto handle = refer(subject, permit(subject));
    const ReadRequest request = ask(handle);
    ledger.inject(Fault::kLost, 1'000'000);
    std::thread reader([&] { EXPECT_EQ(code(request), ErrorCode::kUnavailable); });
    while (stores.outbox->waiting("disclosure").value() == 0) std::this_thread::yield();
    stores.outbox->stop();
    reader.join();
    ledger.inject(Fault::kNone, 0);
    ledger.pass(61'000);
    restart();
    EXPECT_EQ(row(request).phase, RowPhase::kFree);
    EXPECT_EQ(code(request), ErrorCode::kReadRefused) << "nothing was disclosed, and nothing is under that id";
    const ReadRequest next = ask(handle);
    EXPECT_EQ(opened(answer(next).value(), next).receipt.manifest.tag_index, 1U);
}

TEST_F(CustodianTest, WithoutItsAuditNothingIsAnswered) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    audit.broken = true;
    EXPECT_EQ(code(request), ErrorCode::kIo);
    EXPECT_EQ(row(request).delivery, Delivery::kNotSent);
    EXPECT_EQ(code(ask(refer(subject, {}))), ErrorCode::kIo) << "a refusal is recorded too";
    audit.broken = false;
    EXPECT_EQ(code(request), ErrorCode::kOk);
}

TEST_F(CustodianTest, AConfirmedAnswerIsNotKept) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    const Bytes reply = answer(request).value();
    const auto confirm = [&](const DeliveryReceipt& receipt) {
        const Status status = custodian->confirm(codec::encode(receipt));
        return status ? ErrorCode::kOk : status.error().code;
    };
    EXPECT_EQ(confirm(receipt(request, reply, ledger.net().payer)), ErrorCode::kNotFound);
    auto forged = receipt(request, reply, b);
    forged.signature = ledger.net().payer.key.sign(forged.signed_bytes());
    EXPECT_EQ(confirm(forged), ErrorCode::kUnauthenticated);
    EXPECT_EQ(row(request).delivery, Delivery::kUnconfirmed);
    EXPECT_EQ(confirm(receipt(request, reply, b)), ErrorCode::kOk);
    EXPECT_EQ(row(request).delivery, Delivery::kDelivered);
    EXPECT_EQ(confirm(receipt(request, reply, b)), ErrorCode::kOk) << "again is no fault";
    EXPECT_EQ(code(request), ErrorCode::kGone);
}

TEST_F(CustodianTest, ARequestIsSignedByAnActiveMember) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    EXPECT_EQ(code(request, ledger.net().payer.key), ErrorCode::kUnauthenticated);
    ReadRequest altered = request;
    altered.types = {"Patient"};
    EXPECT_EQ(code(altered), ErrorCode::kUnauthenticated);
    const auto stranger = testkit::organisation("Stranger");
    ReadRequest strange = request;
    strange.requester = stranger.id();
    strange.user = staff(stranger, "physician");
    EXPECT_EQ(code(strange, stranger.key), ErrorCode::kForbidden);
    ReadRequest lent = request;
    lent.user = staff(ledger.net().payer, "physician");
    EXPECT_EQ(code(lent, b.key), ErrorCode::kUnauthenticated) << "another organisation's staff";
    ledger.suspend(b);
    EXPECT_EQ(code(request), ErrorCode::kForbidden);
}

TEST_F(CustodianTest, TreatmentAndEmergenciesHaveAUserAndTheirOwnBasis) {
    const auto handle = refer(subject, permit(subject));
    ReadRequest nobody = ask(handle);
    nobody.user.reset();
    EXPECT_EQ(code(nobody, b.key), ErrorCode::kUserRequired);
    ReadRequest mixed = ask(handle);
    mixed.basis = Basis::kEmergency;
    EXPECT_EQ(code(mixed, b.key), ErrorCode::kUsage);
    ReadRequest payment = ask_in_emergency(handle);
    payment.purpose = Purpose::kPayment;
    EXPECT_EQ(code(payment, b.key), ErrorCode::kUsage) << "glass is never broken for payment";
    ReadRequest clerk = ask_in_emergency(handle);
    clerk.user = staff(b, "billing");
    EXPECT_EQ(code(clerk, b.key), ErrorCode::kBreakGlassRefused);
    ReadRequest lawful = ask(handle);
    lawful.basis = Basis::kLaw;
    EXPECT_EQ(code(lawful, b.key), ErrorCode::kUsage) << "the law has a code";
}

TEST_F(CustodianTest, AStaleTipAnswersEmergenciesOnly) {
    const auto handle = refer(subject, permit(subject));
    ledger.pass(0);
    ledger.idle(29'000);  // a second has passed since the block
    EXPECT_EQ(code(ask(handle)), ErrorCode::kOk);
    ledger.pass(0);
    ledger.idle(29'001);
    EXPECT_EQ(code(ask(handle)), ErrorCode::kReadStale);
    EXPECT_EQ(code(ask_in_emergency(handle)), ErrorCode::kOk);
}

TEST_F(CustodianTest, AnEmergencyIsAnsweredBeforeItsRowWhichIsFiledUntilItStands) {
    ledger.inject(Fault::kBusy, 1'000'000);
    const ReadRequest request = ask_in_emergency(refer(subject));
    const Bytes reply = answer(request).value();
    EXPECT_EQ(answer(request).value(), reply) << "the same bytes, though its row is still to come";
    const auto receipt = opened(reply, request).receipt;
    EXPECT_FALSE(receipt.tag);
    ASSERT_TRUE(receipt.intent);
    EXPECT_EQ(receipt.intent->manifest, receipt.manifest.commitment());
    EXPECT_EQ(row(request).phase, RowPhase::kLate);
    tick();
    EXPECT_EQ(row(request).phase, RowPhase::kUndecided);
    restart();
    EXPECT_EQ(answer(request).value(), reply);
    ledger.inject(Fault::kNone, 0);
    tick();
    ASSERT_EQ(row(request).phase, RowPhase::kFiled);
    EXPECT_EQ(on_chain(row(request).place->tag)->manifest, receipt.manifest.commitment());
    EXPECT_EQ(on_chain(row(request).place->tag)->intent_height, receipt.manifest.intent_height);
}

TEST_F(CustodianTest, AnEmergencyWithoutAReasonLooksLikeAnUnknownPatient) {
    ReadRequest silent = ask_in_emergency(refer(subject));
    silent.reason = " \n";
    sign_read_request(silent, b.key);
    const ReadRequest unknown = ask_in_emergency(kNobodys);
    const auto one = answer(silent);
    const auto other = answer(unknown);
    EXPECT_EQ(one.error().code, ErrorCode::kReadRefused);
    EXPECT_EQ(one.error().code, other.error().code);
    EXPECT_EQ(one.error().to_string(), other.error().to_string());
    EXPECT_TRUE(openings->list()->empty());
}

TEST_F(CustodianTest, OpenGlassIsForItsPatientAlone) {
    const SubjectId other = patient("p2");
    ASSERT_TRUE(answer(ask_in_emergency(refer(subject))));
    ReadRequest silent = ask_in_emergency(refer(subject));
    silent.reason.clear();
    EXPECT_EQ(code(silent, b.key), ErrorCode::kOk) << "the glass is open";
    silent = ask_in_emergency(refer(other));
    silent.reason.clear();
    EXPECT_EQ(code(silent, b.key), ErrorCode::kReadRefused);
    EXPECT_EQ(openings->list()->size(), 1U);
}

}  // namespace
}  // namespace salus::application
