#include "application/breakglass/breakglass_service.hpp"

#include <boost/json.hpp>

#include "application/access/recorded.hpp"
#include "application/web/json.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;
using Response = Result<transport::HttpResponse>;

Status record(const GlassDesk& desk, const Caller& caller, AuditAction action, std::vector<SubjectId> subjects,
              std::string detail) {
    AuditEntry entry;
    entry.action = action;
    entry.organisation = caller.organisation;
    entry.user = caller.staff;
    entry.purpose = caller.purpose;
    entry.subjects = std::move(subjects);
    entry.detail = std::move(detail);
    return desk.house.audit.record(entry);
}

Response break_glass(const GlassDesk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, desk.gate.check(bearer(call.request)));
    SALUS_TRY_STATUS(require_staff(caller));
    SALUS_TRY(const JsonBody in,
              JsonBody::parse(call.request.body, {"patient", "purpose", "reason", "minutes", "seconds"}));
    SALUS_TRY(const std::string purpose, in.text_or("purpose", "BTG"));
    const auto code = purpose_from_code(purpose);
    if (!code) return fail(ErrorCode::kUsage, "\"purpose\" is ETREAT or BTG");
    const auto view = desk.house.ledger.view();
    SALUS_TRY(const auto policy, desk.policies.in_force(*view, desk.house.organisation, view->header().height + 1));
    SALUS_TRY_STATUS(Openings::may_break(*policy, *caller.staff, *code));
    Breaking breaking;
    breaking.requester = desk.house.organisation;
    breaking.user = *caller.staff;
    breaking.purpose = *code;
    SALUS_TRY(breaking.reason, in.text("reason"));
    SALUS_TRY(const std::uint64_t minutes, in.number_or("minutes", 0));
    SALUS_TRY(const std::uint64_t seconds, in.number_or("seconds", 0));
    if (minutes > 240 || seconds > 14'400) return fail(ErrorCode::kUsage, "glass stays open for 240 minutes at most");
    breaking.open_ms = minutes * 60'000 + seconds * 1000;
    SALUS_TRY(const std::string patient, in.text("patient"));
    SALUS_TRY(const auto subject, desk.house.vault.subject_of_patient(patient));
    if (!subject) return fail(ErrorCode::kNotFound, "no Patient has that id");
    breaking.subject = *subject;
    SALUS_TRY_STATUS(record(desk, caller, AuditAction::kBreakGlass, {*subject}, breaking.reason));
    SALUS_TRY(const Opening opening, desk.openings.break_glass(*policy, breaking));
    SALUS_TRY(std::string body, render_opening(desk.house, opening));
    return json_response(201, std::move(body));
}

Response list(const GlassDesk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, desk.gate.check(bearer(call.request)));
    SALUS_TRY_STATUS(require_role(caller, "privacy-officer"));
    const std::string_view wanted = call.request.parameter("status").value_or("all");
    if (wanted != "all" && wanted != "open" && wanted != "awaiting" && wanted != "overdue")
        return fail(ErrorCode::kUsage, "\"status\" is open, awaiting, overdue or all");
    SALUS_TRY(const auto openings, desk.openings.list());
    SALUS_TRY_STATUS(record(desk, caller, AuditAction::kReview, {}, "openings listed"));
    const TimeMs now_ms = desk.house.now_ms();
    std::string out;
    for (const Opening& one : openings) {
        if (wanted == "open" && now_ms >= one.terms.until_ms) continue;
        if (wanted == "awaiting" && one.finding) continue;
        if (wanted == "overdue" && !one.overdue(now_ms)) continue;
        SALUS_TRY(const std::string text, render_opening(desk.house, one));
        out += (out.empty() ? "" : ",") + text;
    }
    return json_response(200, R"({"openings":[)" + out + "]}");
}

Response review(const GlassDesk& desk, const Call& call) {
    SALUS_TRY(const Caller caller, desk.gate.check(bearer(call.request)));
    SALUS_TRY_STATUS(require_staff(caller));
    SALUS_TRY_STATUS(require_role(caller, "privacy-officer"));
    const auto id = id_from_hex<BreakGlassId>(call.parts.find("opening")->second);
    if (!id) return fail(ErrorCode::kUsage, "the path holds no opening's id in hex");
    SALUS_TRY(const JsonBody in, JsonBody::parse(call.request.body, {"justified", "finding"}));
    SALUS_TRY(const std::string justified, in.text("justified"));
    if (justified != "yes" && justified != "no") return fail(ErrorCode::kUsage, "\"justified\" is yes or no");
    SALUS_TRY(std::string finding, in.text("finding"));
    SALUS_TRY(const auto all, desk.openings.list());
    for (const Opening& one : all)
        if (one.id == *id) SALUS_TRY_STATUS(record(desk, caller, AuditAction::kReview, {one.terms.subject}, finding));
    SALUS_TRY_STATUS(desk.openings.review(*id, *caller.staff, justified == "yes", std::move(finding)));
    return json_response(200, json::serialize(json::object{{"opening", to_hex(*id)}, {"reviewed", true}}));
}

}  // namespace

Result<std::string> render_opening(const House& house, const Opening& opening) {
    SALUS_TRY(const auto patient, house.vault.patient_of(opening.terms.subject));
    const TimeMs now_ms = house.now_ms();
    json::object out{{"opening", to_hex(opening.id)},
                     {"patient", patient.value_or("")},
                     {"requester", to_hex(opening.terms.requester)},
                     {"user", opening.terms.user.name},
                     {"role", opening.terms.user.role},
                     {"user_id", opening.terms.user.id},
                     {"purpose", purpose_code(opening.terms.purpose)},
                     {"reason", opening.terms.reason},
                     {"opened", to_iso_time(opening.terms.opened_ms)},
                     {"until", to_iso_time(opening.terms.until_ms)},
                     {"review_due", to_iso_time(opening.review_due_ms)},
                     {"status", opening.finding           ? "reviewed"
                                : opening.overdue(now_ms) ? "overdue"
                                                          : "awaiting"},
                     {"open", now_ms < opening.terms.until_ms},
                     {"on_chain", opening.on_chain}};
    if (opening.finding)
        out["finding"] = (opening.finding->justified ? "justified: " : "not justified: ") + opening.finding->text;
    return json::serialize(out);
}

void add_breakglass_routes(Routes& routes, const GlassDesk& desk) {
    const auto with = [&desk](Response (*serve)(const GlassDesk&, const Call&)) {
        return recorded(desk.house, desk.gate, [&desk, serve](const Call& call) { return serve(desk, call); });
    };
    routes.add("POST", "/breakglass", with(break_glass));
    routes.add("GET", "/breakglass", with(list));
    routes.add("POST", "/breakglass/{opening}/review", with(review));
}

}  // namespace salus::application
