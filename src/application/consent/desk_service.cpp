#include "application/consent/desk_service.hpp"

#include <boost/json.hpp>

#include "application/access/recorded.hpp"
#include "application/consent/fhir_consent.hpp"
#include "application/web/json.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;
using Response = Result<transport::HttpResponse>;

Result<Caller> registrar(const Desk& desk, const Call& call) {
    SALUS_TRY(Caller caller, desk.gate.check(bearer(call.request)));
    SALUS_TRY_STATUS(require_role(caller, "registrar"));
    return caller;
}

std::string name_of(const Caller& caller) {
    return caller.staff ? caller.staff->name + ", " + caller.staff->id : "machine";
}

Result<SubjectId> subject_of(const Desk& desk, std::string_view patient) {
    SALUS_TRY(const auto subject, desk.house.vault.subject_of_patient(patient));
    if (!subject) return fail(ErrorCode::kNotFound, "no Patient has that id");
    return *subject;
}

Status record(const Desk& desk, const Caller& caller, AuditAction action, const SubjectId& subject, std::string detail,
              std::vector<GrantId> grants = {}) {
    AuditEntry entry;
    entry.action = action;
    entry.organisation = caller.organisation;
    entry.user = caller.staff;
    entry.purpose = caller.purpose;
    entry.subjects = {subject};
    entry.detail = std::move(detail);
    entry.grants = std::move(grants);
    return desk.house.audit.record(entry);
}

Response bind(const Desk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, registrar(desk, call));
    SALUS_TRY(const JsonBody in, JsonBody::parse(call.request.body, {"patient", "offer"}));
    SALUS_TRY(const std::string patient, in.text("patient"));
    SALUS_TRY(const auto offer, in.message<BindOffer>("offer"));
    SALUS_TRY_STATUS(check_bind_offer(offer, desk.house.network_id, desk.house.organisation, desk.house.now_ms()));
    SALUS_TRY(const SubjectId subject, subject_of(desk, patient));
    SALUS_TRY_STATUS(record(desk, caller, AuditAction::kBind, subject, "wallet bound"));
    SALUS_TRY(const ViewKey key, desk.bindings.bind(subject, offer, name_of(caller)));
    return json_response(200, json::serialize(json::object{{"subject", to_hex(subject)}, {"epoch", key.epoch}}));
}

Response release(const Desk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, registrar(desk, call));
    SALUS_TRY(const SubjectId subject, subject_of(desk, call.parts.find("patient")->second));
    SALUS_TRY_STATUS(record(desk, caller, AuditAction::kBind, subject, "wallet released"));
    SALUS_TRY_STATUS(desk.bindings.release(subject));
    return transport::HttpResponse{204, {}, {}};
}

Response refer(const Desk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, registrar(desk, call));
    SALUS_TRY(const JsonBody in, JsonBody::parse(call.request.body, {"patient", "grant", "minutes"}));
    SALUS_TRY(const std::string patient, in.text("patient"));
    Referral referral;
    SALUS_TRY(referral.subject, subject_of(desk, patient));
    if (in.has("grant")) {
        SALUS_TRY(referral.grant, in.id<GrantId>("grant"));
    }
    SALUS_TRY(const std::uint64_t minutes, in.number_or("minutes", 24 * 60));
    referral.until_ms = desk.house.now_ms() + std::min<std::uint64_t>(minutes, 366 * 24 * 60) * 60'000;
    SALUS_TRY_STATUS(record(desk, caller, AuditAction::kConsent, referral.subject, "referral made"));
    SALUS_TRY(std::string body, make_referral(desk.house, desk.referrals, referral));
    return json_response(201, std::move(body));
}

Result<std::vector<std::uint64_t>> purposes(const JsonBody& in) {
    SALUS_TRY(const auto names, in.texts("purposes"));
    std::vector<std::uint64_t> out;
    for (const std::string& name : names) {
        const auto code = purpose_from_code(name);
        if (!code) return fail(ErrorCode::kUsage, "\"purposes\" names an unknown purpose of use");
        out.push_back(static_cast<std::uint64_t>(*code));
    }
    return out;
}

template <class IdType>
Result<std::vector<IdType>> ids(const JsonBody& in, std::string_view name) {
    SALUS_TRY(const auto texts, in.texts(name));
    std::vector<IdType> out;
    for (const std::string& text : texts) {
        const auto id = id_from_hex<IdType>(text);
        if (!id) return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" holds what is no id in hex");
        out.push_back(*id);
    }
    return out;
}

