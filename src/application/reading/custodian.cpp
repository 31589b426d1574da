#include "application/reading/custodian.hpp"

#include <algorithm>

#include "application/access/accounts.hpp"
#include "application/fhir/search_query.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "network/evidence_builder.hpp"

namespace salus::application {
namespace {

/// A tip older than this answers across organisations for emergencies only.
constexpr TimeMs kStaleMs = 30'000;
/// By when a late row is promised.
constexpr TimeMs kIntentDeadlineMs = 10 * 60'000;

bool is_emergency(Purpose purpose) { return purpose == Purpose::kEmergencyTreat || purpose == Purpose::kBreakGlass; }
bool needs_user(Purpose purpose) { return purpose == Purpose::kTreat || is_emergency(purpose); }

/// On what a disclosure rests that the policy, not a grant, allows.
Basis basis_without_grant(const ReadRequest& request) {
    if (is_emergency(request.purpose)) return Basis::kEmergency;
    if (request.basis == Basis::kLaw) return Basis::kLaw;
    return request.purpose == Purpose::kTreat ? Basis::kTreatment : Basis::kOperations;
}

std::vector<std::string> duties(const Policy& policy, Purpose purpose) {
    std::vector<std::string> out = policy.obligations();
    out.push_back("purpose:" + std::string(purpose_code(purpose)));
    return out;
}

}  // namespace

/// A request that may be looked at.
struct Custodian::Asked {
    ReadRequest request;
    std::shared_ptr<const network::LedgerView> view;
    crypto::SealingPublicKey reader{};
    Manifest manifest;  ///< what can be said of it before anybody is found
};

/// The consents and policy that a decision stands on, and the decision on the request as a whole.
struct Custodian::Judged {
    std::vector<StandingConsent> consents;
    std::shared_ptr<const Policy> policy;
    Decision decision;
};

Result<Custodian::Judged> Custodian::judge(const DecisionRequest& request) const {
    const auto view = p_.house.ledger.view();
    Judged judged;
    if (const auto known = p_.consents.of_subject(*view, request.subject)) {
        judged.consents = standing(*known);
    } else {
        // An emergency does not wait until a disk is mended: no consent could stop it.
        if (!is_emergency(request.purpose)) return tl::make_unexpected(known.error());
        log_error("reading", "an emergency goes on without consents: " + known.error().to_string());
    }
    SALUS_TRY(judged.policy, p_.policies.in_force(*view, p_.house.organisation, view->header().height + 1));
    judged.decision = decide(judged.consents, *judged.policy, request, nullptr);
    return judged;
}

namespace {

DecisionRequest decision_request(const House& house, const Manifest& manifest, const SubjectId& subject) {
    return {house.organisation, subject,     manifest.requester, manifest.user,
            manifest.purpose,   kActionRead, house.now_ms()};
}

}  // namespace

Result<Custodian::Asked> Custodian::admit(ByteView bytes) {
    Asked asked;
    SALUS_TRY(asked.request, codec::decode<ReadRequest>(bytes));
    const ReadRequest& request = asked.request;
    asked.view = p_.house.ledger.view();
    const TimeMs now_ms = p_.house.now_ms();
    SALUS_TRY_STATUS(check_read_request(request, p_.house.network_id, p_.house.organisation, now_ms));
    SALUS_TRY_STATUS(check_organisation_key(*asked.view, request.requester, request.key));
    SALUS_TRY(asked.reader, sealing_key_of(*asked.view, request.requester));
    if (request.purpose == Purpose::kPatientRequest || request.basis == Basis::kPatient)
        return fail(ErrorCode::kUsage, "a patient reads through her own wallet");
    if (is_emergency(request.purpose) != (request.basis == Basis::kEmergency))
        return fail(ErrorCode::kUsage, "the basis emergency goes with ETREAT and BTG, and they with it");
    if (request.basis == Basis::kLaw && request.law.empty())
        return fail(ErrorCode::kUsage, "the basis law names its code");
    if (!request.user && needs_user(request.purpose))
        return fail(ErrorCode::kUserRequired, "this purpose needs a member of staff");
    if (request.user)
        SALUS_TRY_STATUS(check_staff(*asked.view, *request.user, p_.house.network_id, request.requester, now_ms));
    SALUS_TRY(const auto policy,
              p_.policies.in_force(*asked.view, p_.house.organisation, asked.view->header().height + 1));
    if (is_emergency(request.purpose)) SALUS_TRY_STATUS(Openings::may_break(*policy, *request.user, request.purpose));
    const network::LedgerStatus status = p_.house.ledger.status();
    if (!is_emergency(request.purpose) && status.node_time_ms > status.block_time_ms + kStaleMs)
        return fail(ErrorCode::kReadStale, "the newest block is older than 30 s");

    Manifest& manifest = asked.manifest;
    manifest.salt = p_.house.random.bytes<16>();
    manifest.custodian = p_.house.organisation;
    manifest.request_id = request.request_id;
    manifest.requester = request.requester;
    manifest.user = request.user;
    manifest.purpose = request.purpose;
    manifest.basis = request.basis;
    manifest.law = request.law;
    manifest.jurisdiction = policy->jurisdiction();
    manifest.policy_version = policy->version();
    manifest.decided_ms = now_ms;
    manifest.obligations = duties(*policy, request.purpose);
    return asked;
}

Result<std::optional<SubjectId>> Custodian::find_patient(const ReadRequest& request) const {
    if (const auto* referred = std::get_if<ReferredPatient>(&request.patient.who)) {
        SALUS_TRY(const auto referral, p_.referrals.find(referred->handle));
        if (!referral || (request.grant && referral->grant && *request.grant != *referral->grant))
            return std::optional<SubjectId>{};
        return std::optional<SubjectId>(referral->subject);
    }
    const House& house = p_.house;
    auto identifier = open_identity(request, house.sealing_key);
    if (!identifier && house.old_sealing_key != nullptr) identifier = open_identity(request, *house.old_sealing_key);
    if (!identifier) return std::optional<SubjectId>{};
    const auto term = certain_identifier(*identifier);
    if (!term) return std::optional<SubjectId>{};
    SearchQuery query;
    query.types = {"Patient"};
    query.tokens = {{p_.house.vault.token(term->parameter, term->value)}};
    query.count = 2;
    query.with_total = false;
    SALUS_TRY(const SearchPage page, p_.house.vault.search(query));
    // Certain matches only.
    if (page.resources.size() != 1) return std::optional<SubjectId>{};
    return std::optional<SubjectId>(page.resources.front().version.subject);
}

tl::unexpected<Error> Custodian::refuse(const Manifest& about, const std::optional<SubjectId>& subject,
                                        std::string outcome) {
    AuditEntry entry;
    entry.action = AuditAction::kDecision;
    entry.allowed = false;
    entry.outcome = std::move(outcome);
    entry.organisation = about.requester;
    entry.user = about.user;
    entry.purpose = about.purpose;
    if (subject) entry.subjects = {*subject};
    entry.request_id = to_hex(about.request_id);
    if (const Status recorded = p_.house.audit.record(entry); !recorded) return tl::make_unexpected(recorded.error());
    return fail(ErrorCode::kReadRefused, "nothing is disclosed to this request");
}

Result<Bytes> Custodian::answer(ByteView bytes) {
    SALUS_TRY(const Asked asked, admit(bytes));
    SALUS_TRY(const auto known, p_.rows.find(asked.request.requester, asked.request.request_id));
    if (known) return answer_again(*known);
    return is_emergency(asked.request.purpose) ? answer_emergency(asked) : answer_ordinary(asked);
}

Result<Bytes> Custodian::answer_ordinary(const Asked& asked) {
    // Whether anybody was found or not, the same is done: a decision over a subject's consents, and one event of the
    // audit. An error tells as much as a refusal would, so it is one.
    const auto found = find_patient(asked.request);
    const auto who = found.value_or(std::nullopt);
    const SubjectId subject = who.value_or(p_.house.random.id<SubjectId>());
    const DecisionRequest request = decision_request(p_.house, asked.manifest, subject);
    const auto judged_or = judge(request);
    if (!found) return refuse(asked.manifest, std::nullopt, "nobody can be looked for: " + found.error().to_string());
    if (!who) return refuse(asked.manifest, std::nullopt, "no such patient");
    if (!judged_or) return refuse(asked.manifest, who, "it cannot be decided: " + judged_or.error().to_string());
    const Judged& judged = *judged_or;
    if (!judged.decision.allowed) return refuse(asked.manifest, who, judged.decision.outcome);

    const Scope scope{asked.request.types, asked.request.instances, asked.request.since_ms, false};
    SALUS_TRY(Assembled assembled, assemble(p_.house.vault, scope, judged.consents, *judged.policy, request));
    Manifest manifest = asked.manifest;
    manifest.grants = assembled.grants;
    if (manifest.grants.empty() && judged.decision.ruling == Ruling::kPermit)
        manifest.grants = judged.decision.consents;
    manifest.basis = manifest.grants.empty() ? basis_without_grant(asked.request) : Basis::kGrant;
    if (manifest.basis != Basis::kLaw) manifest.law.clear();
    auto row = disclose(std::move(manifest), subject, std::move(assembled), asked.reader);
    if (!row) {
        const ErrorCode code = row.error().code;
        if (code == ErrorCode::kDisclosureGrantRevoked || code == ErrorCode::kDisclosureGrantEnded)
            return refuse(asked.manifest, subject, "the grant ended while the row was on its way");
        return tl::make_unexpected(std::move(row).error());
    }
    if (!still_allowed(*row)) return refuse(asked.manifest, subject, "consent ended before the answer was sent");
    SALUS_TRY_STATUS(send(*row, AuditAction::kDisclose, "row " + to_hex(row->place->tag)));
    return std::move(row->reply);
}

Result<DisclosureRow> Custodian::disclose(Manifest manifest, const SubjectId& subject, Assembled assembled,
                                          const crypto::SealingPublicKey& reader) {
    SALUS_TRY(const Claims::Held held, p_.rows.claim(subject));
    DisclosureRow row;
    row.subject = subject;
    row.phase = RowPhase::kUndecided;
    SALUS_TRY(row.place, p_.rows.next(subject));
    row.reply_until_ms = p_.house.now_ms() + kReplyKeptMs;
    row.facts = std::move(assembled.facts);

    ReadAnswer answer{1, manifest.request_id, manifest.custodian, std::move(assembled.resources), manifest.obligations};
    for (const AnsweredResource& resource : answer.resources)
        manifest.leaves.push_back({resource.opening.leaf(), resource.opening.index, 1, resource.labels});
    SALUS_TRY(Bytes sealed, seal_answer(answer, p_.house.network_id, reader, p_.house.random));
    manifest.answer = crypto::sha256(sealed);
    manifest.view_key_epoch = row.place->epoch;
    manifest.tag_index = row.place->index;
    SALUS_TRY(Bytes receipt,
              seal_receipt({manifest, row.place->tag, std::nullopt}, p_.house.network_id, reader, p_.house.random));
    row.manifest = std::move(manifest);
    row.reply = codec::encode(ReadReply{std::move(sealed), std::move(receipt)});
    SALUS_TRY_STATUS(p_.rows.file(row));
    SALUS_TRY(auto stored, p_.rows.find(row.manifest.requester, row.manifest.request_id));
    if (!stored) return fail(ErrorCode::kInternal, "a disclosure that was filed is not found");
    return *std::move(stored);
}

bool Custodian::still_allowed(const DisclosureRow& row) const {
    if (row.manifest.basis == Basis::kPatient || row.manifest.basis == Basis::kEmergency) return true;
    const DecisionRequest request = decision_request(p_.house, row.manifest, row.subject);
    const auto judged = judge(request);
    if (!judged || !judged->decision.allowed) return false;
    return std::ranges::all_of(row.facts, [&](const ResourceFacts& facts) {
        return decide(judged->consents, *judged->policy, request, &facts).allowed;
    });
}

Status Custodian::send(const DisclosureRow& row, AuditAction action, std::string detail) {
    AuditEntry entry;
    entry.action = action;
    entry.organisation = row.manifest.requester;
    entry.user = row.manifest.user;
    entry.purpose = row.manifest.purpose;
    entry.subjects = {row.subject};
    for (const ResourceFacts& facts : row.facts) entry.entities.push_back(facts.type + "/" + facts.id);
    entry.grants = row.manifest.grants;
    entry.request_id = to_hex(row.manifest.request_id);
    entry.detail = std::move(detail);
    SALUS_TRY_STATUS(p_.house.audit.record(entry));
    return p_.rows.mark(row.number, Delivery::kUnconfirmed);
}

Result<Bytes> Custodian::answer_again(const DisclosureRow& row) {
    if (row.phase == RowPhase::kUndecided && !row.intent)
        return fail(ErrorCode::kBusy, "this request's row is not decided yet");
    if (row.phase == RowPhase::kFree) return refuse(row.manifest, row.subject, "the row of this request was not filed");
    if (row.reply.empty() || p_.house.now_ms() >= row.reply_until_ms)
        return fail(ErrorCode::kGone, "the answer to this request is no longer kept: ask under a new id");
    if (!still_allowed(row)) return refuse(row.manifest, row.subject, "consent ended before the answer was sent again");
    SALUS_TRY_STATUS(send(row, AuditAction::kResend, "sent again"));
    return row.reply;
}

Result<Bytes> Custodian::answer_emergency(const Asked& asked) {
    const ReadRequest& ask = asked.request;
    const auto found = find_patient(ask);
    const auto who = found.value_or(std::nullopt);
    const SubjectId subject = who.value_or(p_.house.random.id<SubjectId>());
    const DecisionRequest request = decision_request(p_.house, asked.manifest, subject);
    const auto judged_or = judge(request);
    // Glass that cannot be read is broken anew, with a reason.
    auto opening = p_.openings.open_now(subject, ask.requester, ask.user->id).value_or(std::nullopt);
    const bool has_reason = ask.reason.find_first_not_of(" \t\r\n") != std::string::npos;
    if (!found) return refuse(asked.manifest, std::nullopt, "nobody can be looked for: " + found.error().to_string());
    if (!judged_or) return refuse(asked.manifest, who, "it cannot be decided: " + judged_or.error().to_string());
    if (!who || (!opening && !has_reason))
        return refuse(asked.manifest, who, who ? "no glass is open, and no reason given" : "no such patient");
    const Judged& judged = *judged_or;
    if (asked.view->header().height == 0) return fail(ErrorCode::kUnavailable, "the chain has no block yet");
    if (!opening) {
        SALUS_TRY(opening, p_.openings.break_glass(*judged.policy, {subject, ask.requester, *ask.user, ask.purpose,
                                                                    ask.reason, ask.open_ms}));
        AuditEntry entry;
        entry.action = AuditAction::kBreakGlass;
        entry.organisation = ask.requester;
        entry.user = ask.user;
        entry.purpose = ask.purpose;
        entry.subjects = {subject};
        entry.request_id = to_hex(ask.request_id);
        entry.detail = ask.reason;
        SALUS_TRY_STATUS(p_.house.audit.record(entry));
    }
    const Scope scope{ask.types, ask.instances, ask.since_ms, false};
    SALUS_TRY(Assembled assembled, assemble(p_.house.vault, scope, judged.consents, *judged.policy, request));

    DisclosureRow row;
    row.subject = subject;
    row.phase = RowPhase::kLate;
    row.reply_until_ms = p_.house.now_ms() + kReplyKeptMs;
    row.facts = std::move(assembled.facts);
    row.manifest = asked.manifest;
    Manifest& manifest = row.manifest;
    manifest.basis = Basis::kEmergency;
    manifest.intent_id = p_.house.random.bytes<16>();
    manifest.intent_height = asked.view->header().height;
    SALUS_TRY(const auto policy, p_.policies.in_force(*asked.view, p_.house.organisation, manifest.intent_height));
    manifest.policy_version = policy->version();
    ReadAnswer answer{1, manifest.request_id, manifest.custodian, std::move(assembled.resources), manifest.obligations};
    for (const AnsweredResource& resource : answer.resources)
        manifest.leaves.push_back({resource.opening.leaf(), resource.opening.index, 1, resource.labels});
    SALUS_TRY(Bytes sealed, seal_answer(answer, p_.house.network_id, asked.reader, p_.house.random));
    manifest.answer = crypto::sha256(sealed);

    IntentReceipt intent;
    intent.network_id = p_.house.network_id;
    intent.custodian = p_.house.organisation;
    intent.intent_id = *manifest.intent_id;
    intent.manifest = manifest.commitment();
    intent.height = manifest.intent_height;
    intent.policy_version = manifest.policy_version;
    intent.time_ms = manifest.decided_ms;
    intent.deadline_ms = manifest.decided_ms + kIntentDeadlineMs;
    intent.key = Signer::of(p_.house.signing_key.public_key());
    intent.signature = p_.house.signing_key.sign(intent.signed_bytes());
    row.intent = intent;
    SALUS_TRY(Bytes receipt,
              seal_receipt({manifest, std::nullopt, intent}, p_.house.network_id, asked.reader, p_.house.random));
    row.reply = codec::encode(ReadReply{std::move(sealed), std::move(receipt)});
    SALUS_TRY_STATUS(p_.rows.keep_late(row));
    SALUS_TRY(const auto stored, p_.rows.find(manifest.requester, manifest.request_id));
    if (!stored) return fail(ErrorCode::kInternal, "an emergency's intent is not found");
    SALUS_TRY_STATUS(send(*stored, AuditAction::kDisclose, "intent " + to_hex(intent.intent_id)));
    return stored->reply;
}

Status Custodian::confirm(ByteView bytes) {
    SALUS_TRY(const auto receipt, codec::decode<DeliveryReceipt>(bytes));
    if (receipt.network_id != p_.house.network_id || receipt.custodian != p_.house.organisation)
        return fail(ErrorCode::kUsage, "the receipt is for another custodian or network");
    if (!crypto::verify(receipt.key.key(), receipt.signed_bytes(), receipt.signature))
        return fail(ErrorCode::kUnauthenticated, "the receipt's signature is not good");
    SALUS_TRY_STATUS(check_organisation_key(*p_.house.ledger.view(), receipt.recipient, receipt.key));
    SALUS_TRY(const auto row, p_.rows.find(receipt.recipient, receipt.request_id));
    if (!row || row->manifest.answer != receipt.answer)
        return fail(ErrorCode::kNotFound, "no such answer was given to you");
    if (row->delivery == Delivery::kDelivered) return {};
    AuditEntry entry;
    entry.action = AuditAction::kDelivered;
    entry.organisation = receipt.recipient;
    entry.user = row->manifest.user;
    entry.purpose = row->manifest.purpose;
    entry.subjects = {row->subject};
    entry.request_id = to_hex(receipt.request_id);
    entry.detail = "delivered";
    SALUS_TRY_STATUS(p_.house.audit.record(entry));
    return p_.rows.delivered(row->number, receipt);
}

Result<PatientAnswer> Custodian::answer_patient(const SubjectId& subject, const Scope& scope) {
    SALUS_TRY(const auto binding, p_.bindings.of_subject(subject));
    if (!binding) return fail(ErrorCode::kForbidden, "no wallet is bound to this chart");
    const auto view = p_.house.ledger.view();
    SALUS_TRY(const auto policy, p_.policies.in_force(*view, p_.house.organisation, view->header().height + 1));
    Manifest manifest;
    manifest.salt = p_.house.random.bytes<16>();
    manifest.custodian = p_.house.organisation;
    manifest.request_id = p_.house.random.bytes<16>();
    manifest.requester = p_.house.organisation;
    manifest.purpose = Purpose::kPatientRequest;
    manifest.basis = Basis::kPatient;
    manifest.jurisdiction = policy->jurisdiction();
    manifest.policy_version = policy->version();
    manifest.decided_ms = p_.house.now_ms();
    const DecisionRequest request = decision_request(p_.house, manifest, subject);
    if (!decide({}, *policy, request, nullptr).allowed)
        return fail(ErrorCode::kForbidden, "the policy in force lets patients not read by themselves");
    SALUS_TRY(Assembled assembled, assemble(p_.house.vault, scope, {}, *policy, request));
    const std::vector<AnsweredResource> resources = assembled.resources;
    SALUS_TRY(const DisclosureRow row,
              disclose(std::move(manifest), subject, std::move(assembled), binding->sealing_key));
    SALUS_TRY_STATUS(send(row, AuditAction::kDisclose, "row " + to_hex(row.place->tag)));

    SALUS_TRY(auto builder, network::EvidenceBuilder::begin(p_.house.ledger, p_.house.ledger.view()));
    for (const AnsweredResource& resource : resources)
        SALUS_TRY_STATUS(builder.record(resource.opening, std::nullopt, resource.chain));
    SALUS_TRY(const auto keys, p_.bindings.view_keys(subject));
    for (const ViewKey& key : keys)
        if (key.epoch == row.place->epoch)
            SALUS_TRY_STATUS(builder.disclosure(row.place->tag, row.manifest, to_bytes(ByteView(key.key))));
    PatientAnswer out;
    out.request_id = row.manifest.request_id;
    SALUS_TRY(out.reply, codec::decode<ReadReply>(row.reply));
    SALUS_TRY(out.evidence, seal_evidence(to_evidence_file(builder.take()),
                                          {p_.house.network_id, p_.house.organisation, out.request_id},
                                          binding->sealing_key, p_.house.random));
    return out;
}

}  // namespace salus::application
