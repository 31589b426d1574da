#include <fmt/format.h>

#include "cli/answers.hpp"
#include "cli/duration.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct ReadArguments {
    SessionArguments session;
    std::string referral;
    std::string from;
    std::string patient;
    std::string basis;
    std::string reason;
    std::uint64_t open_seconds = 0;
    std::vector<std::string> types;
    std::string out;
};

void declare(CLI::App& app, ReadArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--purpose", arguments.session.purpose, "TREAT, ETREAT, BTG, HPAYMT, HOPERAT, ...");
    app.add_option("--referral", arguments.referral, "The referral that the patient or the desk handed over");
    app.add_option("--from", arguments.from, "Or: slug of the custodian that is asked");
    app.add_option("--patient", arguments.patient, "With --from: an identifier, SYSTEM|VALUE");
    app.add_option("--basis", arguments.basis,
                   "grant, treatment, operations, law, emergency; by default what suits the purpose");
    auto* glass = app.add_option("--break-glass", arguments.reason, "Break the glass, for this written reason");
    add_duration(app, "--for", arguments.open_seconds, "With --break-glass: how long it stays broken, at most 4h",
                 {1, 4 * 3600})
        ->needs(glass);
    app.add_option("--type", arguments.types, "FHIR resource types; all where none is named");
    app.add_option("--out", arguments.out, "Folder for the resources and their proofs")->required();
}

std::string default_basis(const std::string& purpose) {
    if (purpose == "ETREAT" || purpose == "BTG") return "emergency";
    return purpose == "TREAT" ? "grant" : "operations";
}

Result<json::object> question(const ReadArguments& arguments, Api& api) {
    json::object body{{"purpose", arguments.session.purpose},
                      {"basis", arguments.basis.empty() ? default_basis(arguments.session.purpose) : arguments.basis}};
    if (!arguments.referral.empty()) {
        SALUS_TRY(const Bytes bytes, read_input(arguments.referral, 64 * 1024));
        boost::system::error_code error;
        const json::value referral = json::parse(as_text(bytes), error);
        if (error) return fail(ErrorCode::kUsage, arguments.referral + " is no referral");
        SALUS_TRY(const std::string custodian, text_of(referral, "custodian"));
        SALUS_TRY(const std::string handle, text_of(referral, "handle"));
        body["custodian"] = custodian;
        body["handle"] = handle;
        if (const auto grant = text_of(referral, "grant")) body["grant"] = *grant;
    } else {
        if (arguments.from.empty() || arguments.patient.empty())
            return fail(ErrorCode::kUsage, "say --referral, or --from and --patient");
        SALUS_TRY(const AccountId custodian, account_of(api, arguments.from));
        body["custodian"] = to_hex(custodian);
        body["identifier"] = arguments.patient;
    }
    if (!arguments.reason.empty()) body["reason"] = arguments.reason;
    if (arguments.open_seconds != 0) body["seconds"] = arguments.open_seconds;
    if (!arguments.types.empty()) body["types"] = json::array(arguments.types.begin(), arguments.types.end());
    return body;
}

Result<Report> read(const ReadArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::object body, question(arguments, session.api));
    std::optional<Waiting> waiting(std::in_place, environment, "reading");
    SALUS_TRY(const json::value answer, session.api.post(session.at("/exchange/fetch"), body));
    waiting.reset();
    SALUS_TRY(const Bytes evidence, bytes_of(answer, "evidence"));
    const json::value* bundle = answer.is_object() ? answer.get_object().if_contains("bundle") : nullptr;
    if (bundle == nullptr) return fail(ErrorCode::kCorrupt, "the node's answer has no bundle");
    SALUS_TRY_STATUS(lay_down(arguments.out, *bundle, evidence));
    SALUS_TRY(const std::uint64_t resources, number_of(answer, "resources"));
    const std::string tag = text_of(answer, "tag").value_or("");
    const std::uint64_t height = number_of(answer, "height").value_or(0);
    return Report{
        {{"ok", true},
         {"resources", resources},
         {"tag", tag},
         {"height", height},
         {"obligations", list_of(answer, "obligations")},
         {"folder", arguments.out}},
        fmt::format("{} resources in {}, checked against the custodian's log as of block {}\n{}", resources,
                    arguments.out, height,
                    tag.empty()
                        ? "The row of this emergency is still to be filed; the custodian's signed intent is kept.\n"
                        : "The disclosure stands on the chain under " + tag + ".\n")};
}

}  // namespace

void add_read(Commands& commands) {
    commands.add<ReadArguments>(
        commands.root(), "read", "Read a patient's record at another organisation",
        "  salus read --as net/orgs/hospital-b --staff doctor.staff --referral mary.referral --out mary\n"
        "  salus read --as net/orgs/hospital-b --staff doctor.staff --from hospital-a --patient 'SYSTEM|VALUE' "
        "--purpose ETREAT "
        "--break-glass 'unconscious' --for 15m --out mary\n",
        declare, read);
}

}  // namespace salus::cli
