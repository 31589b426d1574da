#include "application/audit/balp.hpp"

#include <boost/json.hpp>

#include "base/csv.hpp"
#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "model/contracts/identity.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;

constexpr std::string_view kDicom = "http://dicom.nema.org/resources/ontology/DCM";
constexpr std::string_view kAuditType = "http://terminology.hl7.org/CodeSystem/audit-event-type";
constexpr std::string_view kRestful = "http://hl7.org/fhir/restful-interaction";
constexpr std::string_view kBalp = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";
constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

json::object coding(std::string_view system, std::string_view code, std::string_view display = {}) {
    json::object out{{"system", system}, {"code", code}};
    if (!display.empty()) out["display"] = display;
    return out;
}
json::object concept_of(json::object one) { return {{"coding", json::array{std::move(one)}}}; }

/// How an action is called in the profile that it follows.
struct Form {
    json::object type;
    json::array subtype;
    std::string_view action;
};

Form form_of(AuditAction action) {
    const auto rest = [](std::string_view interaction, std::string_view code) {
        return Form{coding(kAuditType, "rest", "RESTful Operation"), {coding(kRestful, interaction)}, code};
    };
    const auto security = [](std::string_view sub_code, std::string_view display, std::string_view code) {
        return Form{coding(kDicom, "110113", "Security Alert"), {coding(kDicom, sub_code, display)}, code};
    };
    switch (action) {
        case AuditAction::kRead:
            return rest("read", "R");
        case AuditAction::kVread:
            return rest("vread", "R");
        case AuditAction::kHistory:
            return rest("history-instance", "R");
        case AuditAction::kSearch:
            return rest("search-type", "E");
        case AuditAction::kCreate:
            return rest("create", "C");
        case AuditAction::kUpdate:
            return rest("update", "U");
        case AuditAction::kBatch:
            return rest("batch", "C");
        case AuditAction::kDisclose:
        case AuditAction::kDownload:
            return {coding(kDicom, "110106", "Export"),
                    {coding("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose")},
                    "R"};
        case AuditAction::kResend:
        case AuditAction::kDelivered:
            return {coding(kDicom, "110106", "Export"),
                    {coding("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle",
                            action == AuditAction::kResend ? "transmit" : "receive")},
                    "R"};
        case AuditAction::kDecision:
            return {coding(kDicom, "110113", "Security Alert"),
                    {coding("urn:salus:audit", "AuthZ-Consent", "Authorization decision")},
                    "E"};
        case AuditAction::kBreakGlass:
            return security("110127", "Emergency Override Started", "E");
        case AuditAction::kReview:
            return security("110128", "Emergency Override Stopped", "E");
        case AuditAction::kLogin:
            return {coding(kDicom, "110114", "User Authentication"), {coding(kDicom, "110122", "Login")}, "E"};
        case AuditAction::kBind:
        case AuditAction::kConsent:
            return security("110137", "User security Attributes Changed", "U");
    }
    return rest("operation", "E");
}

json::object who(const AccountId& organisation) {
    return {{"identifier", json::object{{"system", "urn:salus:organisation"},
                                        {"value", to_address(AccountKind::kOrganisation, organisation)}}}};
}

json::array agents(const AuditRecord& record, const AccountId& observer) {
    json::array out;
    out.push_back(json::object{{"type", concept_of(coding(kDicom, "110153", "Source Role ID"))},
                               {"who", who(observer)},
                               {"requestor", false}});
    json::object client{{"type", concept_of(coding(kDicom, "110152", "Destination Role ID"))},
                        {"who", who(record.organisation)},
                        {"requestor", !record.user}};
    out.push_back(std::move(client));
    if (record.user) {
        const std::size_t bar = record.user->id.find('|');
        json::object identifier{
            {"value", bar == std::string::npos ? record.user->id : record.user->id.substr(bar + 1)}};
        if (bar != std::string::npos && bar != 0) identifier["system"] = record.user->id.substr(0, bar);
        out.push_back(json::object{
            {"type", concept_of(coding("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"))},
            {"who", json::object{{"identifier", std::move(identifier)}, {"display", record.user->name}}},
            {"name", record.user->name},
            {"role", json::array{json::object{{"text", record.user->role}}}},
            {"requestor", true}});
    }
    return out;
}

