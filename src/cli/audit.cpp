#include <fmt/format.h>
#include <algorithm>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "base/printable.hpp"
#include "cli/answers.hpp"
#include "cli/chain_state.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"
#include "model/disclosure_list.hpp"
#include "model/evidence.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

/// A list as a table for people, and the same as CSV where a file was named for it.
Status write_csv(const std::string& file, const std::string& lines) {
    return file.empty() ? Status{} : write_file(file, as_bytes(lines), FileMode::kPrivate);
}

struct PatientArguments {
    SessionArguments session;
    std::string out;
    std::string csv;
};

void declare_patient_list(CLI::App& app, PatientArguments& arguments) {
    declare_wallet(app, arguments.session);
    app.add_option("--out", arguments.out, "File for the proof of the list");
    app.add_option("--csv", arguments.csv, "File for the list as CSV, for a spreadsheet");
}

/// One disclosure, as the patient reads it.
struct DisclosureLine {
    std::string index, time, purpose, basis, who, role, organisation, account, resources, delivery;

    DisclosureLine(const json::value& row, OrganisationNames& names)
        : index(std::to_string(number_of(row, "index").value_or(0))),
          time(text_of(row, "time").value_or("")),
          purpose(text_of(row, "purpose").value_or("")),
          basis(text_of(row, "basis").value_or("")),
          who(text_of(row, "user").value_or("")),
          role(text_of(row, "role").value_or("")),
          organisation(text_of(row, "requester").value_or("")),
          resources(std::to_string(number_of(row, "resources").value_or(0))),
          delivery(text_of(row, "delivery").value_or("")) {
        if (const auto id = id_from_hex<AccountId>(organisation)) {
            organisation = names.of(*id);
            account = to_address(AccountKind::kOrganisation, *id);
        }
    }
    [[nodiscard]] std::string text() const {
        return fmt::format("{:>4}  {:<24}  {:<7} {:<10} {:<34} {:>5} resources, {}\n", index, printable(time),
                           printable(purpose), printable(basis),
                           printable(organisation + (who.empty() ? "" : ": " + who + " (" + role + ")")), resources,
                           printable(delivery));
    }
    [[nodiscard]] std::string csv() const {
        return csv_line({index, time, organisation, account, who, role, purpose, basis, resources, delivery});
    }
};

/// The custodian's word is not taken: every tag is made anew from the keys that the wallet keeps, and what is listed is
/// as many rows as are proved.
Status check_list(WalletSession& session, const json::array& rows, ByteView file) {
    SALUS_TRY(const Evidence evidence, from_evidence_file(file));
    std::vector<ListKey> keys;
    for (const WalletViewKey& one : session.here().view_keys) keys.push_back({one.epoch, one.key});
    const Verdict verdict = verify_disclosure_list(evidence, session.network, session.custodian, keys);
    for (const Statement& statement : verdict.statements)
        if (!statement.holds) return fail(ErrorCode::kProofInvalid, "the list is not whole: " + statement.text);
    const auto filed = std::ranges::count_if(rows, [](const json::value& row) {
        const json::value* value = row.is_object() ? row.get_object().if_contains("filed") : nullptr;
        return value != nullptr && value->is_bool() && value->get_bool();
    });
    if (static_cast<std::size_t>(filed) != evidence.disclosures.size())
        return fail(ErrorCode::kProofInvalid, "the list that is shown is not the one that is proved");
    return {};
}

/// Whoever broke the glass on her record, and why. What is shown counts as seen from now on.
Result<std::string> show_openings(WalletSession& session, const json::array& openings, Environment& environment) {
    std::vector<BreakGlassId>& seen = session.here().openings_seen;
    std::vector<BreakGlassId> shown;
    std::string text;
    for (const json::value& one : openings) {
        const auto id = id_from_hex<BreakGlassId>(text_of(one, "opening").value_or(""));
        if (!id) return fail(ErrorCode::kCorrupt, "the custodian's answer is not as it should be");
        text += fmt::format("emergency  {:<24}  {} ({}): {}{}\n", printable(text_of(one, "opened").value_or("")),
                            printable(text_of(one, "user").value_or("")), printable(text_of(one, "role").value_or("")),
                            printable(text_of(one, "reason").value_or("")),
                            std::ranges::count(seen, *id) == 0 ? "  [new]" : "");
        shown.push_back(*id);
    }
    if (shown != seen) {
        seen = std::move(shown);
        SALUS_TRY_STATUS(session.save(environment));
    }
    return text;
}

