#include "application/consent/consents.hpp"

#include <algorithm>

#include "application/fhir/resource_types.hpp"
#include "application/vault/id_list.hpp"
#include "base/log.hpp"
#include "model/transaction.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kConsentsTopic = "consent";

constexpr std::string_view kConsentsSteps[] = {
    "CREATE TABLE consents (grant_id BLOB PRIMARY KEY, subject BLOB NOT NULL, revoked BIGINT NOT NULL, sealed BLOB NOT "
    "NULL);"
    "CREATE INDEX consents_subject ON consents (subject)"};

tl::unexpected<Error> wrong(std::string_view what) {
    return fail(ErrorCode::kTermsInvalid, "the terms: " + std::string(what));
}

bool well_formed(const Criteria& criteria) {
    return std::all_of(criteria.purposes.begin(), criteria.purposes.end(),
                       [](std::uint64_t p) { return p <= 0xFFFF && is_known(static_cast<Purpose>(p)); }) &&
           std::all_of(criteria.actions.begin(), criteria.actions.end(),
                       [](std::uint64_t a) { return a == kActionRead; }) &&
           std::all_of(criteria.labels.begin(), criteria.labels.end(),
                       [](const std::string& l) { return is_security_label(l); }) &&
           std::all_of(criteria.types.begin(), criteria.types.end(),
                       [](const std::string& t) { return find_resource_type(t) != nullptr; }) &&
           (criteria.data_until_ms == 0 || criteria.data_until_ms > criteria.data_from_ms);
}

/// The transaction that a wallet has signed, wholly as it must be for these terms. Errors: kTermsInvalid
Result<TransactionBody> check_body(const GrantSubmission& submission, const House& house) {
    auto decoded = codec::decode<TransactionBody>(submission.body);
    if (!decoded) return wrong("their transaction does not decode");
    TransactionBody& body = *decoded;
    if (body.version != kProtocolVersion) return wrong("their transaction is of another version");
    const TimeMs now_ms = house.now_ms();
    if (body.valid_until_ms <= now_ms || body.valid_until_ms > now_ms + kWindowMs)
        return wrong("their transaction is valid until a time that the ledger does not take now");
    const auto payload = codec::decode<consent::Payload>(body.payload);
    const auto* create = payload ? std::get_if<consent::Create>(&payload->action) : nullptr;
    if (body.network_id != house.network_id || body.sender != Sender{AccountKind::kOrganisation, house.organisation} ||
        body.contract != Contract::kConsent || !create)
        return wrong("their transaction is not this custodian's creation of a grant");
    if (create->grant != submission.terms.grant || create->terms != submission.terms.commitment() ||
        create->not_after_ms != submission.terms.not_after_ms())
        return wrong("their transaction commits to others");
    if (!create->control_key || *create->control_key == Signer::of(house.signing_key.public_key()))
        return wrong("their transaction has no control key");
    std::vector<Signer> signers{Signer::of(house.signing_key.public_key()), *create->control_key};
    std::sort(signers.begin(), signers.end());
    if (body.signers != signers) return wrong("their transaction's signers are not the custodian and the control key");
    if (!crypto::verify(create->control_key->key(), signed_bytes(submission.body), submission.signature))
        return wrong("the control key has not signed them");
    return std::move(body);
}

/// Both signatures, in the order of the signers. Errors: kTermsInvalid
Result<Transaction> complete_transaction(const GrantSubmission& submission, const TransactionBody& body,
                                         const crypto::SigningKey& custodian) {
    SignedTransaction both;
    both.body = submission.body;
    const Bytes mine = custodian.sign(signed_bytes(submission.body));
    for (const Signer& signer : body.signers)
        both.signatures.push_back(signer == Signer::of(custodian.public_key()) ? mine : submission.signature);
    auto parsed = parse_transaction(codec::encode(both), body.network_id);
    if (!parsed) return wrong("their transaction is none: " + parsed.error().message);
    return parsed;
}

/// Stands for terms that cannot be read. Only what the chain says of them is known.
GrantTerms unreadable_terms(const GrantId& grant, const SubjectId& subject, const consent::GrantState& state) {
    GrantTerms out;
    out.grant = grant;
    out.custodian = state.custodian;
    out.subject = subject;
    out.decide = Decide::kDeny;
    out.until_ms = state.not_after_ms;
    return out;
}

}  // namespace

