#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <sstream>

#include "base/file.hpp"
#include "base/printable.hpp"
#include "cli/groups.hpp"
#include "cli/network/links.hpp"
#include "cli/network/status.hpp"
#include "cli/network/supervisor.hpp"
#include "cli/organisations.hpp"
#include "node/layout.hpp"
#include "node/node.hpp"
#include "node/platform.hpp"

namespace salus::cli {
namespace {

using namespace std::chrono_literals;
using namespace network;

constexpr auto kLookEvery = 100ms;
constexpr auto kDrawEvery = 1s;
constexpr auto kSettlePatience = 90s;
/// From a node's own port to those of its CometBFT and for other nodes' readings, so that four ranges do not meet.
constexpr std::size_t kRpcPortsAbove = 1000;
constexpr std::size_t kPeerPortsAbove = 2000;
constexpr std::size_t kExchangePortsAbove = 3000;
/// To those of the links between them, as many for each node as there are nodes.
constexpr std::size_t kLinkPortsAbove = 4000;
constexpr std::size_t kNodesMax = 26;

struct UpArguments {
    std::string directory;
    std::size_t nodes = 4;
    std::vector<std::string> organisations;
    std::string name = "salus";
    std::string mode = "consortium";
    std::size_t port = 8480;
};

struct NetworkArguments {
    std::string directory;
};

struct StatusArguments {
    std::string directory;
    bool once = false;
};

struct NodeOfNetwork {
    std::string directory;
    std::string node;
};

struct LogArguments {
    std::string directory;
    std::string node;
    std::size_t lines = 40;
};

void declare_folder(CLI::App& app, std::string& directory) {
    app.add_option("--dir", directory, "The network's folder, with one of each node in it")->required();
}

void declare_node(CLI::App& app, std::string& directory, std::string& node) {
    declare_folder(app, directory);
    app.add_option("NODE", node, "Its name, as `network status` shows it")->required();
}

void declare_up(CLI::App& app, UpArguments& arguments) {
    declare_folder(app, arguments.directory);
    app.add_option("--nodes", arguments.nodes, "Of a new network: so many, each of one organisation")
        ->check(CLI::Range(std::size_t{1}, kNodesMax));
    app.add_option("--org", arguments.organisations,
                   "SLUG:KIND:NAME[:JURISDICTION], one a node, instead of the demo's organisations");
    app.add_option("--name", arguments.name, "Of a new network");
    app.add_option("--mode", arguments.mode, "Of a new network: private (one owner) or consortium (members by vote)")
        ->check(CLI::IsMember({"private", "consortium"}));
    app.add_option(
           "--port", arguments.port,
           "Of the first node of a new network, on loopback; the others follow, those of CometBFT lie 1,000 and "
           "2,000 above, those for readings between nodes 3,000, and the links between nodes 4,000")
        ->check(CLI::Range(1024, 60'000));
}

Result<std::vector<node::InitOrganisation>> organisations_of(const UpArguments& arguments) {
    std::vector<node::InitOrganisation> organisations;
    for (const std::string& text : arguments.organisations) {
        SALUS_TRY(organisations.emplace_back(), parse_organisation(text));
    }
    if (!organisations.empty()) return organisations;
    organisations = demo_organisations();
    organisations.resize(std::min(organisations.size(), arguments.nodes));
    for (char letter = 'c'; organisations.size() < arguments.nodes; ++letter)
        organisations.push_back({std::string("hospital-") + letter,
                                 std::string("Hospital ") + static_cast<char>(letter - 'a' + 'A'),
                                 governance::OrganisationKind::kHospital,
                                 "US",
                                 {"acute care"}});
    return organisations;
}

Status make_network(const UpArguments& arguments, Environment& environment) {
    const std::filesystem::path directory = arguments.directory;
    SALUS_TRY(const auto organisations, organisations_of(arguments));
    const auto address = [](std::size_t port) { return "127.0.0.1:" + std::to_string(port); };
    std::vector<node::InitNode> nodes;
    for (const auto& organisation : organisations) {
        const std::size_t port = arguments.port + nodes.size();
        nodes.push_back({directory / organisation.slug,
                         address(port),
                         address(port + kRpcPortsAbove),
                         address(port + kPeerPortsAbove),
                         {organisation},
                         address(port + kExchangePortsAbove)});
    }
    node::InitOptions options;
    options.network_name = arguments.name;
    options.mode = arguments.mode == "private" ? NetworkMode::kPrivate : NetworkMode::kConsortium;
    options.engine = EngineKind::kCometBft;
    const auto link_port = [&](std::size_t from, std::size_t to) {
        return arguments.port + kLinkPortsAbove + nodes.size() * from + to;
    };
    options.reached_at = [&](std::size_t from, std::size_t to) { return address(link_port(from, to)); };
    std::vector<LinkPlace> links;
    for (std::size_t from = 0; from < nodes.size(); ++from)
        for (std::size_t to = 0; to < nodes.size(); ++to)
            if (from != to)
                links.push_back({organisations[from].slug, organisations[to].slug,
                                 static_cast<std::uint16_t>(link_port(from, to))});
    SALUS_TRY_STATUS(make_directory(directory));
    SALUS_TRY_STATUS(NetworkFolder::write_links(directory, links));
    SALUS_TRY_STATUS(node::initialise_network(options, nodes, environment.random, environment.clock));
    return {};
}

Result<NetworkFolder> open_or_make(const UpArguments& arguments, Environment& environment) {
    auto folder = NetworkFolder::open(arguments.directory);
    if (folder || folder.error().code != ErrorCode::kNotFound) return folder;
    SALUS_TRY_STATUS(make_network(arguments, environment));
    return NetworkFolder::open(arguments.directory);
}

/// Does something again and again, on a thread of its own, for as long as it lives.
class Beside {
public:
    explicit Beside(std::function<void()> work)
        : thread_(node::OsThreads().start("beside", [this, work = std::move(work)] {
              while (!over_) {
                  work();
                  node::pause(kLookEvery);
              }
          })) {}
    ~Beside() {
        over_ = true;
        thread_->join();
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

private:
    std::atomic<bool> over_{false};
    std::unique_ptr<Thread> thread_;
};

Result<Report> up(const UpArguments& arguments, Environment& environment) {
    node::hold_stop_signals();
    SALUS_TRY(const NetworkFolder folder, open_or_make(arguments, environment));
    SALUS_TRY_STATUS(folder.hold());
    for (const NodePlace& node : folder.nodes()) SALUS_TRY_STATUS(folder.want(node.name, Wanted::kRunning));
    for (const auto& say : {&NetworkFolder::want_faults, &NetworkFolder::say_faults})
        SALUS_TRY_STATUS((folder.*say)({}));
    SALUS_TRY(NodeLinks links, NodeLinks::open(folder));
    // Beside the nodes' starts: one that waits for others may need its links mended.
    const Beside mending([&] { (void)links.settle(folder); });
    std::ostream& lines = environment.json ? environment.err : environment.out;
    Supervisor supervisor(folder, [&](const std::string& line) { lines << line << std::endl; });
    SALUS_TRY_STATUS(supervisor.settle());
    if (environment.json)
        environment.out << boost::json::serialize(json_of(ask_nodes(folder), {})) << std::endl;
    else
        environment.out << "the network is up (Ctrl-C stops it); see: salus network status --dir "
                        << arguments.directory << std::endl;
    while (!node::stop_signal_within(kLookEvery))
        if (const Status settled = supervisor.settle(); !settled) lines << settled.error().to_string() << std::endl;
    supervisor.stop();
    return Report{{}, "the network is down\n"};
}

/// Waits until `done`. Errors: kTimeout
Status wait_until(const std::function<bool()>& done, const SteadyClock& clock, const std::string& what) {
    const auto begun = clock.now();
    while (!done()) {
        if (clock.now() - begun > kSettlePatience) return fail(ErrorCode::kTimeout, what);
        node::pause(kLookEvery);
    }
    return {};
}

Result<Report> down(const NetworkArguments& arguments, Environment& environment) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    const pid_t holder = folder.holder();
    if (holder == 0) return Report{{{"ok", true}}, "the network was not up\n"};
    if (::kill(holder, SIGTERM) != 0)
        return fail(ErrorCode::kForbidden, "process " + std::to_string(holder) + " runs the network, and is another's");
    SALUS_TRY_STATUS(
        wait_until([&] { return folder.holder() == 0; }, environment.steady, "the network has not stopped"));
    return Report{{{"ok", true}}, "the network is down\n"};
}

Result<Report> change(const NodeOfNetwork& arguments, Environment& environment, Wanted wanted) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    SALUS_TRY(const NodePlace* const node, folder.node(arguments.node));
    if (folder.holder() == 0)
        return fail(ErrorCode::kUnavailable,
                    "the network is not up; start it with `salus network up --dir " + arguments.directory + "`");
    // It may have ended by itself before.
    if (wanted == Wanted::kRunning && folder.state(node->name).state == "ended")
        SALUS_TRY_STATUS(folder.say(node->name, {"stopped", {}, 0}));
    SALUS_TRY_STATUS(folder.want(node->name, wanted));
    NodeState state;
    SALUS_TRY_STATUS(wait_until(
        [&] {
            state = folder.state(node->name);
            return state.state == name_of(wanted) || state.state == "ended" ||
                   (wanted != Wanted::kRunning && state.url.empty() && state.state != "starting");
        },
        environment.steady, node->name + " is still " + state.state));
    if (wanted == Wanted::kRunning && state.state == "ended")
        return fail(ErrorCode::kUnavailable, node->name + " does not start; see " + folder.log(node->name).string());
    return Report{{{"ok", true}, {"node", node->name}, {"state", state.state}},
                  node->name + " is " + state.state + "\n"};
}

Result<Report> start_node(const NodeOfNetwork& arguments, Environment& environment) {
    return change(arguments, environment, Wanted::kRunning);
}
Result<Report> stop_node(const NodeOfNetwork& arguments, Environment& environment) {
    return change(arguments, environment, Wanted::kStopped);
}
Result<Report> kill_node(const NodeOfNetwork& arguments, Environment& environment) {
    return change(arguments, environment, Wanted::kKilled);
}

Result<Report> show_status(const StatusArguments& arguments, Environment& environment) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    if (environment.json || arguments.once || environment.progress == nullptr) {
        const auto nodes = ask_nodes(folder);
        SALUS_TRY(const Faults faults, folder.faults());
        return Report{json_of(nodes, faults), table_of(nodes, faults)};
    }
    node::hold_stop_signals();
    do {
        SALUS_TRY(const Faults faults, folder.faults());
        const std::string table = table_of(ask_nodes(folder), faults);
        environment.out << "\x1b[H\x1b[J" << table << "\n(Ctrl-C ends)" << std::endl;
    } while (!node::stop_signal_within(kDrawEvery));
    return Report{{}, "\n"};
}

Result<Report> show_log(const LogArguments& arguments, Environment& /*environment*/) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    SALUS_TRY(const NodePlace* const node, folder.node(arguments.node));
    SALUS_TRY(const Bytes log, read_file(folder.log(node->name)));
    std::vector<std::string> lines;
    std::istringstream text{std::string(as_text(log))};
    for (std::string line; std::getline(text, line);) lines.push_back(printable(line));
    if (lines.size() > arguments.lines)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(arguments.lines));
    Report report;
    boost::json::array said;
    for (const std::string& line : lines) {
        said.emplace_back(line);
        report.text += line + "\n";
    }
    report.data = {{"ok", true}, {"node", node->name}, {"lines", std::move(said)}};
    return report;
}

}  // namespace