Result<Report> patient_list(const PatientArguments& arguments, Environment& environment) {
    SALUS_TRY(WalletSession session, log_in_wallet(arguments.session, environment));
    SALUS_TRY(const json::value answer, session.api.get(session.at("/patient/disclosures")));
    SALUS_TRY(const Bytes evidence, bytes_of(answer, "evidence"));
    const json::array& rows = list_of(answer, "rows");
    SALUS_TRY_STATUS(check_list(session, rows, evidence));
    if (!arguments.out.empty()) SALUS_TRY_STATUS(write_file(arguments.out, evidence, FileMode::kPrivate));
    Report report;
    std::string csv = csv_line(
        {"row", "time", "organisation", "account", "person", "role", "purpose", "basis", "resources", "delivery"});
    OrganisationNames names(session.api);
    json::array disclosures;
    for (const json::value& row : rows) {
        const DisclosureLine line(row, names);
        report.text += line.text();
        csv += line.csv();
        json::object shown = row.is_object() ? row.get_object() : json::object{};
        shown["organisation"] = line.organisation;
        shown["account"] = line.account;
        disclosures.emplace_back(std::move(shown));
    }
    SALUS_TRY_STATUS(write_csv(arguments.csv, csv));
    if (rows.empty()) report.text += "Nobody outside has seen anything.\n";
    SALUS_TRY(const std::string openings, show_openings(session, list_of(answer, "openings"), environment));
    report.text += openings;
    report.text += "Whole: by the keys that this wallet keeps, no row is left out, and none follows.\n";
    if (!arguments.out.empty()) report.text += "Check the list with:  salus verify " + arguments.out + "\n";
    report.data = {{"ok", true},
                   {"rows", rows.size()},
                   {"whole", true},
                   {"disclosures", std::move(disclosures)},
                   {"openings", list_of(answer, "openings")},
                   {"openings_unseen", session.openings_unseen}};
    return report;
}

struct ListArguments {
    SessionArguments session;
    std::string patient;
    std::size_t count = 50;
    bool refused = false;
    std::string csv;
};

void declare_list(CLI::App& app, ListArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--patient", arguments.patient, "Id of a Patient resource: only what concerns her");
    app.add_option("--count", arguments.count, "The newest so many")->check(CLI::Range(1, 1000));
    app.add_flag("--refused", arguments.refused, "Only what was refused");
    app.add_option("--csv", arguments.csv, "File for the list as CSV, for a spreadsheet");
}

const json::value* field(const json::value& object, std::string_view name) {
    return object.is_object() ? object.get_object().if_contains(name) : nullptr;
}

/// The code of the first coding of the first concept in `list`.
std::string first_code(const json::array& list) {
    if (list.empty()) return {};
    const json::array& codings = list_of(list.front(), "coding");
    return codings.empty() ? "" : text_of(codings.front(), "code").value_or("");
}

/// One AuditEvent, as the privacy officer reads it.
struct EventLine {
    std::string number, time, action, outcome, organisation, person, purpose, patient, why;

