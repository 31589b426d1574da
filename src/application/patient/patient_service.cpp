#include "application/patient/patient_service.hpp"

#include <boost/json.hpp>

#include "application/access/recorded.hpp"
#include "application/audit/balp.hpp"
#include "application/breakglass/breakglass_service.hpp"
#include "application/consent/desk_service.hpp"
#include "application/web/json.hpp"
#include "base/time_text.hpp"
#include "model/login.hpp"
#include "network/answers.hpp"
#include "network/evidence_builder.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;
using Response = Result<transport::HttpResponse>;

struct Patient {
    Caller caller;
    SubjectId subject;
};

Result<Patient> enter(const PatientDoor& door, const Call& call) {
    Patient out;
    SALUS_TRY(out.caller, door.gate.check(bearer(call.request)));
    SALUS_TRY(out.subject, require_wallet(out.caller));
    return out;
}

Status record(const PatientDoor& door, const Patient& patient, AuditAction action, std::string detail,
              std::vector<GrantId> grants = {}) {
    AuditEntry entry;
    entry.action = action;
    entry.organisation = door.house.organisation;
    entry.purpose = Purpose::kPatientRequest;
    entry.subjects = {patient.subject};
    entry.detail = std::move(detail);
    entry.grants = std::move(grants);
    return door.house.audit.record(entry);
}

Response about(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY_STATUS(record(door, patient, AuditAction::kRead, "view keys"));
    SALUS_TRY(const auto keys, door.bindings.view_keys(patient.subject));
    SALUS_TRY(const auto id, door.house.vault.patient_of(patient.subject));
    SALUS_TRY(const auto openings, door.openings.list(patient.subject));
    json::array opened;
    for (const Opening& one : openings) opened.push_back(json::string(to_hex(one.id)));
    json::array view_keys;
    for (const ViewKey& key : keys) view_keys.push_back(json::object{{"epoch", key.epoch}, {"key", to_hex(key.key)}});
    return json_response(
        200, json::serialize(json::object{{"subject", to_hex(patient.subject)},
                                          {"patient", id.value_or("")},
                                          {"custodian", to_hex(door.house.organisation)},
                                          {"signing_key", to_hex(door.house.signing_key.public_key().bytes)},
                                          {"view_keys", std::move(view_keys)},
                                          {"openings", std::move(opened)}}));
}

Response grants(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY_STATUS(record(door, patient, AuditAction::kSearch, "list of grants"));
    SALUS_TRY(const auto known, door.consents.of_subject(*door.house.ledger.view(), patient.subject));
    json::array list;
    for (const KnownConsent& one : known) {
        if (!one.readable) continue;  // the bundle says so
        list.push_back(json::object{
            {"grant", to_hex(one.terms.grant)},
            {"terms", to_base64(codec::encode(one.terms))},
            {"active", one.active() && door.house.now_ms() < one.terms.until_ms},
            {"attested_by", one.state.attested_by == consent::AttestedBy::kWallet ? "wallet" : "custodian"},
            {"height", one.created.height}});
    }
    SALUS_TRY(const std::string bundle, consent_bundle(door.house, door.consents, patient.subject));
    return json_response(200, R"({"grants":)" + json::serialize(list) + R"(,"bundle":)" + bundle + "}");
}

/// A token is lent easily and a control key is whoever's: the wallet itself says that it grants this.
Status check_order(const PatientDoor& door, const Patient& patient, ByteView body, ByteView signature) {
    SALUS_TRY(const auto binding, door.bindings.of_subject(patient.subject));
    const Bytes ordered = order_signed_bytes(door.house.network_id, door.house.organisation, body);
    if (!binding || !crypto::verify(binding->login_key.key(), ordered, signature))
        return fail(ErrorCode::kTermsInvalid, "the terms: the wallet's login key has not signed their transaction");
    return {};
}

Response create_grant(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY(const JsonBody in, JsonBody::parse(call.request.body, {"terms", "body", "signature", "login_signature"}));
    GrantSubmission submission;
    SALUS_TRY(submission.terms, in.message<GrantTerms>("terms"));
    SALUS_TRY(submission.body, in.base64("body"));
    SALUS_TRY(submission.signature, in.base64("signature"));
    SALUS_TRY(const Bytes login_signature, in.base64("login_signature"));
    SALUS_TRY_STATUS(check_order(door, patient, submission.body, login_signature));
    SALUS_TRY(const network::Submitted submitted, door.consents.create(patient.subject, submission));
    SALUS_TRY_STATUS(record(door, patient, AuditAction::kConsent, "granted by wallet", {submission.terms.grant}));
    return json_response(201, json::serialize(json::object{{"grant", to_hex(submission.terms.grant)},
                                                           {"height", submitted.height},
                                                           {"transaction", to_hex(submitted.id)}}));
}

Response refer(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY(const JsonBody in, JsonBody::parse(call.request.body, {"grant", "minutes"}));
    Referral referral;
    referral.subject = patient.subject;
    if (in.has("grant")) {
        SALUS_TRY(referral.grant, in.id<GrantId>("grant"));
    }
    SALUS_TRY(const std::uint64_t minutes, in.number_or("minutes", 24 * 60));
    referral.until_ms = door.house.now_ms() + std::min<std::uint64_t>(minutes, 366 * 24 * 60) * 60'000;
    SALUS_TRY_STATUS(record(door, patient, AuditAction::kConsent, "referral made"));
    SALUS_TRY(std::string body, make_referral(door.house, door.referrals, referral));
    return json_response(201, std::move(body));
}

