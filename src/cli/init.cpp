#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/organisations.hpp"
#include "model/account.hpp"
#include "node/init.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kGenesisBytesMax = 64 << 20;

struct InitArguments {
    std::string directory;
    std::string name = "salus";
    std::string mode = "consortium";
    std::string engine = "embedded";
    std::string listen = "127.0.0.1:8480";
    std::vector<std::string> organisations;
    bool demo = false;
    std::string join;
    std::string peers;
    std::string cometbft_rpc = "127.0.0.1:26657";
    std::string cometbft_p2p = "127.0.0.1:26656";
};

void declare(CLI::App& app, InitArguments& arguments) {
    app.add_option("--dir", arguments.directory, "Folder of the new node")->required();
    auto* name = app.add_option("--name", arguments.name, "Name of the network");
    auto* mode = app.add_option("--mode", arguments.mode, "private, consortium or public")
                     ->check(CLI::IsMember({"private", "consortium", "public"}));
    auto* engine = app.add_option("--engine", arguments.engine, "Who orders: embedded (this node alone) or cometbft")
                       ->check(CLI::IsMember({"embedded", "cometbft"}));
    app.add_option("--listen", arguments.listen, "Address that the node will serve");
    app.add_option("--org", arguments.organisations,
                   "SLUG:KIND:NAME[:JURISDICTION], as often as there are organisations");
    app.add_flag("--demo", arguments.demo, "The demo's four: hospital-a, hospital-b, payer, regulator");
    auto* join = app.add_option("--join", arguments.join,
                                "The genesis of a network (a file of any node's folder): make a node that joins it");
    for (CLI::Option* one : {name, mode, engine}) one->excludes(join);  // the genesis has them
    app.add_option("--peers", arguments.peers, "With --join: nodes that let it in, ID@HOST:PORT,...")->needs(join);
    app.add_option("--cometbft-rpc", arguments.cometbft_rpc, "With --join: where CometBFT answers, on loopback")
        ->needs(join);
    app.add_option("--cometbft-p2p", arguments.cometbft_p2p, "With --join: where other nodes reach CometBFT")
        ->needs(join);
}

Result<Report> join_network(const InitArguments& arguments, std::vector<node::InitOrganisation> organisations,
                            Environment& environment) {
    SALUS_TRY(Bytes genesis, read_input(arguments.join, kGenesisBytesMax));
    std::vector<std::string> slugs;
    for (const auto& organisation : organisations) slugs.push_back(organisation.slug);
    SALUS_TRY(const node::Joined made,
              node::initialise_joining({std::move(genesis),
                                        arguments.peers,
                                        {arguments.directory, arguments.listen, arguments.cometbft_rpc,
                                         arguments.cometbft_p2p, std::move(organisations)}},
                                       environment.random));
    const std::string key = to_hex(made.key.public_key);
    Report report;
    report.text = fmt::format("A node in {} that joins {}\n  network id  {}\n  node's key  {}\n  peer        {}\n",
                              arguments.directory, printable(made.genesis.name),
                              to_hex(made.genesis.network_id().bytes), key, made.peer);
    json::array accounts;
    for (std::size_t i = 0; i < slugs.size(); ++i) {
        const std::string address = to_address(AccountKind::kOrganisation, made.organisations[i]);
        accounts.push_back(json::object{{"slug", slugs[i]}, {"account", address}});
        report.text += fmt::format("  {:<11} {}\n", slugs[i], address);
    }
    report.text += fmt::format(
        "Members admit it:    salus org admit --as FOLDER {2} --kind KIND\n"
        "Then one founds it:  salus org found --as FOLDER --new {0}/orgs/{1}\n"
        "Then, by any node:   salus org register NAME --as {0}/orgs/{1} --kind node --operator {0}\n"
        "Then it follows:     salus node --dir {0}\n"
        "Members let it vote: salus org add-validator --as FOLDER {3} --power 1\n",
        arguments.directory, slugs.front(), to_address(AccountKind::kOrganisation, made.organisations.front()), key);
    report.data = {{"ok", true},
                   {"directory", arguments.directory},
                   {"network_id", to_hex(made.genesis.network_id().bytes)},
                   {"key", key},
                   {"peer", made.peer},
                   {"organisations", std::move(accounts)}};
    return report;
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
    if (!arguments.join.empty()) return join_network(arguments, std::move(options.organisations), environment);
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
        commands.root(), "init", "Make the folder of a new network, or of a node that joins one",
        "  salus init --dir /var/lib/salus --org st-anna:hospital:'Saint Anna':US-MA\n  salus init --dir demo --demo\n"
        "  salus init --join genesis --dir /var/lib/salus --org st-anna:hospital:'Saint Anna' --peers "
        "ID@10.0.0.7:26656\n",
        declare, init);
}

}  // namespace salus::cli