    explicit EventLine(const json::value& event)
        : number(text_of(event, "id").value_or("")),
          time(text_of(event, "recorded").value_or("")),
          outcome(text_of(event, "outcome").value_or("0") == "0" ? "allowed" : "refused"),
          purpose(first_code(list_of(event, "purposeOfEvent"))),
          why(text_of(event, "outcomeDesc").value_or("")) {
        if (const json::array& kinds = list_of(event, "subtype"); !kinds.empty())
            action = text_of(kinds.front(), "display").value_or(text_of(kinds.front(), "code").value_or(""));
        for (const json::value& agent : list_of(event, "agent")) {
            if (const auto name = text_of(agent, "name")) person = *name;
            // The last organisation is the one that asked; the first is where it was asked.
            const json::value* who = field(agent, "who");
            const json::value* identifier = who != nullptr ? field(*who, "identifier") : nullptr;
            if (identifier != nullptr && text_of(*identifier, "system").value_or("") == "urn:salus:organisation")
                organisation = text_of(*identifier, "value").value_or("");
        }
        for (const json::value& entity : list_of(event, "entity"))
            if (const json::value* what = field(entity, "what"))
                if (const auto reference = text_of(*what, "reference");
                    reference && patient.empty() && reference->starts_with("Patient/"))
                    patient = reference->substr(std::string_view("Patient/").size());
    }
    [[nodiscard]] std::string text() const {
        return fmt::format("{:>6}  {:<24}  {:<7}  {:<26} {:<7} {:<16} {}\n", printable(number), printable(time),
                           outcome, printable(action), printable(purpose), printable(person), printable(why));
    }
    [[nodiscard]] std::string csv() const {
        return csv_line({number, time, outcome, action, organisation, person, purpose, patient, why});
    }
};

Result<Report> list(const ListArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    const std::string patient = arguments.patient.empty() ? "" : "&patient=" + transport::url_encode(arguments.patient);
    SALUS_TRY(const json::value bundle,
              session.api.get(session.at("/audit?count=" + std::to_string(arguments.count) + patient)));
    Report report;
    json::array events;
    std::string csv =
        csv_line({"number", "time", "outcome", "action", "organisation", "person", "purpose", "patient", "reason"});
    for (const json::value& entry : list_of(bundle, "entry")) {
        const json::value* event = field(entry, "resource");
        if (event == nullptr) continue;
        const EventLine line(*event);
        if (arguments.refused && line.outcome != "refused") continue;
        report.text += line.text();
        csv += line.csv();
        events.push_back(*event);
    }
    SALUS_TRY_STATUS(write_csv(arguments.csv, csv));
    const std::string newest = events.empty() ? "" : text_of(events.front(), "id").value_or("");
    report.data = {{"ok", true}, {"newest", newest}, {"events", std::move(events)}};
    return report;
}

struct AccountingArguments {
    SessionArguments session;
    std::string patient;
    std::string from;
    std::string until;
    std::string csv;
};

void declare_accounting(CLI::App& app, AccountingArguments& arguments) {
    app.add_option("patient", arguments.patient, "Id of the Patient resource")->required();
    declare_organisation(app, arguments.session);
    app.add_option("--from", arguments.from, "Begin, as 2026-01-31T12:00:00Z");
    app.add_option("--until", arguments.until, "End, likewise");
    app.add_option("--csv", arguments.csv, "File to write it to; printed where none is named");
}

Result<Report> accounting(const AccountingArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    std::string target = "/audit/accounting?format=csv&patient=" + transport::url_encode(arguments.patient);
    if (!arguments.from.empty()) target += "&from=" + transport::url_encode(arguments.from);
    if (!arguments.until.empty()) target += "&until=" + transport::url_encode(arguments.until);
    SALUS_TRY(const auto response, session.api.call("GET", session.at(target)));
    const std::string lines(as_text(response.body));
    SALUS_TRY_STATUS(write_csv(arguments.csv, lines));
    return Report{{{"ok", true}, {"patient", arguments.patient}, {"csv", lines}},
                  arguments.csv.empty() ? lines : "written to " + arguments.csv + "\n"};
}

struct ProofArguments {
    SessionArguments session;
    std::string event;
    std::string out;
};

void declare_proof(CLI::App& app, ProofArguments& arguments) {
    app.add_option("event", arguments.event, "The event's number")->required();
    declare_organisation(app, arguments.session);
    app.add_option("--out", arguments.out, "File for the proof")->required();
}

Result<Report> proof(const ProofArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const auto response,
              session.api.call("GET", session.at("/audit/" + transport::url_encode(arguments.event) + "/proof")));
    SALUS_TRY(const Evidence evidence, from_evidence_file(response.body));
    if (evidence.audit_events.empty() || evidence.leaves.empty())
        return fail(ErrorCode::kCorrupt, "the node's proof shows no audit event");
    const std::uint64_t interval = evidence.audit_events.front().interval;
    const std::uint64_t log_index = evidence.leaves.front().index;
    SALUS_TRY_STATUS(write_file(arguments.out, response.body, FileMode::kPrivate));
    return Report{
        {{"ok", true}, {"file", arguments.out}, {"interval", interval}, {"log_index", log_index}},
        fmt::format("the event, its path to the root of its interval, and that root on the chain, in {}; check them "
                    "with: salus verify {}\n",
                    arguments.out, arguments.out)};
}