json::object row_json(const DisclosureRow& row) {
    const Manifest& manifest = row.manifest;
    json::object out{{"requester", to_hex(manifest.requester)},  {"purpose", purpose_code(manifest.purpose)},
                     {"basis", basis_name(manifest.basis)},      {"time", to_iso_time(manifest.decided_ms)},
                     {"resources", manifest.leaves.size()},      {"delivery", delivery_name(row.delivery)},
                     {"late", row.intent.has_value()},           {"filed", row.phase == RowPhase::kFiled},
                     {"request_id", to_hex(manifest.request_id)}};
    if (!manifest.grants.empty()) out["grant"] = to_hex(manifest.grants.front());
    if (manifest.user) {
        out["user"] = manifest.user->name;
        out["role"] = manifest.user->role;
    }
    if (row.place) {
        out["epoch"] = row.place->epoch;
        out["index"] = row.place->index;
        out["tag"] = to_hex(row.place->tag);
    }
    return out;
}

Response disclosures(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY_STATUS(record(door, patient, AuditAction::kSearch, "list of disclosures"));
    const auto view = door.house.ledger.view();
    SALUS_TRY(const auto rows, door.rows.of_subject(patient.subject, *view));
    SALUS_TRY(const auto keys, door.bindings.view_keys(patient.subject));
    SALUS_TRY(const auto openings, door.openings.list(patient.subject));
    SALUS_TRY(const Evidence evidence, prove_list(door.house, view, keys, rows));
    json::array row_list;
    for (const DisclosureRow& row : rows) row_list.push_back(row_json(row));
    json::array epochs;
    for (const ViewKey& key : keys) {
        const auto count = std::count_if(rows.begin(), rows.end(), [&](const DisclosureRow& row) {
            return row.phase == RowPhase::kFiled && row.place && row.place->epoch == key.epoch;
        });
        epochs.push_back(json::object{{"epoch", key.epoch}, {"rows", count}});
    }
    std::string opening_list;
    for (const Opening& one : openings) {
        SALUS_TRY(const std::string text, render_opening(door.house, one));
        opening_list += (opening_list.empty() ? "" : ",") + text;
    }
    return json_response(200, R"({"rows":)" + json::serialize(row_list) + R"(,"epochs":)" + json::serialize(epochs) +
                                  R"(,"openings":[)" + opening_list + R"(],"evidence":")" +
                                  to_base64(to_evidence_file(evidence)) + "\"}");
}

Response audit(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY_STATUS(record(door, patient, AuditAction::kSearch, "list of accesses"));
    AuditQuery query;
    query.subject = patient.subject;
    SALUS_TRY(query.before, network::parse_number(call.request.parameter("before").value_or("0"), "\"before\""));
    SALUS_TRY(query.count, network::parse_number(call.request.parameter("count").value_or("500"), "\"count\""));
    if (query.count < 1 || query.count > 1000) return fail(ErrorCode::kUsage, "\"count\" is 1 to 1000");
    SALUS_TRY(JournalPage page, door.journal.page(query));
    for (AuditRecord& one : page.records) {
        SALUS_TRY(one, as_subject_sees(door.house, std::move(one), patient.subject));
    }
    SALUS_TRY(std::string bundle, audit_bundle(door.house, page, next_link(call.request, page.next)));
    return json_response(200, std::move(bundle), "application/fhir+json");
}

Response download(const PatientDoor& door, const Call& call) {
    SALUS_TRY(const Patient patient, enter(door, call));
    SALUS_TRY(const JsonBody in, JsonBody::parse(call.request.body, {"types", "instances", "since"}));
    Scope scope;
    scope.with_chain = true;
    SALUS_TRY(scope.types, in.texts("types"));
    SALUS_TRY(scope.instances, in.texts("instances"));
    SALUS_TRY(scope.since_ms, in.time_or("since", 0));
    SALUS_TRY(const PatientAnswer answer, door.custodian.answer_patient(patient.subject, scope));
    return json_response(200, json::serialize(json::object{{"request_id", to_hex(answer.request_id)},
                                                           {"reply", to_base64(codec::encode(answer.reply))},
                                                           {"evidence", to_base64(answer.evidence)}}));
}

}  // namespace

Result<Evidence> prove_list(const House& house, std::shared_ptr<const network::LedgerView> view,
                            const std::vector<ViewKey>& keys, const std::vector<DisclosureRow>& rows) {
    SALUS_TRY(auto builder, network::EvidenceBuilder::begin(house.ledger, std::move(view)));
    for (const ViewKey& key : keys) {
        std::uint64_t last = 0;
        for (const DisclosureRow& row : rows) {
            if (row.phase != RowPhase::kFiled || !row.place || row.place->epoch != key.epoch) continue;
            const std::uint64_t late_index = row.intent ? row.place->index : 0;
            SALUS_TRY_STATUS(builder.disclosure(row.place->tag, row.manifest, to_bytes(ByteView(key.key)), late_index));
            last = std::max(last, row.place->index);
        }
        for (std::uint64_t i = last + 1; i <= last + kAbsentRows; ++i)
            SALUS_TRY_STATUS(
                builder.state(Contract::kDisclosure,
                              disclosure::row_key(house.organisation, disclosure::disclosure_tag(key.key, i))));
    }
    return builder.take();
}

void add_patient_routes(Routes& routes, const PatientDoor& door) {
    const auto with = [&door](Response (*serve)(const PatientDoor&, const Call&)) {
        return recorded(door.house, door.gate, [&door, serve](const Call& call) { return serve(door, call); });
    };
    routes.add("GET", "/patient", with(about));
    routes.add("GET", "/patient/grants", with(grants));
    routes.add("POST", "/patient/grants", with(create_grant));
    routes.add("POST", "/patient/referrals", with(refer));
    routes.add("GET", "/patient/disclosures", with(disclosures));
    routes.add("GET", "/patient/audit", with(audit));
    routes.add("POST", "/patient/record", with(download));
}

}  // namespace salus::application
