#include <fmt/format.h>

#include "base/file.hpp"
#include "cli/answers.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct PatientArguments {
    SessionArguments session;
    std::string out;
};

void declare_patient_list(CLI::App& app, PatientArguments& arguments) {
    declare_wallet(app, arguments.session);
    app.add_option("--out", arguments.out, "File for the proof of the list");
}

Result<Report> patient_list(const PatientArguments& arguments, Environment& environment) {
    SALUS_TRY(WalletSession session, log_in_wallet(arguments.session, environment));
    SALUS_TRY(const json::value answer, session.api.get(session.at("/patient/disclosures")));
    SALUS_TRY(const Bytes evidence, bytes_of(answer, "evidence"));
    if (!arguments.out.empty()) SALUS_TRY_STATUS(write_file(arguments.out, evidence, FileMode::kPrivate));
    const json::array& rows = list_of(answer, "rows");
    Report report;
    for (const json::value& row : rows)
        report.text += fmt::format("{:>4}  {}  {:<7} {:<10} {:<24} {} resources, {}\n",
                                   number_of(row, "index").value_or(0), text_of(row, "time").value_or(""),
                                   text_of(row, "purpose").value_or(""), text_of(row, "basis").value_or(""),
                                   text_of(row, "user").value_or(text_of(row, "requester").value_or("")),
                                   number_of(row, "resources").value_or(0), text_of(row, "delivery").value_or(""));
    if (!arguments.out.empty()) report.text += "check the list with: salus verify " + arguments.out + "\n";
    report.data = {
        {"ok", true}, {"rows", rows.size()}, {"disclosures", rows}, {"openings", list_of(answer, "openings")}};
    return report;
}

struct ListArguments {
    SessionArguments session;
    std::string patient;
    std::size_t count = 50;
    bool refused = false;
};

void declare_list(CLI::App& app, ListArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--patient", arguments.patient, "Id of a Patient resource: only what concerns her");
    app.add_option("--count", arguments.count, "The newest so many")->check(CLI::Range(1, 1000));
    app.add_flag("--refused", arguments.refused, "Only what was refused");
}

Result<Report> list(const ListArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    const std::string patient = arguments.patient.empty() ? "" : "&patient=" + transport::url_encode(arguments.patient);
    SALUS_TRY(const json::value bundle,
              session.api.get(session.at("/audit?count=" + std::to_string(arguments.count) + patient)));
    Report report;
    json::array events;
    for (const json::value& entry : list_of(bundle, "entry")) {
        const json::value* event = entry.is_object() ? entry.get_object().if_contains("resource") : nullptr;
        if (event == nullptr) continue;
        const std::string outcome = text_of(*event, "outcome").value_or("0");
        if (arguments.refused && outcome == "0") continue;
        report.text += fmt::format("{:>8}  {}  {}  {}\n", text_of(*event, "id").value_or(""),
                                   text_of(*event, "recorded").value_or(""), outcome == "0" ? "allowed" : "refused",
                                   text_of(*event, "outcomeDesc").value_or(""));
        events.push_back(*event);
    }
    const std::string newest = events.empty() ? "" : text_of(events.front(), "id").value_or("");
    report.data = {{"ok", true}, {"newest", newest}, {"events", std::move(events)}};
    return report;
}

struct ProofArguments {
    SessionArguments session;
    std::string event;
    std::string out;
};

void declare_proof(CLI::App& app, ProofArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--event", arguments.event, "The event's number")->required();
    app.add_option("--out", arguments.out, "File for the proof")->required();
}

Result<Report> proof(const ProofArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value answer,
              session.api.get(session.at("/audit/" + transport::url_encode(arguments.event) + "/proof")));
    SALUS_TRY(const Bytes evidence, bytes_of(answer, "evidence"));
    SALUS_TRY_STATUS(write_file(arguments.out, evidence, FileMode::kPrivate));
    SALUS_TRY_STATUS(write_file(arguments.out + ".json", as_bytes(json::serialize(answer)), FileMode::kPrivate));
    return Report{
        {{"ok", true},
         {"file", arguments.out},
         {"interval", number_of(answer, "interval").value_or(0)},
         {"log_index", number_of(answer, "log_index").value_or(0)}},
        fmt::format(
            "the event stands under the root of its interval, in {}.json; the root is on the chain: salus verify {}\n",
            arguments.out, arguments.out)};
}

struct OpeningsArguments {
    SessionArguments session;
    std::string status = "awaiting";
};

void declare_openings(CLI::App& app, OpeningsArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--status", arguments.status, "open, awaiting, overdue or all")
        ->check(CLI::IsMember({"open", "awaiting", "overdue", "all"}));
}

Result<Report> openings(const OpeningsArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value answer, session.api.get(session.at("/breakglass?status=" + arguments.status)));
    Report report;
    for (const json::value& opening : list_of(answer, "openings"))
        report.text += fmt::format("{}  {}  {} ({})  review by {}: {}\n", text_of(opening, "opening").value_or(""),
                                   text_of(opening, "opened").value_or(""), text_of(opening, "user").value_or(""),
                                   text_of(opening, "role").value_or(""), text_of(opening, "review_due").value_or(""),
                                   text_of(opening, "status").value_or(""));
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
                                   "  salus audit patient --wallet mary.wallet --at hospital-a --out list.proof\n",
                                   declare_patient_list, patient_list);
    commands.add<ListArguments>(audit, "org", "An organisation's audit, newest first",
                                "  salus audit org --as net/orgs/hospital-a --staff officer.staff --refused\n",
                                declare_list, list);
    commands.add<ProofArguments>(
        audit, "proof", "The proof that an event stands under a root on the chain",
        "  salus audit proof --as net/orgs/hospital-a --staff officer.staff --event 17 --out event.proof\n",
        declare_proof, proof);
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
