#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/groups.hpp"
#include "cli/organisations.hpp"
#include "model/account.hpp"
#include "node/init.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct InitArguments {
    std::string directory;
    std::string name = "salus";
    std::string mode = "consortium";
    std::string engine = "embedded";
    std::string listen = "127.0.0.1:8480";
    std::vector<std::string> organisations;
    bool demo = false;
};

void declare(CLI::App& app, InitArguments& arguments) {
    app.add_option("--dir", arguments.directory, "Folder of the new node")->required();
    app.add_option("--name", arguments.name, "Name of the network");
    app.add_option("--mode", arguments.mode, "private, consortium or public")
        ->check(CLI::IsMember({"private", "consortium", "public"}));
    app.add_option("--engine", arguments.engine, "Who orders: embedded (this node alone) or cometbft")
        ->check(CLI::IsMember({"embedded", "cometbft"}));
    app.add_option("--listen", arguments.listen, "Address that the node will serve");
    app.add_option("--org", arguments.organisations,
                   "SLUG:KIND:NAME[:JURISDICTION], as often as there are organisations");
    app.add_flag("--demo", arguments.demo, "The demo's four: hospital-a, hospital-b, payer, regulator");
}

Result<Report> init(const InitArguments& arguments, Environment& environment) {
    node::InitOptions options;
    options.directory = arguments.directory;
    options.network_name = arguments.name;
    options.listen = arguments.listen;
    options.engine = arguments.engine == "cometbft" ? EngineKind::kCometBft : EngineKind::kEmbedded;
    options.mode = arguments.mode == "private"  ? NetworkMode::kPrivate
                   : arguments.mode == "public" ? NetworkMode::kPublic
                                                : NetworkMode::kConsortium;
    if (arguments.demo) options.organisations = demo_organisations();
    for (const std::string& text : arguments.organisations) {
        SALUS_TRY(auto organisation, parse_organisation(text));
        options.organisations.push_back(std::move(organisation));
    }
    SALUS_TRY(const node::Initialised made, node::initialise(options, environment.random, environment.clock));

    Report report;
    report.data = {{"ok", true}, {"directory", arguments.directory}, {"network_id", to_hex(made.network_id.bytes)}};
    report.text = fmt::format("A network of {} in {}\n  network id  {}\n", options.organisations.size(),
                              arguments.directory, to_hex(made.network_id.bytes));
    json::array organisations;
    for (std::size_t i = 0; i < options.organisations.size(); ++i) {
        const std::string address = to_address(AccountKind::kOrganisation, made.genesis.members[i].account.id());
        organisations.push_back(json::object{{"slug", options.organisations[i].slug}, {"account", address}});
        report.text += fmt::format("  {:<11} {}\n", options.organisations[i].slug, address);
    }
    report.data["organisations"] = std::move(organisations);
    report.text += fmt::format(
        "The passphrases stand in files there: move them to where your secrets live.\nNext:  salus node --dir {}\n",
        arguments.directory);
    return report;
}

}  // namespace

void add_init(Commands& commands) {
    commands.add<InitArguments>(
        commands.root(), "init", "Make the folder of a new network",
        "  salus init --dir /var/lib/salus --org st-anna:hospital:'Saint Anna':US-MA\n  salus init --dir demo --demo\n",
        declare, init);
}

}  // namespace salus::cli
