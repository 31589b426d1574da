#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/printable.hpp"
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
    std::vector<std::string> referrals;
    std::vector<std::string> from;
    bool all = false;
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
    app.add_option("--referral", arguments.referrals,
                   "The referral that the patient or the desk handed over; several: all are asked at once");
    app.add_option("--from", arguments.from,
                   "Or: slug of the custodian that is asked; several, of whichever nodes: all at once");
    app.add_flag("--all", arguments.all, "Or: all custodians that this node serves or reaches");
    app.add_option("--patient", arguments.patient, "With --from or --all: an identifier, SYSTEM|VALUE");
    app.add_option("--basis", arguments.basis,
                   "grant, treatment, operations, law, emergency; by default what suits the purpose");
    auto* glass = app.add_option("--break-glass", arguments.reason, "Break the glass, for this written reason");
    add_duration(app, "--for", arguments.open_seconds, "With --break-glass: how long it stays broken, at most 4h",
                 {1, 4 * 3600})
        ->needs(glass);
    app.add_option("--type", arguments.types, "FHIR resource types; all where none is named");
    app.add_option("--out", arguments.out,
                   "Folder for the resources and their proofs; of several custodians one each in it")
        ->required();
}

/// A folder gets this name: a node's answer or a referral leads nowhere else.
bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string default_basis(const std::string& purpose) {
    if (purpose == "ETREAT" || purpose == "BTG") return "emergency";
    return purpose == "TREAT" ? "grant" : "operations";
}

/// What is asked, whoever is asked.
json::object question(const ReadArguments& arguments) {
    json::object body{{"purpose", arguments.session.purpose},
                      {"basis", arguments.basis.empty() ? default_basis(arguments.session.purpose) : arguments.basis}};
    if (!arguments.patient.empty()) body["identifier"] = arguments.patient;
    if (!arguments.reason.empty()) body["reason"] = arguments.reason;
    if (arguments.open_seconds != 0) body["seconds"] = arguments.open_seconds;
    if (!arguments.types.empty()) body["types"] = json::array(arguments.types.begin(), arguments.types.end());
    return body;
}

/// Who is asked.
struct AskedCustodian {
    std::string name;   ///< slug, or its id where this node knows none
    json::object says;  ///< "custodian", and what its referral says
};

Result<AskedCustodian> of_referral(const std::string& file) {
    SALUS_TRY(const Bytes bytes, read_input(file, 64 * 1024));
    boost::system::error_code error;
    const json::value referral = json::parse(as_text(bytes), error);
    if (error) return fail(ErrorCode::kUsage, file + " is no referral");
    SALUS_TRY(const std::string custodian, text_of(referral, "custodian"));
    SALUS_TRY(const std::string handle, text_of(referral, "handle"));
    AskedCustodian asked{custodian, {{"custodian", custodian}, {"handle", handle}}};
    if (const auto grant = text_of(referral, "grant")) asked.says["grant"] = *grant;
    return asked;
}

/// Those that the node serves or reaches.
Result<std::vector<AskedCustodian>> known_custodians(Api& api) {
    SALUS_TRY(const json::value answer, api.get("/orgs"));
    std::vector<AskedCustodian> known;
    for (const char* kind : {"organisations", "custodians"})
        for (const json::value& one : list_of(answer, kind)) {
            SALUS_TRY(const std::string address, text_of(one, "account"));
            SALUS_TRY(const AccountId account, account_from_address(AccountKind::kOrganisation, address));
            SALUS_TRY(std::string slug, text_of(one, "slug"));
            if (!is_plain_name(slug)) return fail(ErrorCode::kCorrupt, "the node's answer names a custodian badly");
            known.push_back({std::move(slug), {{"custodian", to_hex(account)}}});
        }
    return known;
}

