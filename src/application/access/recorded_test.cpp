#include "application/access/recorded.hpp"

#include <gtest/gtest.h>

#include "application/audit/audit_service.hpp"
#include "application/audit/balp.hpp"
#include "application/breakglass/breakglass_service.hpp"
#include "application/consent/desk_service.hpp"
#include "application/patient/patient_service.hpp"
#include "application/testing/hospital.hpp"
#include "crypto/hash.hpp"
#include "model/wallet_keys.hpp"

/// The routes outside the FHIR base: who is refused there, or finds nobody, is an event too.
namespace salus::application {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

struct RecordedTest : ::testing::Test, testing::Hospital {
    const SubjectId subject = patient("p1");
    const crypto::Key256 words{ByteArray<32>{7}};
    const AuditDesk audit_desk{*house, *gate, *journal, *rows};
    const GlassDesk glass_desk{*house, *gate, *policies, *openings};
    const Desk desk{*house, *gate, *bindings, *referrals, *consents};
    const PatientDoor door{*house, *gate, *bindings, *referrals, *consents, *openings, *rows, *custodian, *journal};
    Routes routes;

    void SetUp() override {
        add_audit_routes(routes, audit_desk);
        add_breakglass_routes(routes, glass_desk);
        add_desk_routes(routes, desk);
        add_patient_routes(routes, door);
        const auto offer = make_bind_offer(words, ledger.net().network, stores.id, now());
        ASSERT_TRUE(bindings->bind(subject, offer, "desk"));
    }
    std::string log_in(const crypto::SigningKey& key, std::optional<StaffCredential> credential) {
        LoginAnswer answer;
        answer.kind = credential ? Caller::Kind::kStaff : Caller::Kind::kWallet;
        answer.staff = std::move(credential);
        answer.challenge = gate->challenge();
        answer.key = Signer::of(key.public_key());
        answer.signature = key.sign(login_signed_bytes(ledger.net().network, stores.id, answer.challenge));
        return gate->login(answer).value();
    }
    std::string as(const std::string& role) { return log_in(stores.party.key, staff(stores.party, role)); }
    std::string as_wallet() { return log_in(wallet_login_key(words, ledger.net().network, stores.id), std::nullopt); }
    transport::HttpResponse call(std::string method, const std::string& path, const std::string& token,
                                 Query query = {}, std::string_view body = {}) {
        const transport::HttpRequest request{
            std::move(method), path, std::move(query), {{"authorization", "Bearer " + token}}, to_bytes(body)};
        return routes.handle(request, path).value();
    }
    transport::HttpResponse get(const std::string& path, const std::string& token, Query query = {}) {
        return call("GET", path, token, std::move(query));
    }
    std::vector<AuditRecord> events() {
        AuditQuery query;
        query.count = 1000;
        return journal->list(query).value();
    }
    static std::size_t count(std::string_view text, std::string_view what) {
        std::size_t out = 0;
        for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++out;
        return out;
    }
};

TEST_F(RecordedTest, WhoHasNotTheRoleLearnsOfNobodyAndIsRecorded) {
    for (const std::string& token : {as("physician"), as_wallet()}) {
        const std::size_t before = events().size();
        const auto known = get("/audit", token, {{"patient", "p1"}});
        const auto unknown = get("/audit", token, {{"patient", "nobody"}});
        EXPECT_EQ(known.status, 403U);
        EXPECT_EQ(unknown.status, 403U);
        EXPECT_EQ(known.body, unknown.body);
        EXPECT_EQ(get("/audit/accounting", token, {{"patient", "nobody"}}).status, 403U);
        EXPECT_EQ(get("/audit/1/proof", token).status, 403U);
        ASSERT_EQ(events().size(), before + 4);
        EXPECT_FALSE(events().front().allowed);
    }
}

TEST_F(RecordedTest, AnEventLeavesAsAFileOfEvidenceThatVerifies) {
    const std::string officer = as("privacy-officer");
    for (int i = 0; i < 2; ++i) {
        ledger.idle(journal->interval_ms());
        tick();
    }
    const auto answer = get("/audit/1/proof", officer);
    ASSERT_EQ(answer.status, 200U);
    const Evidence proof = from_evidence_file(answer.body).value();
    ASSERT_EQ(proof.audit_events.size(), 1U);
    EXPECT_EQ(proof.audit_events.front().record, events().back());
    EXPECT_TRUE(verify_evidence(proof, ledger.net().network, std::nullopt).good);
}

TEST_F(RecordedTest, RefusedAndNotFoundLeaveEventsOfOneForm) {
    const std::string physician = as("physician");
    const std::string registrar = as("registrar");
    const std::string officer = as("privacy-officer");
    const auto event_of = [&](const transport::HttpResponse& response, unsigned status) {
        EXPECT_EQ(response.status, status);
        return events().front();
    };
    const std::string nowhere = std::string(32, '0');
    const std::vector<AuditRecord> seen{event_of(get("/audit", officer, {{"patient", "nobody"}}), 404),
                                        event_of(get("/breakglass", physician), 403),
                                        event_of(call("POST", "/breakglass/" + nowhere + "/review", officer, {},
                                                      R"({"justified":"yes","finding":"none"})"),
                                                 404),
                                        event_of(get("/desk/consents", physician, {{"patient", "p1"}}), 403),
                                        event_of(get("/desk/consents", registrar, {{"patient", "nobody"}}), 404),
                                        event_of(call("POST", "/desk/consents/" + nowhere + "/revoke", registrar), 404),
                                        event_of(call("DELETE", "/desk/bindings/nobody", registrar), 404),
                                        event_of(get("/patient", physician), 403),
                                        event_of(get("/patient/grants", registrar), 403)};
    for (std::size_t i = 0; i < seen.size(); ++i) {
        EXPECT_EQ(seen[i].action, AuditAction::kDecision) << i;
        EXPECT_FALSE(seen[i].allowed) << i;
        EXPECT_TRUE(seen[i].user) << i;
        EXPECT_TRUE(seen[i].subjects.empty()) << i;
        EXPECT_GT(seen[i].number, i == 0 ? 0 : seen[i - 1].number) << i;
    }
}

TEST_F(RecordedTest, WhatAWalletIsToldOfHerselfIsRecorded) {
    const std::string token = as_wallet();
    for (const std::string path : {"/patient", "/patient/grants", "/patient/disclosures", "/patient/audit"}) {
        const std::size_t before = events().size();
        EXPECT_EQ(get(path, token).status, 200U) << path;
        ASSERT_EQ(events().size(), before + 1) << path;
        EXPECT_EQ(events().front().subjects, std::vector{subject}) << path;
    }
}

TEST_F(RecordedTest, AStrangerWithoutATokenWritesNothing) {
    const std::size_t before = events().size();
    EXPECT_EQ(get("/audit", "none").status, 401U);
    EXPECT_EQ(events().size(), before);
}

TEST_F(RecordedTest, OfASearchOverManyAPatientSeesHerselfAlone) {
    const SubjectId other = patient("p2");
    AuditEntry search;
    search.action = AuditAction::kSearch;
    search.organisation = stores.id;
    search.subjects = {subject, other};
    search.entities = {"Patient/p1", "Observation/of-p1/_history/1", "Patient/p2", "Observation/of-p2/_history/1"};
    search.query = "Patient?identifier=urn:mrn|p2";
    search.detail = "2 patients";
    ASSERT_TRUE(journal->record(search));
    const auto hers = get("/patient/audit", as_wallet());
    const std::string text(as_text(hers.body));
    EXPECT_NE(text.find("Observation/of-p1"), std::string::npos);
    EXPECT_NE(text.find("Patient/p1"), std::string::npos);
    EXPECT_EQ(text.find("p2"), std::string::npos) << text;
    EXPECT_EQ(text.find(to_base64(as_bytes(search.query))), std::string::npos);
    EXPECT_EQ(text.find("2 patients"), std::string::npos);
    const auto officers = get("/audit", as("privacy-officer"), {{"patient", "p1"}});
    EXPECT_NE(as_text(officers.body).find("Observation/of-p2"), std::string_view::npos);
}

TEST_F(RecordedTest, ListsComeInPagesWithTheTotalOfAll) {
    const std::string token = as_wallet();
    AuditEntry read;
    read.action = AuditAction::kRead;
    read.organisation = stores.id;
    read.subjects = {subject};
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(journal->record(read));
    const std::size_t all = events().size();  // and the look itself; the login stands in her list too
    const auto first = get("/patient/audit", token, {{"count", "4"}});
    const std::string text(as_text(first.body));
    EXPECT_EQ(count(text, "\"AuditEvent\""), 4U);
    EXPECT_NE(text.find("\"relation\":\"next\""), std::string::npos);
    EXPECT_EQ(text.find("\"total\":4,"), std::string::npos);
    const std::string before = std::to_string(all + 1 - 3);
    EXPECT_NE(text.find("/patient/audit?before=" + before + "&count=4"), std::string::npos) << text;
    const auto second = get("/patient/audit", token, {{"before", before}, {"count", "1000"}});
    EXPECT_EQ(as_text(second.body).find("\"next\""), std::string_view::npos);
    EXPECT_EQ(get("/patient/audit", token, {{"count", "0"}}).status, 400U);
    EXPECT_EQ(get("/patient/audit", token, {{"before", "9223372036854775808"}}).status, 400U);
    EXPECT_EQ(get("/audit", as("privacy-officer"), {{"before", "18446744073709551615"}}).status, 400U);
}

TEST_F(RecordedTest, OneDisclosureIsAccountedForOnceHoweverOftenItWasSent) {
    const ReadRequest request = ask(refer(subject, permit(subject)));
    const Bytes reply = answer(request).value();
    ASSERT_TRUE(answer(request)) << "sent again";
    DeliveryReceipt receipt;
    receipt.network_id = ledger.net().network;
    receipt.request_id = request.request_id;
    receipt.custodian = stores.id;
    receipt.recipient = b.id();
    receipt.answer = crypto::sha256(codec::decode<ReadReply>(reply)->answer);
    receipt.key = Signer::of(b.key.public_key());
    receipt.signature = b.key.sign(receipt.signed_bytes());
    ASSERT_TRUE(custodian->confirm(codec::encode(receipt)));
    ASSERT_TRUE(answer(ask(refer(subject)))) << "another";
    ASSERT_FALSE(answer(ask(ReferralHandle{1}))) << "one that is refused is none";

    const std::string officer = as("privacy-officer");
    const auto csv = get("/audit/accounting", officer, {{"patient", "p1"}});
    const std::string lines(as_text(csv.body));
    constexpr std::size_t kDisclosed = 2;
    EXPECT_EQ(count(lines, "\r\n"), 1 + kDisclosed) << lines;
    EXPECT_NE(lines.find("2 resources; grant; delivered"), std::string::npos) << lines;
    const auto fhir = get("/audit/accounting", officer, {{"patient", "p1"}, {"format", "fhir"}});
    EXPECT_EQ(count(as_text(fhir.body), "\"AuditEvent\""), kDisclosed);
}

}  // namespace
}  // namespace salus::application
