#pragma once

#include <algorithm>

#include "application/access/gate.hpp"
#include "application/audit/journal.hpp"
#include "application/reading/custodian.hpp"
#include "application/testing/house.hpp"
#include "base/encoding.hpp"

namespace salus::application::testing {

/// The consortium under the default policy, which Custodian and Openings read.
inline testkit::Consortium consortium_with_policy() {
    return testkit::make_consortium([](Genesis& genesis) {
        genesis.policies = {{std::string(testkit::kJurisdiction), testkit::kPolicyVersion,
                             to_bytes(default_policy_document(testkit::kJurisdiction))}};
    });
}

/// Passes on to a journal; fails when told so.
class FragileSink final : public AuditSink {
public:
    Status record(const AuditEntry& entry) override {
        if (broken) return fail(ErrorCode::kIo, "the audit log cannot be written");
        return journal->record(entry);
    }
    void record_then(std::vector<AuditEntry> entries, std::function<void(const Status&)> recorded) override {
        if (broken) return recorded(fail(ErrorCode::kIo, "the audit log cannot be written"));
        journal->record_then(std::move(entries), std::move(recorded));
    }
    Journal* journal = nullptr;
    bool broken = false;
};

/// Hospital A with all that decides, discloses and accounts, composed as a node does; hospital B asks.
class Hospital {
public:
    Hospital() { open(); }
    ~Hospital() { close(); }
    Hospital(const Hospital&) = delete;
    Hospital& operator=(const Hospital&) = delete;

    /// The process ends and starts again; `between` happens to its disk.
    void restart(const std::function<void()>& between = [] {}) {
        close();
        stores.restart(between);
        open();
    }
    /// What a node's timer does.
    void tick() {
        stores.outbox->pump();
        SALUS_CHECK(rows->tick());
        SALUS_CHECK(journal->tick());
        stores.outbox->pump();  // InlineLedger answers at once: what was sent is settled
        stores.outbox->pump();
    }
    [[nodiscard]] TimeMs now() const { return ledger.decision_time_ms(); }

    /// A registered patient with one Observation, to be found by the identifier "urn:mrn|<id>".
    SubjectId patient(const std::string& id) {
        const auto subject = testkit::id_of<SubjectId>(id);
        SALUS_CHECK(stores.keys->create_subjects(std::vector{subject}));
        Write write;
        write.subjects = {{subject, id}};
        write.versions = {version(subject, "Patient", id, R"({"resourceType":"Patient","id":")" + id + R"("})"),
                          version(subject, "Observation", "of-" + id,
                                  R"({"resourceType":"Observation","id":"of-)" + id + R"(","status":"final"})")};
        write.versions.front().tokens = {stores.vault->token("identifier", "urn:mrn|" + id)};
        SALUS_CHECK(stores.anchor->write_one(std::move(write)));
        return subject;
    }

    /// The transaction that a wallet makes for `terms`, not yet signed. `control`: what controls the grant
    TransactionBody grant_body(const GrantTerms& terms, const crypto::SigningKey& control) {
        TransactionBody body;
        body.network_id = ledger.net().network;
        body.sender = stores.party.sender();
        body.signers = {Signer::of(stores.party.key.public_key()), Signer::of(control.public_key())};
        std::ranges::sort(body.signers);
        body.valid_until_ms = now() + 60'000;
        body.nonce = stores.random.bytes<8>();
        body.contract = Contract::kConsent;
        body.payload = codec::encode(consent::Payload{
            consent::Create{terms.grant, Signer::of(control.public_key()), terms.commitment(), terms.not_after_ms()}});
        return body;
    }
    /// Terms by which hospital B may read everything for treatment.
    GrantTerms terms(const SubjectId& subject, TimeMs lasting_ms = kHourMs) {
        GrantTerms out;
        out.salt = stores.random.bytes<16>();
        out.grant = stores.random.id<GrantId>();
        out.custodian = stores.id;
        out.subject = subject;
        out.decide = Decide::kPermit;
        out.scope.organisations = {b.id()};
        out.scope.purposes = {static_cast<std::uint64_t>(Purpose::kTreat)};
        out.from_ms = now();
        out.until_ms = now() + lasting_ms;
        return out;
    }
    GrantTerms paper(const SubjectId& subject, TimeMs lasting_ms = kHourMs) {
        GrantTerms out = terms(subject, lasting_ms);
        out.paper = testkit::hash_of("the signed form");
        out.attested_by = "staff|1";
        return out;
    }
    GrantId permit(const SubjectId& subject, TimeMs lasting_ms = kHourMs) {
        return consents->attest(paper(subject, lasting_ms)).value().terms.grant;
    }
    ReferralHandle refer(const SubjectId& subject, std::optional<GrantId> grant = {}) {
        return referrals->make({subject, grant, now() + kHourMs}).value();
    }
    [[nodiscard]] StaffCredential staff(const testkit::Party& of, std::string role) const {
        StaffCredential out;
        out.organisation = of.id();
        out.name = "Nora Weiss";
        out.id = "staff|" + role;
        out.role = std::move(role);
        out.from_ms = now() - 1000;
        out.until_ms = out.from_ms + kStaffCredentialMs;
        sign_staff_credential(out, ledger.net().network, of.key);
        return out;
    }