Result<std::vector<AskedCustodian>> who_is_asked(const ReadArguments& arguments, OrganisationSession& session) {
    const bool by_referral = !arguments.referrals.empty();
    if ((by_referral ? 1 : 0) + (arguments.from.empty() ? 0 : 1) + (arguments.all ? 1 : 0) != 1 ||
        by_referral != arguments.patient.empty())
        return fail(ErrorCode::kUsage, "say --referral, or --from or --all with --patient");
    SALUS_TRY(const auto known, known_custodians(session.api));
    std::vector<AskedCustodian> asked;
    for (const std::string& file : arguments.referrals) {
        SALUS_TRY(AskedCustodian custodian, of_referral(file));
        for (const AskedCustodian& one : known)
            if (one.says.at("custodian") == custodian.says.at("custodian")) custodian.name = one.name;
        if (!is_plain_name(custodian.name)) return fail(ErrorCode::kUsage, file + " is no referral");
        asked.push_back(std::move(custodian));
    }
    for (const std::string& slug : arguments.from) {
        const auto found = std::ranges::find(known, slug, &AskedCustodian::name);
        if (found == known.end())
            return fail(ErrorCode::kNotFound,
                        "the node serves no organisation \"" + slug + "\", and knows no way to one");
        asked.push_back(*found);
    }
    if (arguments.all)
        std::ranges::copy_if(known, std::back_inserter(asked), [&](const AskedCustodian& one) {
            return one.says.at("custodian").as_string() != to_hex(session.keys.id());
        });
    for (std::size_t i = 0; i < asked.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (asked[i].name == asked[k].name)
                return fail(ErrorCode::kUsage, asked[i].name + " is asked twice: ask it once more afterwards");
    if (asked.empty()) return fail(ErrorCode::kNotFound, "the node knows no other custodian");
    return asked;
}

/// What came of one custodian's answer, laid down in `folder`.
Result<Report> take(const json::value& answer, const std::string& folder) {
    SALUS_TRY(const Bytes evidence, bytes_of(answer, "evidence"));
    const json::value* bundle = answer.is_object() ? answer.get_object().if_contains("bundle") : nullptr;
    if (bundle == nullptr) return fail(ErrorCode::kCorrupt, "the node's answer has no bundle");
    SALUS_TRY_STATUS(lay_down(folder, *bundle, evidence));
    SALUS_TRY(const std::uint64_t resources, number_of(answer, "resources"));
    const std::string tag = text_of(answer, "tag").value_or("");
    const std::uint64_t height = number_of(answer, "height").value_or(0);
    return Report{
        {{"ok", true},
         {"resources", resources},
         {"tag", tag},
         {"height", height},
         {"obligations", list_of(answer, "obligations")},
         {"folder", folder}},
        fmt::format(
            "{} resources in {}, checked against the custodian's log as of block {}\n{}", resources, folder, height,
            tag.empty() ? "The row of this emergency is still to be filed; the custodian's signed intent is kept.\n"
                        : "The disclosure stands on the chain under " + tag + ".\n")};
}

Result<Report> read_one(const ReadArguments& arguments, OrganisationSession& session, const AskedCustodian& asked,
                        Environment& environment) {
    json::object body = question(arguments);
    for (const auto& [name, value] : asked.says) body[name] = value;
    std::optional<Waiting> waiting(std::in_place, environment, "reading");
    SALUS_TRY(const json::value answer, session.api.post(session.at("/exchange/fetch"), body));
    waiting.reset();
    return take(answer, arguments.out);
}

/// Good where one has answered: of all that are asked most may have nothing, and do not say so.
Result<Report> read_several(const ReadArguments& arguments, OrganisationSession& session,
                            const std::vector<AskedCustodian>& asked, Environment& environment) {
    json::object body = question(arguments);
    json::array& custodians = body["custodians"].emplace_array();
    for (const AskedCustodian& one : asked) custodians.push_back(one.says);
    std::optional<Waiting> waiting(std::in_place, environment, "reading");
    SALUS_TRY(const json::value answer, session.api.post(session.at("/exchange/fetch-all"), body));
    waiting.reset();
    const json::array answers = list_of(answer, "answers");
    if (answers.size() != asked.size()) return fail(ErrorCode::kCorrupt, "the node's answer is not of all custodians");
    Report report;
    json::array told;
    std::size_t answered = 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        json::object one;
        const json::value* fetched = answers[i].is_object() ? answers[i].get_object().if_contains("answer") : nullptr;
        if (fetched != nullptr) {
            // Names of files are its own choice: one that cannot be laid down hides no other.
            auto taken = take(*fetched, (std::filesystem::path(arguments.out) / asked[i].name).string());
            if (taken) {
                one = std::move(taken->data);
                report.text += fmt::format("{}: {}", asked[i].name, taken->text);
                ++answered;
            } else {
                const Error& why = taken.error();
                one = {{"ok", false}, {"error", error_info(why.code).name}, {"detail", printable(why.to_string())}};
                report.text += fmt::format("{}: nothing; {}\n", asked[i].name, printable(why.to_string()));
            }
        } else {
            const std::string why = printable(text_of(answers[i], "detail").value_or("no answer"));
            one = {{"ok", false}, {"error", text_of(answers[i], "error").value_or("")}, {"detail", why}};
            report.text += fmt::format("{}: nothing; {}\n", asked[i].name, why);
        }
        one["custodian"] = asked[i].name;
        told.push_back(std::move(one));
    }
    report.text += fmt::format("{} of {} custodians answered\n", answered, asked.size());
    report.good = answered > 0;
    report.data = {{"ok", report.good}, {"answered", answered}, {"answers", std::move(told)}};
    return report;
}

Result<Report> read(const ReadArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const auto asked, who_is_asked(arguments, session));
    const bool one = asked.size() == 1 && !arguments.all;
    return one ? read_one(arguments, session, asked.front(), environment)
               : read_several(arguments, session, asked, environment);
}

}  // namespace

void add_read(Commands& commands) {
    commands.add<ReadArguments>(
        commands.root(), "read", "Read a patient's record at another organisation",
        "  salus read --as net/orgs/hospital-b --staff doctor.staff --referral mary.referral --out mary\n"
        "  salus read --as net/orgs/hospital-b --staff doctor.staff --from hospital-a --patient 'SYSTEM|VALUE' "
        "--purpose ETREAT "
        "--break-glass 'unconscious' --for 15m --out mary\n"
        "  salus read --as net/orgs/hospital-b --staff doctor.staff --all --patient 'SYSTEM|VALUE' --out mary\n",
        declare, read);
}

}  // namespace salus::cli
