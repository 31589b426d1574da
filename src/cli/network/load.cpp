#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/groups.hpp"
#include "cli/network/torture/clients.hpp"
#include "node/node.hpp"

namespace salus::cli {
namespace {

using namespace std::chrono_literals;
using namespace network;
namespace json = boost::json;

constexpr auto kSayEvery = 1s;

struct LoadArguments {
    std::string directory;
    std::uint64_t seconds = 0;
    std::uint64_t seed = 1;
};

void declare_load(CLI::App& app, LoadArguments& arguments) {
    app.add_option("--dir", arguments.directory, "The network's folder, with one of each node in it")->required();
    app.add_option("--seconds", arguments.seconds, "For so long; 0: until Ctrl-C");
    app.add_option("--seed", arguments.seed, "Decides what is sent where");
}

Result<Report> load(const LoadArguments& arguments, Environment& environment) {
    SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(arguments.directory));
    if (folder.holder() == 0)
        return fail(ErrorCode::kUnavailable,
                    "the network is not up; start it with `salus network up --dir " + arguments.directory + "`");
    node::hold_stop_signals();
    History history;
    const auto begun = environment.steady.now();
    const auto seconds = [&] { return std::chrono::duration<double>(environment.steady.now() - begun).count(); };
    SALUS_TRY(auto clients, Clients::start(folder, history, arguments.seed, environment));
    std::size_t before = 0;
    while (!node::stop_signal_within(kSayEvery)) {
        const History::Counts counts = history.counts();
        if (environment.progress != nullptr)
            *environment.progress << fmt::format("{:>5.0f} s  {:>7} acknowledged, {:>5} more; {} in doubt\n", seconds(),
                                                 counts.acknowledged, counts.acknowledged - before, counts.in_doubt)
                                  << std::flush;
        before = counts.acknowledged;
        if (arguments.seconds > 0 && seconds() >= static_cast<double>(arguments.seconds)) break;
    }
    clients->end();

    const double took = seconds();
    const History::Counts counts = history.counts();
    const double per_second = static_cast<double>(counts.acknowledged) / took;
    const auto faults = history.faults();
    Report report;
    report.good = faults.empty();
    report.data = {{"ok", report.good},
                   {"seconds", took},
                   {"acknowledged", counts.acknowledged},
                   {"per_second", per_second},
                   {"refused", counts.refused},
                   {"in_doubt", counts.in_doubt},
                   {"missing", json::array(faults.begin(), faults.end())}};
    report.text = fmt::format("{} acknowledged in {:.0f} s, {:.0f} a second; {} in doubt\n", counts.acknowledged, took,
                              per_second, counts.in_doubt);
    for (const std::string& fault : faults) report.text += "  ! " + fault + "\n";
    return report;
}

}  // namespace

void add_network_load(Commands& commands, CLI::App& network) {
    commands.add<LoadArguments>(network, "load",
                                "Let clients of every organisation send transactions, and say what comes of it",
                                "  salus network load --dir /tmp/salus-network\n"
                                "  salus network load --dir /tmp/salus-network --seconds 30 --json\n",
                                declare_load, load);
}

}  // namespace salus::cli