void add_network(Commands& commands) {
    CLI::App& group = commands.group("network", "Run a network of several nodes on this machine, ordered by CometBFT");
    commands.add<UpArguments>(group, "up", "Make a network where there is none, and run it until it is told to stop",
                              "  salus network up --dir /tmp/salus-network --nodes 4\n", declare_up, up);
    commands.add<StatusArguments>(
        group, "status", "What each node does: on a terminal a table that goes on",
        "  salus network status --dir /tmp/salus-network\n",
        [](CLI::App& app, StatusArguments& arguments) {
            declare_folder(app, arguments.directory);
            app.add_flag("--once", arguments.once, "Show the table once");
        },
        show_status);
    const auto declare_one = [](CLI::App& app, NodeOfNetwork& arguments) {
        declare_node(app, arguments.directory, arguments.node);
    };
    commands.add<NodeOfNetwork>(group, "stop", "Ask a node to end",
                                "  salus network stop --dir /tmp/salus-network hospital-a\n", declare_one, stop_node);
    commands.add<NodeOfNetwork>(group, "start", "Start a node that does not run",
                                "  salus network start --dir /tmp/salus-network hospital-a\n", declare_one, start_node);
    commands.add<NodeOfNetwork>(group, "kill", "Kill a node, as a crash does",
                                "  salus network kill --dir /tmp/salus-network hospital-a\n", declare_one, kill_node);
    add_network_faults(commands, group);
    add_network_load(commands, group);
    add_network_torture(commands, group);
    commands.add<LogArguments>(
        group, "logs", "What a node has said last", "  salus network logs --dir /tmp/salus-network hospital-a\n",
        [](CLI::App& app, LogArguments& arguments) {
            declare_node(app, arguments.directory, arguments.node);
            app.add_option("--lines", arguments.lines, "So many")->check(CLI::Range(1, 100'000));
        },
        show_log);
    commands.add<NetworkArguments>(
        group, "down", "Stop all nodes", "  salus network down --dir /tmp/salus-network\n",
        [](CLI::App& app, NetworkArguments& arguments) { declare_folder(app, arguments.directory); }, down);
}

}  // namespace salus::cli