Result<std::unique_ptr<Consents>> Consents::open(const House& house) {
    SALUS_TRY_STATUS(house.database().migrate("consents", kConsentsSteps));
    // That a consent stands is read from the chain: a filing that fails leaves terms that nothing refers to.
    house.outbox.on_settled(std::string(kConsentsTopic),
                            [](Writing&, const Bytes&, const Settled&) { return Status(); });
    return std::unique_ptr<Consents>(new Consents(house));
}

Status Consents::check_terms(const GrantTerms& terms) const {
    if (terms.version != 1) return wrong("their version is not known");
    if (terms.custodian != house_->organisation) return wrong("they are another custodian's");
    if (terms.until_ms <= terms.from_ms) return wrong("they end before they begin");
    if (terms.until_ms <= house_->now_ms()) return wrong("they have ended");
    if (!well_formed(terms.scope)) return wrong("the scope names what is not known");
    if (!std::all_of(terms.exceptions.begin(), terms.exceptions.end(), well_formed))
        return wrong("an exception names what is not known");
    SALUS_TRY(const auto patient, house_->vault.patient_of(terms.subject));
    if (!patient) return wrong("they are of a patient who is not known here");
    return {};
}

Status Consents::keep(Writing& writing, const GrantTerms& terms) const {
    SALUS_TRY(const Bytes sealed, house_->seal("terms", terms.grant, codec::encode(terms)));
    // Another attempt at this id may come to stand, or have done so by now: its terms are left as they are.
    SALUS_TRY(const auto under_way, house_->outbox.waiting(writing, kConsentsTopic, to_bytes(ByteView(terms.grant))));
    SALUS_TRY(const auto there, house_->ledger.view()->get(Contract::kConsent, consent::grant_key(terms.grant)));
    if (under_way > 1 || there)
        return fail(ErrorCode::kConflict, "a grant of that id stands already, or is on its way");
    // Terms whose transaction came to nothing make room for a second attempt.
    SALUS_TRY_STATUS(
        writing.run("DELETE FROM consents WHERE grant_id = :grant AND subject = :subject", terms.grant, terms.subject));
    SALUS_TRY_STATUS(
        writing.run("INSERT INTO consents (grant_id, subject, revoked, sealed) VALUES (:grant, :subject, 0, :sealed)",
                    terms.grant, terms.subject, sealed));
    return {};
}

Result<network::Submitted> Consents::create(const SubjectId& subject, const GrantSubmission& submission) {
    SALUS_TRY_STATUS(check_terms(submission.terms));
    if (submission.terms.subject != subject) return wrong("they are another patient's");
    if (submission.terms.paper || !submission.terms.attested_by.empty()) return wrong("a wallet attests no paper");
    SALUS_TRY(const TransactionBody body, check_body(submission, *house_));
    const auto view = house_->ledger.view();
    SALUS_TRY(const auto there, view->get(Contract::kConsent, consent::grant_key(submission.terms.grant)));
    if (there) return fail(ErrorCode::kConflict, "a grant of that id stands already");
    Filing filing;
    filing.topic = kConsentsTopic;
    filing.reference = to_bytes(ByteView(submission.terms.grant));
    SALUS_TRY(filing.presigned, complete_transaction(submission, body, house_->signing_key));
    filing.valid_until_ms = body.valid_until_ms;
    filing.also = [this, terms = submission.terms](Writing& writing) { return keep(writing, terms); };
    return house_->outbox.file_and_wait(std::move(filing));
}

Result<KnownConsent> Consents::attest(GrantTerms terms) {
    terms.custodian = house_->organisation;
    terms.grant = house_->random.id<GrantId>();
    terms.salt = house_->random.bytes<16>();
    SALUS_TRY_STATUS(check_terms(terms));
    if (!terms.paper || terms.attested_by.empty())
        return wrong("consent on paper names the form's digest and who saw it");
    Filing filing;
    filing.topic = kConsentsTopic;
    filing.reference = to_bytes(ByteView(terms.grant));
    filing.contract = Contract::kConsent;
    filing.payload = codec::encode(
        consent::Payload{consent::Create{terms.grant, std::nullopt, terms.commitment(), terms.not_after_ms()}});
    filing.also = [this, terms](Writing& writing) { return keep(writing, terms); };
    SALUS_TRY_STATUS(house_->outbox.file_and_wait(std::move(filing)));
    SALUS_TRY(auto known, find(*house_->ledger.view(), terms.grant));
    if (!known) return fail(ErrorCode::kInternal, "a grant that was filed is not found");
    return *std::move(known);
}