struct OpeningsArguments {
    SessionArguments session;
    std::string status = "awaiting";
};

void declare_openings(CLI::App& app, OpeningsArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--status", arguments.status,
                   "open, awaiting (a review), overdue or all; by default those that await one")
        ->check(CLI::IsMember({"open", "awaiting", "overdue", "all"}));
}

Result<Report> openings(const OpeningsArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value answer, session.api.get(session.at("/breakglass?status=" + arguments.status)));
    Report report;
    for (const json::value& opening : list_of(answer, "openings"))
        report.text += fmt::format(
            "{}  {}  {} ({})  review by {}: {}\n", printable(text_of(opening, "opening").value_or("")),
            printable(text_of(opening, "opened").value_or("")), printable(text_of(opening, "user").value_or("")),
            printable(text_of(opening, "role").value_or("")), printable(text_of(opening, "review_due").value_or("")),
            printable(text_of(opening, "status").value_or("")));
    report.data = {{"ok", true}, {"openings", list_of(answer, "openings")}};
    return report;
}

struct ReviewArguments {
    SessionArguments session;
    std::string opening;
    std::string finding;
    bool unjustified = false;
};

void declare_review(CLI::App& app, ReviewArguments& arguments) {
    app.add_option("opening", arguments.opening, "The opening's id in hex")->required();
    declare_organisation(app, arguments.session);
    app.add_option("--finding", arguments.finding, "What the review found")->required();
    app.add_flag("--unjustified", arguments.unjustified, "It should not have been opened");
}

Result<Report> review(const ReviewArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value answer,
              session.api.post(
                  session.at("/breakglass/" + transport::url_encode(arguments.opening) + "/review"),
                  json::object{{"justified", arguments.unjustified ? "no" : "yes"}, {"finding", arguments.finding}}));
    return Report{{{"ok", true}, {"opening", arguments.opening}}, "reviewed\n"};
}

}  // namespace

void add_audit(Commands& commands) {
    CLI::App& audit = commands.group("audit", "Who saw what: a patient's list, an organisation's, broken glass");
    commands.add<PatientArguments>(audit, "patient", "A patient's own list, each line with its proof",
                                   "  salus audit patient --wallet mary.wallet --at hospital-a --out list.proof\n"
                                   "  salus audit patient --wallet mary.wallet --at hospital-a --csv list.csv\n",
                                   declare_patient_list, patient_list);
    commands.add<ListArguments>(audit, "org", "An organisation's audit, newest first",
                                "  salus audit org --as net/orgs/hospital-a --staff officer.staff --refused\n"
                                "  salus audit org --as net/orgs/hospital-a --staff officer.staff --csv audit.csv\n",
                                declare_list, list);
    commands.add<AccountingArguments>(
        audit, "accounting", "A patient's accounting of disclosures, as CSV, for whom the law gives one",
        "  salus audit accounting PATIENT --as net/orgs/hospital-a --staff officer.staff --csv mary.csv\n",
        declare_accounting, accounting);
    commands.add<ProofArguments>(
        audit, "proof", "The proof that an event stands under a root on the chain",
        "  salus audit proof 17 --as net/orgs/hospital-a --staff officer.staff --out event.proof\n", declare_proof,
        proof);
    commands.add<OpeningsArguments>(
        audit, "openings", "List broken glass",
        "  salus audit openings --as net/orgs/hospital-a --staff officer.staff --status overdue\n", declare_openings,
        openings);
    commands.add<ReviewArguments>(
        audit, "review", "Review broken glass",
        "  salus audit review OPENING --as net/orgs/hospital-a --staff officer.staff --finding 'justified'\n",
        declare_review, review);
}

}  // namespace salus::cli