Response attest(const Desk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, registrar(desk, call));
    SALUS_TRY(
        const JsonBody in,
        JsonBody::parse(call.request.body, {"patient", "decide", "organisations", "practitioners", "roles", "purposes",
                                            "types", "codes", "labels", "from", "until", "supersedes", "paper"}));
    GrantTerms terms;
    SALUS_TRY(const std::string patient, in.text("patient"));
    SALUS_TRY(terms.subject, subject_of(desk, patient));
    SALUS_TRY(const std::string decide, in.text_or("decide", "permit"));
    if (decide != "permit" && decide != "deny") return fail(ErrorCode::kUsage, "\"decide\" is permit or deny");
    terms.decide = decide == "permit" ? Decide::kPermit : Decide::kDeny;
    SALUS_TRY(terms.scope.organisations, ids<AccountId>(in, "organisations"));
    SALUS_TRY(terms.scope.practitioners, in.texts("practitioners"));
    SALUS_TRY(terms.scope.roles, in.texts("roles"));
    SALUS_TRY(terms.scope.purposes, purposes(in));
    SALUS_TRY(terms.scope.types, in.texts("types"));
    SALUS_TRY(terms.scope.codes, in.texts("codes"));
    SALUS_TRY(terms.scope.labels, in.texts("labels"));
    SALUS_TRY(terms.from_ms, in.time_or("from", desk.house.now_ms()));
    SALUS_TRY(terms.until_ms, in.time_or("until", 0));
    SALUS_TRY(terms.supersedes, ids<GrantId>(in, "supersedes"));
    SALUS_TRY(const std::string paper, in.text("paper"));
    terms.paper = array_from_hex<32>(paper);
    if (!terms.paper) return fail(ErrorCode::kUsage, "\"paper\" is not a SHA-256 in hex");
    terms.attested_by = name_of(caller);
    SALUS_TRY(const KnownConsent known, desk.consents.attest(std::move(terms)));
    SALUS_TRY_STATUS(
        record(desk, caller, AuditAction::kConsent, known.terms.subject, "attested on paper", {known.terms.grant}));
    json::object out{
        {"grant", to_hex(known.terms.grant)}, {"height", known.created.height}, {"attested_by", "custodian"}};
    std::string text = json::serialize(out);
    text.pop_back();
    return json_response(201, text + R"(,"consent":)" + render_consent(known, patient, desk.house.now_ms()) + "}");
}

Response revoke(const Desk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, desk.gate.check(bearer(call.request)));
    if (!require_role(caller, "registrar")) SALUS_TRY_STATUS(require_role(caller, "privacy-officer"));
    const auto grant = id_from_hex<GrantId>(call.parts.find("grant")->second);
    if (!grant) return fail(ErrorCode::kUsage, "the path holds no grant's id in hex");
    SALUS_TRY(const auto known, desk.consents.find(*desk.house.ledger.view(), *grant));
    if (!known) return fail(ErrorCode::kNotFound, "no grant of that id stands here");
    SALUS_TRY_STATUS(desk.consents.revoke(*grant));
    SALUS_TRY_STATUS(
        record(desk, caller, AuditAction::kConsent, known->terms.subject, "revoked by the custodian", {*grant}));
    return json_response(202, json::serialize(json::object{{"grant", to_hex(*grant)}}));
}

Response list(const Desk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, registrar(desk, call));
    const auto patient = call.request.parameter("patient");
    if (!patient) return fail(ErrorCode::kUsage, "say which patient: ?patient=ID");
    SALUS_TRY(const SubjectId subject, subject_of(desk, *patient));
    SALUS_TRY_STATUS(record(desk, caller, AuditAction::kSearch, subject, "consents listed"));
    SALUS_TRY(std::string body, consent_bundle(desk.house, desk.consents, subject));
    return json_response(200, std::move(body), "application/fhir+json");
}

}  // namespace

Result<std::string> make_referral(const House& house, Referrals& referrals, const Referral& referral) {
    SALUS_TRY(const ReferralHandle handle, referrals.make(referral));
    json::object out{{"custodian", to_hex(house.organisation)},
                     {"handle", to_hex(handle)},
                     {"until", to_iso_time(referral.until_ms)}};
    if (referral.grant) out["grant"] = to_hex(*referral.grant);
    return json::serialize(out);
}

Result<std::string> consent_bundle(const House& house, Consents& consents, const SubjectId& subject) {
    SALUS_TRY(const auto known, consents.of_subject(*house.ledger.view(), subject));
    SALUS_TRY(const auto patient, house.vault.patient_of(subject));
    std::string out = R"({"resourceType":"Bundle","type":"searchset","total":)" + std::to_string(known.size());
    for (std::size_t i = 0; i < known.size(); ++i)
        out += (i == 0 ? R"(,"entry":[{"resource":)" : R"(,{"resource":)") +
               render_consent(known[i], patient.value_or(""), house.now_ms()) + "}";
    return out + (known.empty() ? "}" : "]}");
}

void add_desk_routes(Routes& routes, const Desk& desk) {
    const auto with = [&desk](Response (*serve)(const Desk&, const Call&)) {
        return recorded(desk.house, desk.gate, [&desk, serve](const Call& call) { return serve(desk, call); });
    };
    routes.add("POST", "/desk/bindings", with(bind));
    routes.add("DELETE", "/desk/bindings/{patient}", with(release));
    routes.add("POST", "/desk/referrals", with(refer));
    routes.add("POST", "/desk/consents", with(attest));
    routes.add("POST", "/desk/consents/{grant}/revoke", with(revoke));
    routes.add("GET", "/desk/consents", with(list));
}

}  // namespace salus::application