Status Consents::revoke(const GrantId& grant) {
    SALUS_TRY(const auto known, find(*house_->ledger.view(), grant));
    if (!known) return fail(ErrorCode::kNotFound, "no grant of that id stands here");
    if (!known->active()) return fail(ErrorCode::kConflict, "the grant is revoked already");
    return house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("UPDATE consents SET revoked = 1 WHERE grant_id = :grant", grant));
        Filing filing;
        filing.kind = FilingKind::kMustFile;
        filing.topic = kConsentsTopic;
        filing.reference = to_bytes(ByteView(grant));
        filing.contract = Contract::kConsent;
        filing.payload = codec::encode(consent::Payload{consent::Revoke{grant}});
        SALUS_TRY_STATUS(house_->outbox.must_file(writing, std::move(filing)));
        return {};
    });
}

Result<std::optional<KnownConsent>> Consents::complete(const network::LedgerView& view, const Kept& kept) const {
    const Bytes key = consent::grant_key(kept.grant);
    SALUS_TRY(auto state, read_decision<consent::GrantState>(view, Contract::kConsent, key));
    // Under a grant of another custodian's that came first, the terms of this house speak for nobody.
    if (!state || state->value.custodian != house_->organisation) return std::optional<KnownConsent>{};
    SALUS_TRY(const auto first, read_decision_at<consent::GrantState>(view, Contract::kConsent, key, 1));
    KnownConsent known;
    known.state = std::move(state->value);
    known.created = first.place;
    known.revoked_in_house = kept.revoked;
    auto terms = open_terms(kept);
    known.readable = terms && terms->commitment() == known.state.terms && terms->subject == kept.subject;
    if (!known.readable) log_error("consent", "stored terms are not those that the chain commits to: a denial");
    known.terms = known.readable ? *std::move(terms) : unreadable_terms(kept.grant, kept.subject, known.state);
    return std::optional<KnownConsent>(std::move(known));
}

Result<GrantTerms> Consents::open_terms(const Kept& kept) const {
    SALUS_TRY(const Bytes opened, house_->unseal("terms", kept.grant, kept.sealed));
    return codec::decode<GrantTerms>(opened);
}

Result<std::vector<KnownConsent>> Consents::of_subject(const network::LedgerView& view,
                                                       const SubjectId& subject) const {
    SALUS_TRY(const auto rows, house_->database().read([&](Reading& reading) {
        return reading.query<GrantId, Bytes, std::uint64_t>(
            "SELECT grant_id, sealed, revoked FROM consents WHERE subject = :subject", subject);
    }));
    std::vector<KnownConsent> out;
    for (const auto& [grant, sealed, revoked] : rows) {
        SALUS_TRY(auto known, complete(view, {grant, subject, sealed, revoked != 0}));
        if (known) out.push_back(*std::move(known));
    }
    std::sort(out.begin(), out.end(),
              [](const KnownConsent& a, const KnownConsent& b) { return a.created < b.created; });
    return out;
}

Result<std::vector<SubjectId>> Consents::subjects(const std::optional<std::vector<SubjectId>>& among) const {
    std::vector<SubjectId> out;
    if (among && among->empty()) return out;
    SALUS_TRY(const auto rows, house_->database().read([&](Reading& reading) {
        const std::string all = "SELECT DISTINCT subject FROM consents";
        if (!among) return reading.query<SubjectId>(all);
        const Bytes ids = joined(*among);
        return reading.query<SubjectId>(all + " WHERE subject IN " + id_list<SubjectId>(":bytes", ":ids"), ids.size(),
                                        ids);
    }));
    for (const auto& [subject] : rows) out.push_back(subject);
    return out;
}

Result<std::optional<KnownConsent>> Consents::find(const network::LedgerView& view, const GrantId& grant) const {
    SALUS_TRY(const auto row, house_->database().read([&](Reading& reading) {
        return reading.query_one<SubjectId, Bytes, std::uint64_t>(
            "SELECT subject, sealed, revoked FROM consents WHERE grant_id = :grant", grant);
    }));
    if (!row) return std::optional<KnownConsent>{};
    return complete(view, {grant, std::get<0>(*row), std::get<1>(*row), std::get<2>(*row) != 0});
}

std::vector<StandingConsent> standing(const std::vector<KnownConsent>& consents) {
    std::vector<StandingConsent> out;
    for (const KnownConsent& known : consents)
        out.push_back({known.terms, known.created, known.active(), known.readable});
    return out;
}

}  // namespace salus::application
