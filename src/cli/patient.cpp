#include <fmt/format.h>

#include "base/file.hpp"
#include "cli/answers.hpp"
#include "cli/duration.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "model/login.hpp"
#include "model/wallet_keys.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct RegisterArguments {
    SessionArguments session;
    std::string file;
};

void declare_register(CLI::App& app, RegisterArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("file", arguments.file, "A FHIR Patient as JSON, without an id")->required();
}

Result<Report> register_patient(const RegisterArguments& arguments, Environment& environment) {
    SALUS_TRY(const Bytes bytes, read_input(arguments.file, 16 << 20));
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const auto response, session.api.call("POST", session.at("/fhir/R4/Patient"),
                                                    {{"content-type", "application/fhir+json"}}, bytes));
    boost::system::error_code error;
    const json::value stored = json::parse(as_text(response.body), error);
    SALUS_TRY(const std::string id, text_of(stored, "id"));
    return Report{{{"ok", true}, {"patient", id}}, "Patient/" + id + "\n"};
}

struct OfferArguments {
    SessionArguments session;
    std::string out;
};

void declare_offer(CLI::App& app, OfferArguments& arguments) {
    declare_wallet(app, arguments.session);
    app.add_option("--out", arguments.out, "File to show at the desk")->required();
}

Result<Report> offer(const OfferArguments& arguments, Environment& environment) {
    SessionArguments where = arguments.session;
    where.new_network = true;
    SALUS_TRY(WalletSession session, open_wallet(where, environment));
    SALUS_TRY(const NodeStatus status, node_status(session.api));
    const BindOffer made = make_bind_offer(session.entropy(), status.network, session.custodian, status.now_ms);
    SALUS_TRY_STATUS(write_file(arguments.out, codec::encode(made), FileMode::kPrivate));
    session.here();
    SALUS_TRY_STATUS(session.save(environment));
    return Report{{{"ok", true}, {"file", arguments.out}}, "Show " + arguments.out + " at the desk within the hour.\n"};
}

struct BindArguments {
    SessionArguments session;
    std::string patient;
    std::string offer;
};

void declare_bind(CLI::App& app, BindArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("patient", arguments.patient, "Id of the Patient resource")->required();
    app.add_option("--offer", arguments.offer, "What the wallet offered (salus patient offer)")->required();
}

Result<Report> bind(const BindArguments& arguments, Environment& environment) {
    SALUS_TRY(const Bytes bytes, read_input(arguments.offer, 64 * 1024));
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value bound,
              session.api.post(session.at("/desk/bindings"),
                               json::object{{"patient", arguments.patient}, {"offer", to_base64(bytes)}}));
    return Report{{{"ok", true}, {"patient", arguments.patient}, {"epoch", number_of(bound, "epoch").value_or(0)}},
                  "The wallet is bound to Patient/" + arguments.patient + ".\n"};
}

struct ReleaseArguments {
    SessionArguments session;
    std::string patient;
};

void declare_release(CLI::App& app, ReleaseArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("patient", arguments.patient, "Id of the Patient resource")->required();
}

Result<Report> release(const ReleaseArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const auto released, session.api.call("DELETE", session.at("/desk/bindings/" + arguments.patient)));
    return Report{{{"ok", true}, {"patient", arguments.patient}},
                  "No wallet acts for Patient/" + arguments.patient +
                      " any more; what was granted stands until it is revoked.\n"};
}

struct ReferralArguments {
    SessionArguments session;
    std::string patient;
    std::string grant;
    std::uint64_t seconds = 24 * 3600;
    std::string out;
};