    /// A physician of hospital B asks for treatment, under a request id of its own.
    ReadRequest ask(const ReferralHandle& handle) {
        ReadRequest out;
        out.network_id = ledger.net().network;
        out.request_id = stores.random.bytes<16>();
        out.requester = b.id();
        out.custodian = stores.id;
        out.user = staff(b, "physician");
        out.purpose = Purpose::kTreat;
        out.basis = Basis::kGrant;
        out.patient.who = ReferredPatient{handle};
        out.asked_ms = now();
        sign_read_request(out, b.key);
        return out;
    }
    /// An emergency physician of hospital B asks, with a reason.
    ReadRequest ask_in_emergency(const ReferralHandle& handle) {
        ReadRequest out = ask(handle);
        out.user = staff(b, "emergency-physician");
        out.purpose = Purpose::kEmergencyTreat;
        out.basis = Basis::kEmergency;
        out.reason = "unconscious";
        sign_read_request(out, b.key);
        return out;
    }
    Result<Bytes> answer(const ReadRequest& request) { return custodian->answer(codec::encode(request)); }
    /// As hospital B opens it.
    [[nodiscard]] OpenedReply opened(const Bytes& reply, const ReadRequest& request) const {
        return open_reply(codec::decode<ReadReply>(reply).value(), request.context(), b.sealing).value();
    }
    [[nodiscard]] DisclosureRow row(const ReadRequest& request) const {
        return rows->find(request.requester, request.request_id).value().value();
    }
    /// What the chain holds under the row's tag.
    [[nodiscard]] std::optional<disclosure::RowState> on_chain(const Hash& tag) const {
        return read_value<disclosure::RowState>(*ledger.view(), Contract::kDisclosure,
                                                disclosure::row_key(stores.id, tag))
            .value();
    }

    TestLedger ledger{consortium_with_policy()};
    House stores{ledger};
    const testkit::Party& b = ledger.net().hospital_b;
    FragileSink audit;
    std::unique_ptr<Journal> journal;
    std::optional<application::House> house;
    std::optional<Bindings> bindings;
    std::optional<Gate> gate;
    std::optional<Referrals> referrals;
    std::unique_ptr<Consents> consents;
    std::optional<PolicyBook> policies;
    std::unique_ptr<Openings> openings;
    std::unique_ptr<Rows> rows;
    std::optional<Custodian> custodian;

private:
    static NewVersion version(const SubjectId& subject, std::string type, std::string id, std::string_view body) {
        return {std::move(type), std::move(id), 1, subject, RecordOp::kCreate, 1'000, {}, to_bytes(body), {}};
    }
    void open() {
        journal = Journal::open({*stores.database, *stores.vault, *stores.outbox, ledger, stores.random}).value();
        audit.journal = journal.get();
        house.emplace(application::House{ledger.net().network, stores.id, *stores.vault, *stores.outbox, ledger, audit,
                                         stores.party.key, stores.party.sealing, stores.random});
        bindings.emplace(Bindings::open(*house).value());
        gate.emplace(*house, *bindings);
        referrals.emplace(Referrals::open(*house).value());
        consents = Consents::open(*house).value();
        policies.emplace(ledger);
        openings = Openings::open(*house).value();
        rows = Rows::open(*house, *bindings).value();
        custodian.emplace(Custodian::Parts{*house, *bindings, *referrals, *consents, *policies, *openings, *rows});
        SALUS_CHECK(stores.repair());
    }
    void close() {
        custodian.reset();
        rows.reset();
        openings.reset();
        policies.reset();
        consents.reset();
        referrals.reset();
        gate.reset();
        bindings.reset();
        house.reset();
        journal.reset();
    }
};

}  // namespace salus::application::testing