json::array entities(const AuditRecord& record, const std::vector<std::string>& patients) {
    json::array out;
    for (const std::string& patient : patients)
        out.push_back(json::object{{"what", json::object{{"reference", "Patient/" + patient}}},
                                   {"type", coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1")},
                                   {"role", coding("http://terminology.hl7.org/CodeSystem/object-role", "1")}});
    for (const std::string& entity : record.entities)
        out.push_back(json::object{{"what", json::object{{"reference", entity}}},
                                   {"type", coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2")},
                                   {"role", coding("http://terminology.hl7.org/CodeSystem/object-role", "4")}});
    for (const GrantId& grant : record.grants)
        out.push_back(json::object{{"what", json::object{{"reference", "Consent/" + to_hex(grant)}}},
                                   {"type", coding("http://hl7.org/fhir/resource-types", "Consent")}});
    if (!record.query.empty())
        out.push_back(json::object{{"type", coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2")},
                                   {"role", coding("http://terminology.hl7.org/CodeSystem/object-role", "24")},
                                   {"query", to_base64(as_bytes(record.query))}});
    if (!record.request_id.empty())
        out.push_back(json::object{{"what", json::object{{"identifier", json::object{{"value", record.request_id}}}}},
                                   {"type", coding(kBalp, "XrequestId")}});
    return out;
}

}  // namespace

std::string render_audit_event(const AuditRecord& record, const AccountId& observer,
                               const std::vector<std::string>& patients) {
    Form form = form_of(record.action);
    json::object out{{"resourceType", "AuditEvent"},
                     {"id", std::to_string(record.number)},
                     {"type", std::move(form.type)},
                     {"subtype", std::move(form.subtype)},
                     {"action", form.action},
                     {"recorded", to_iso_time(record.time_ms)},
                     {"outcome", record.allowed ? "0" : "8"}};
    const std::string description = record.outcome.empty() ? record.detail : record.outcome;
    if (!description.empty()) out["outcomeDesc"] = description;
    if (record.purpose != 0)
        out["purposeOfEvent"] =
            json::array{concept_of(coding(kActReason, purpose_code(static_cast<Purpose>(record.purpose))))};
    out["agent"] = agents(record, observer);
    out["source"] = json::object{{"observer", who(observer)}};
    if (json::array list = entities(record, patients); !list.empty()) out["entity"] = std::move(list);
    return json::serialize(out);
}

Result<std::vector<std::string>> patients_of(const House& house, const AuditRecord& record) {
    std::vector<std::string> out;
    for (const SubjectId& subject : record.subjects) {
        SALUS_TRY(auto id, house.vault.patient_of(subject));
        if (id) out.push_back(*std::move(id));
    }
    return out;
}

Result<std::string> audit_bundle(const House& house, const JournalPage& page, std::string_view next) {
    std::string out = R"({"resourceType":"Bundle","type":"searchset","total":)" + std::to_string(page.total);
    if (!next.empty())
        out += R"(,"link":)" + json::serialize(json::array{json::object{{"relation", "next"}, {"url", next}}});
    const auto& records = page.records;
    for (std::size_t i = 0; i < records.size(); ++i) {
        SALUS_TRY(const auto patients, patients_of(house, records[i]));
        out += (i == 0 ? R"(,"entry":[{"resource":)" : R"(,{"resource":)") +
               render_audit_event(records[i], house.organisation, patients) + "}";
    }
    return out + (records.empty() ? "}" : "]}");
}

std::string next_link(const transport::HttpRequest& request, const std::optional<std::uint64_t>& before) {
    if (!before) return {};
    std::string out = request.path + "?before=" + std::to_string(*before);
    for (const auto& [name, value] : request.query)
        if (name != "before") out += "&" + name + "=" + transport::url_encode(value);
    return out;
}

Result<AuditRecord> as_subject_sees(const House& house, AuditRecord record, const SubjectId& subject) {
    record.query.clear();
    if (record.subjects.size() <= 1) return record;
    record.subjects = {subject};
    record.detail.clear();
    std::vector<std::string> hers;
    for (std::string& entity : record.entities) {
        const std::size_t slash = std::min(entity.find('/'), entity.size());
        const std::string_view id = std::string_view(entity).substr(std::min(slash + 1, entity.size()));
        SALUS_TRY(const auto version,
                  house.vault.find_version(std::string_view(entity).substr(0, slash), id.substr(0, id.find('/'))));
        if (version && version->subject == subject) hers.push_back(std::move(entity));
    }
    record.entities = std::move(hers);
    return record;
}

std::string accounting_csv(const std::vector<DisclosureRow>& rows, const StateReader& chain) {
    std::string out = csv_line({"date", "recipient", "account", "person", "description", "purpose"});
    for (const DisclosureRow& row : rows) {
        const Manifest& manifest = row.manifest;
        const auto account = read_decision<identity::AccountState>(chain, Contract::kIdentity,
                                                                   identity::account_key(manifest.requester));
        out += csv_line({to_iso_time(manifest.decided_ms), account && *account ? (*account)->value.name : "",
                         to_address(AccountKind::kOrganisation, manifest.requester),
                         manifest.user ? manifest.user->name + " (" + manifest.user->role + ")" : "",
                         std::to_string(manifest.leaves.size()) + " resources; " +
                             std::string(basis_name(manifest.basis)) + "; " + std::string(delivery_name(row.delivery)),
                         purpose_code(manifest.purpose)});
    }
    return out;
}

}  // namespace salus::application