void declare_referral(CLI::App& app, ReferralArguments& arguments) {
    app.add_option("patient", arguments.patient, "Id of the Patient resource")->required();
    declare_organisation(app, arguments.session);
    app.add_option("--grant", arguments.grant, "The grant that the reader will invoke, in hex");
    add_duration(app, "--for", arguments.seconds, "How long it can be used: 24h, and at most 366d", {60, 366 * 86'400});
    app.add_option("--out", arguments.out, "File to hand to the reader")->required();
}

/// For a patient without a wallet, or without hers at hand. It says who is meant and permits nothing.
Result<Report> referral(const ReferralArguments& arguments, Environment& environment) {
    if (arguments.seconds % 60 != 0) return fail(ErrorCode::kUsage, "--for is in whole minutes here");
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    json::object body{{"patient", arguments.patient}, {"minutes", arguments.seconds / 60}};
    if (!arguments.grant.empty()) body["grant"] = arguments.grant;
    SALUS_TRY(const json::value made, session.api.post(session.at("/desk/referrals"), body));
    SALUS_TRY(const std::string until, text_of(made, "until"));
    SALUS_TRY_STATUS(write_file(arguments.out, as_bytes(json::serialize(made)), FileMode::kPrivate));
    return Report{{{"ok", true}, {"patient", arguments.patient}, {"file", arguments.out}, {"until", until}},
                  fmt::format("Hand {} to the reader; it names the patient until {} and permits nothing by itself.\n",
                              arguments.out, until)};
}

struct DownloadArguments {
    SessionArguments session;
    std::string out;
};

void declare_download(CLI::App& app, DownloadArguments& arguments) {
    declare_wallet(app, arguments.session);
    app.add_option("--out", arguments.out, "Folder for the record")->required();
}

Result<Report> download(const DownloadArguments& arguments, Environment& environment) {
    SALUS_TRY(WalletSession session, log_in_wallet(arguments.session, environment));
    std::optional<Waiting> waiting(std::in_place, environment, "fetching the record");
    SALUS_TRY(const json::value answer, session.api.post(session.at("/patient/record"), json::object{}));
    waiting.reset();
    SALUS_TRY(const std::string request, text_of(answer, "request_id"));
    const auto request_id = array_from_hex<16>(request);
    if (!request_id) return fail(ErrorCode::kCorrupt, "the node's request id is not one");
    SALUS_TRY(const Bytes sealed_reply, bytes_of(answer, "reply"));
    SALUS_TRY(const Bytes sealed_evidence, bytes_of(answer, "evidence"));
    SALUS_TRY(const ReadReply reply, codec::decode<ReadReply>(sealed_reply));
    const crypto::SealingKey key = wallet_sealing_key(session.entropy(), session.network, session.custodian);
    const ReadContext context{session.network, session.custodian, *request_id};
    SALUS_TRY(const OpenedReply opened, open_reply(reply, context, key));
    SALUS_TRY(const Bytes evidence, open_evidence(sealed_evidence, context, key));
    SALUS_TRY_STATUS(lay_down(arguments.out, opened.answer.resources, evidence));
    const std::size_t count = opened.answer.resources.size();
    return Report{
        {{"ok", true}, {"resources", count}, {"folder", arguments.out}, {"openings_unseen", session.openings_unseen}},
        fmt::format("{} resources in {}; check them with: salus verify {}/evidence.proof\n", count, arguments.out,
                    arguments.out)};
}

}  // namespace

void add_patient(Commands& commands) {
    CLI::App& patient =
        commands.group("patient", "Patients: register, bind or release a wallet, refer, download one's own record");
    commands.add<RegisterArguments>(patient, "register", "Register a patient",
                                    "  salus patient register --as net/orgs/hospital-a patient.json\n",
                                    declare_register, register_patient);
    commands.add<OfferArguments>(patient, "offer", "Make what a wallet shows at the desk to be bound",
                                 "  salus patient offer --wallet mary.wallet --at hospital-a --out mary.offer\n",
                                 declare_offer, offer);
    commands.add<BindArguments>(
        patient, "bind", "Bind a wallet to a chart, at the desk",
        "  salus patient bind PATIENT --as net/orgs/hospital-a --staff registrar.staff --offer mary.offer\n",
        declare_bind, bind);
    commands.add<ReleaseArguments>(
        patient, "release", "Release the wallet of a chart, when it was lost or stolen, at the desk",
        "  salus patient release PATIENT --as net/orgs/hospital-a --staff registrar.staff\n", declare_release, release);
    commands.add<ReferralArguments>(
        patient, "referral", "Make the referral that a reader elsewhere shows, at the desk",
        "  salus patient referral PATIENT --as net/orgs/hospital-a --staff registrar.staff --out mary.referral\n",
        declare_referral, referral);
    commands.add<DownloadArguments>(patient, "download", "Download one's own record, with its proofs",
                                    "  salus patient download --wallet mary.wallet --at hospital-a --out my-record\n",
                                    declare_download, download);
}

}  // namespace salus::cli
