#include "cli/groups.hpp"
#include "cli/network/links.hpp"
#include "node/platform.hpp"

namespace salus::cli {
namespace {

using namespace std::chrono_literals;
using namespace network;

constexpr auto kSettledEvery = 50ms;
constexpr auto kSettledPatience = 10s;
constexpr std::int64_t kDelayMsMax = 60'000;

struct PartitionArguments {
    std::string directory;
    std::vector<std::string> groups;
    bool one_way = false;
};

struct DelayArguments {
    std::string directory;
    std::int64_t delay_ms = 0;
    std::string of;
};

struct HealArguments {
    std::string directory;
};

/// Waits until the process that runs the network has made it so. Errors: kUnavailable, kUsage (it has no links)
Result<Report> disturb(const NetworkFolder& folder, const Faults& faults, const SteadyClock& clock) {
    if (folder.holder() == 0) return fail(ErrorCode::kUnavailable, "the network is not up");
    if (folder.links().empty())
        return fail(ErrorCode::kUsage, "the nodes of this network do not connect over links that can be cut");
    SALUS_TRY_STATUS(folder.want_faults(faults));
    const auto begun = clock.now();
    for (;;) {
        SALUS_TRY(const Faults made, folder.faults());
        if (made == faults) break;
        if (clock.now() - begun > kSettledPatience)
            return fail(ErrorCode::kTimeout, "the network has not done it yet; it may be starting a node");
        node::pause(kSettledEvery);
    }
    return Report{{{"ok", true}, {"faults", json_of(faults)}},
                  faults.empty() ? "all nodes reach one another\n" : text_of(faults) + "\n"};
}

Result<Report> partition(const PartitionArguments& arguments, Environment& environment) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    std::vector<std::vector<std::string>> groups;
    for (const std::string& text : arguments.groups) {
        SALUS_TRY(groups.emplace_back(), parse_group(text, folder.names()));
    }
    SALUS_TRY(const Faults before, folder.faults());
    SALUS_TRY(const Faults faults, partitioned(before, groups, folder.names(), arguments.one_way));
    return disturb(folder, faults, environment.steady);
}

Result<Report> delay(const DelayArguments& arguments, Environment& environment) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    std::vector<std::string> group = folder.names();
    if (!arguments.of.empty()) {
        SALUS_TRY(group, parse_group(arguments.of, folder.names()));
    }
    SALUS_TRY(const Faults before, folder.faults());
    const std::chrono::milliseconds late(arguments.delay_ms);
    return disturb(folder, delayed(before, group, folder.names(), late), environment.steady);
}

Result<Report> heal(const HealArguments& arguments, Environment& environment) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    return disturb(folder, {}, environment.steady);
}

void declare_disturbed(CLI::App& app, std::string& directory) {
    app.add_option("--dir", directory, "The network's folder, with one of each node in it")->required();
}

}  // namespace

void add_network_faults(Commands& commands, CLI::App& network) {
    commands.add<PartitionArguments>(
        network, "partition", "Cut the links between groups of nodes; what is sent meanwhile waits, as over TCP",
        "  salus network partition --dir /tmp/salus-network hospital-a,hospital-b payer,regulator\n"
        "  salus network partition --dir /tmp/salus-network payer --one-way\n",
        [](CLI::App& app, PartitionArguments& arguments) {
            declare_disturbed(app, arguments.directory);
            app.add_option("GROUP", arguments.groups,
                           "Nodes that still reach one another, with commas between; those in no group are one more")
                ->required();
            app.add_flag("--one-way", arguments.one_way, "Hold only what the first group sends");
        },
        partition);
    commands.add<DelayArguments>(
        network, "delay", "Make everything between nodes arrive later",
        "  salus network delay --dir /tmp/salus-network 100\n"
        "  salus network delay --dir /tmp/salus-network 500 --of payer\n",
        [](CLI::App& app, DelayArguments& arguments) {
            declare_disturbed(app, arguments.directory);
            app.add_option("MS", arguments.delay_ms, "Milliseconds, each way; 0: no more")
                ->required()
                ->check(CLI::Range(std::int64_t{0}, kDelayMsMax));
            app.add_option("--of", arguments.of, "Only what these nodes, with commas between, send and receive");
        },
        delay);
    commands.add<HealArguments>(
        network, "heal", "End every partition and delay", "  salus network heal --dir /tmp/salus-network\n",
        [](CLI::App& app, HealArguments& arguments) { declare_disturbed(app, arguments.directory); }, heal);
}

}  // namespace salus::cli
