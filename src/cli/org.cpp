#include <fmt/format.h>

#include <filesystem>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/printable.hpp"
#include "base/time_text.hpp"
#include "cli/answers.hpp"
#include "cli/duration.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"
#include "model/genesis.hpp"
#include "model/login.hpp"
#include "node/layout.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct OrganisationListArguments {
    SessionArguments session;
};

void declare_organisation_list(CLI::App& app, OrganisationListArguments& arguments) {
    declare_node(app, arguments.session);
}

Result<Report> list_organisations(const OrganisationListArguments& arguments, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const json::value answer, api.get("/orgs"));
    Report report;
    const json::value* organisations = answer.is_object() ? answer.get_object().if_contains("organisations") : nullptr;
    if (organisations == nullptr || !organisations->is_array())
        return fail(ErrorCode::kCorrupt, "the node's answer has no organisations");
    for (const json::value& organisation : organisations->get_array())
        report.text += fmt::format("{:<14} {:<24} {}\n", text_of(organisation, "slug").value_or(""),
                                   printable(text_of(organisation, "name").value_or("")),
                                   printable(text_of(organisation, "account").value_or("")));
    report.data = {{"ok", true}, {"organisations", *organisations}};
    return report;
}

// --- staff ---

struct StaffArguments {
    std::string folder;
    std::string name;
    std::string role;
    std::string id;
    std::string out;
    std::string network;
    std::uint64_t seconds = 12 * 3600;
};

void declare_staff(CLI::App& app, StaffArguments& arguments) {
    app.add_option("--as", arguments.folder, "The organisation's folder: DIR/orgs/SLUG")->required();
    app.add_option("--name", arguments.name, "Name of the member of staff")->required();
    app.add_option("--role", arguments.role,
                   "physician, emergency-physician, nurse, registrar, privacy-officer, billing, ...")
        ->required();
    app.add_option("--id", arguments.id, "Identifier, SYSTEM|VALUE")->required();
    add_duration(app, "--for", arguments.seconds, "How long it counts: 12h, which is the most", {1, 12 * 3600});
    app.add_option("--out", arguments.out, "File of the credential")->required();
    app.add_option("--network", arguments.network,
                   "Id of the network that it counts on; of DIR/genesis where it is not said");
}

Result<NetworkId> network_of(const StaffArguments& arguments) {
    if (!arguments.network.empty()) {
        const auto id = id_from_hex<NetworkId>(arguments.network);
        if (!id)
            return fail(ErrorCode::kUsage, "--network: 64 hexadecimal digits, as `salus ledger status` shows them");
        return *id;
    }
    const std::filesystem::path folder = std::filesystem::absolute(arguments.folder) / ".." / "..";
    const std::filesystem::path file = node::genesis_file(folder.lexically_normal());
    auto bytes = read_file(file, 64 << 20);
    if (!bytes)
        return fail(ErrorCode::kUsage, "say --network: there is no " + file.string() + " that tells it", bytes.error());
    SALUS_TRY(const Genesis genesis, codec::decode<Genesis>(*bytes));
    return genesis.network_id();
}

Result<Report> staff(const StaffArguments& arguments, Environment& environment) {
    for (const std::string* text : {&arguments.name, &arguments.role, &arguments.id})
        if (!is_printable(*text)) return fail(ErrorCode::kUsage, "--name, --role and --id hold no control characters");
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(arguments.folder, environment));
    StaffCredential credential;
    credential.organisation = keys.id();
    credential.name = arguments.name;
    credential.role = arguments.role;
    credential.id = arguments.id;
    credential.from_ms = environment.clock.now_ms();
    credential.until_ms = credential.from_ms + arguments.seconds * 1000;
    SALUS_TRY(const NetworkId network, network_of(arguments));
    sign_staff_credential(credential, network, keys.signing);
    SALUS_TRY_STATUS(write_file(arguments.out, codec::encode(credential), FileMode::kPrivate));
    return Report{{{"ok", true}, {"file", arguments.out}, {"until", to_iso_time(credential.until_ms)}},
                  fmt::format("{} ({}) until {} in {}\n", arguments.name, arguments.role,
                              to_iso_time(credential.until_ms), arguments.out)};
}

}  // namespace

void add_org(Commands& commands) {
    CLI::App& org = commands.group("org", "Organisations: their staff, their keys, and what they decide by vote");
    commands.add<OrganisationListArguments>(org, "list", "List the organisations that a node serves",
                                            "  salus org list\n", declare_organisation_list, list_organisations);
    commands.add<StaffArguments>(org, "staff", "Give a member of staff a credential for a shift",
                                 "  salus org staff --as net/orgs/hospital-b --name 'Nora Weiss' --role physician --id "
                                 "'urn:staff|7' --out nora.staff\n",
                                 declare_staff, staff);
    add_accounts(commands, org);
    add_votes(commands, org);
    add_validators(commands, org);
    add_recovery(commands, org);
    add_owned(commands, org);
}

}  // namespace salus::cli
