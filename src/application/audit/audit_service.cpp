#include "application/audit/audit_service.hpp"

#include "application/access/recorded.hpp"
#include "application/audit/balp.hpp"
#include "base/time_text.hpp"
#include "network/answers.hpp"
#include "network/evidence_builder.hpp"

namespace salus::application {
namespace {

using Response = Result<transport::HttpResponse>;

Result<TimeMs> time(const Call& call, std::string_view name) {
    const auto text = call.request.parameter(name);
    if (!text) return TimeMs{0};
    const auto out = from_iso_time(*text);
    if (!out) return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" is not a time");
    return *out;
}

Result<AuditQuery> read_query(const AuditDesk& desk, const Call& call) {
    AuditQuery out;
    if (const auto patient = call.request.parameter("patient")) {
        SALUS_TRY(out.subject, desk.house.vault.subject_of_patient(*patient));
        if (!out.subject) return fail(ErrorCode::kNotFound, "no Patient has that id");
    }
    SALUS_TRY(out.from_ms, time(call, "from"));
    SALUS_TRY(out.until_ms, time(call, "until"));
    SALUS_TRY(out.before, network::parse_number(call.request.parameter("before").value_or("0"), "\"before\""));
    SALUS_TRY(const std::uint64_t count,
              network::parse_number(call.request.parameter("count").value_or("50"), "\"count\""));
    if (count < 1 || count > 1000) return fail(ErrorCode::kUsage, "\"count\" is 1 to 1000");
    out.count = count;
    return out;
}

/// Before anybody is looked for: who may not read the audit learns from it of nobody.
Result<Caller> officer(const AuditDesk& desk, const Call& call) {
    SALUS_TRY(Caller caller, desk.gate.check(bearer(call.request)));
    SALUS_TRY_STATUS(require_role(caller, "privacy-officer"));
    return caller;
}

Status record_look(const AuditDesk& desk, const Caller& caller, const std::optional<SubjectId>& subject,
                   std::string detail) {
    AuditEntry entry;
    entry.action = AuditAction::kSearch;
    entry.organisation = caller.organisation;
    entry.user = caller.staff;
    entry.purpose = caller.purpose;
    if (subject) entry.subjects = {*subject};
    entry.detail = std::move(detail);
    return desk.house.audit.record(entry);
}

Response list(const AuditDesk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, officer(desk, call));
    SALUS_TRY(const AuditQuery query, read_query(desk, call));
    SALUS_TRY_STATUS(record_look(desk, caller, query.subject, "audit read"));
    SALUS_TRY(const JournalPage page, desk.journal.page(query));
    SALUS_TRY(std::string body, audit_bundle(desk.house, page, next_link(call.request, page.next)));
    return json_response(200, std::move(body), "application/fhir+json");
}

Response accounting(const AuditDesk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, officer(desk, call));
    SALUS_TRY(AuditQuery query, read_query(desk, call));
    if (!query.subject) return fail(ErrorCode::kUsage, "say which patient: ?patient=ID");
    SALUS_TRY_STATUS(record_look(desk, caller, query.subject, "accounting of disclosures"));
    if (call.request.parameter("format").value_or("csv") == "csv") {
        SALUS_TRY(auto rows, desk.rows.of_subject(*query.subject));
        std::erase_if(rows, [&](const DisclosureRow& row) {
            const TimeMs time_ms = row.manifest.decided_ms;
            return row.delivery == Delivery::kNotSent || time_ms < query.from_ms ||
                   (query.until_ms != 0 && time_ms >= query.until_ms);
        });
        return json_response(200, accounting_csv(rows, *desk.house.ledger.view()), "text/csv; charset=utf-8");
    }
    query.actions = {AuditAction::kDisclose};
    SALUS_TRY(const JournalPage page, desk.journal.page(query));
    SALUS_TRY(std::string body, audit_bundle(desk.house, page, next_link(call.request, page.next)));
    return json_response(200, std::move(body), "application/fhir+json");
}

Response prove(const AuditDesk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, officer(desk, call));
    SALUS_TRY(const std::uint64_t number, network::parse_number(call.parts.find("number")->second, "the event"));
    SALUS_TRY_STATUS(record_look(desk, caller, std::nullopt, "audit event proved"));
    SALUS_TRY(AuditProof proof, desk.journal.prove(number));
    SALUS_TRY(auto builder, network::EvidenceBuilder::begin(desk.house.ledger, desk.house.ledger.view()));
    ProvenAuditEvent event;
    event.record = std::move(proof.record);
    event.index = event.record.number - proof.root.first;
    event.count = proof.root.count;
    event.path = std::move(proof.path);
    event.events_root = proof.root.events_root;
    event.interval = proof.root.interval;
    event.salt = proof.root.salt;
    SALUS_TRY_STATUS(builder.audit_event(desk.house.organisation, *proof.root.log_index, std::move(event)));
    return network::bytes_answer(to_evidence_file(builder.take()), network::kEvidenceType);
}

}  // namespace

void add_audit_routes(Routes& routes, const AuditDesk& desk) {
    const auto with = [&desk](Response (*serve)(const AuditDesk&, const Call&)) {
        return recorded(desk.house, desk.gate, [&desk, serve](const Call& call) { return serve(desk, call); });
    };
    routes.add("GET", "/audit", with(list));
    routes.add("GET", "/audit/accounting", with(accounting));
    routes.add("GET", "/audit/{number}/proof", with(prove));
}

}  // namespace salus::application
