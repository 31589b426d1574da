#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/groups.hpp"
#include "cli/torture/cycle.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;
using torture::CycleReport;
using torture::Tally;

struct TortureArguments {
    std::uint64_t cycles = 20;
    std::uint64_t seed = 1;
    std::string directory;
    bool verbose = false;
};

void declare(CLI::App& app, TortureArguments& arguments) {
    app.add_option("--cycles", arguments.cycles, "How often the node is killed")->check(CLI::Range(1, 100'000));
    app.add_option("--seed", arguments.seed,
                   "Decides what is sent and when the node dies; the machine, how far it has come by then");
    app.add_option("--dir", arguments.directory,
                   "Where the network's folder is made, instead of the temporary directory");
    app.add_flag("--verbose", arguments.verbose, "Show what the node said at each of its starts");
}

json::object json_of(const Tally& tally) {
    return {{"bundles", tally.bundles},
            {"creates", tally.creates},
            {"updates", tally.updates},
            {"grants", tally.grants},
            {"reads", tally.reads},
            {"revocations", tally.revocations},
            {"reads_across", tally.reads_across}};
}

std::string text_of_tally(const Tally& tally) {
    return fmt::format("{} bundles, {} creates, {} updates, {} grants, {} revocations, {} reads, {} reads across",
                       tally.bundles, tally.creates, tally.updates, tally.grants, tally.revocations, tally.reads,
                       tally.reads_across);
}

json::object json_of(const CycleReport& cycle) {
    return {{"acknowledged", json_of(cycle.acknowledged)},
            {"in_doubt", cycle.doubts.kept + cycle.doubts.dropped},
            {"kept", cycle.doubts.kept},
            {"dropped", cycle.doubts.dropped},
            {"killed_at_start", cycle.killed_at_start},
            {"start_ms", static_cast<std::uint64_t>(1000 * cycle.start_seconds)},
            {"log", json::array(cycle.log.begin(), cycle.log.end())},
            {"missing", json::array(cycle.faults.begin(), cycle.faults.end())}};
}

std::string line_of(std::uint64_t number, std::uint64_t cycles, const CycleReport& cycle) {
    return fmt::format("{:>{}}/{}  {}; in doubt {}: {} kept, {} dropped; {}back after {:.1f} s\n", number,
                       std::to_string(cycles).size(), cycles, text_of_tally(cycle.acknowledged),
                       cycle.doubts.kept + cycle.doubts.dropped, cycle.doubts.kept, cycle.doubts.dropped,
                       cycle.killed_at_start ? "killed again as it started, " : "", cycle.start_seconds);
}

struct Outcome {
    Tally acknowledged;
    torture::Doubts doubts;
    json::array details;
    std::string lines;
    std::vector<std::string> faults;
};

void take(Outcome& outcome, const CycleReport& cycle, std::uint64_t number, const TortureArguments& arguments,
          Environment& environment) {
    outcome.acknowledged.add(cycle.acknowledged);
    outcome.doubts.kept += cycle.doubts.kept;
    outcome.doubts.dropped += cycle.doubts.dropped;
    outcome.details.push_back(json_of(cycle));
    outcome.faults = cycle.faults;
    const std::string line = line_of(number, arguments.cycles, cycle);
    if (environment.progress != nullptr && !arguments.verbose) *environment.progress << line << std::flush;
    if (!arguments.verbose) return;
    outcome.lines += line;
    for (const std::string& said : cycle.log) outcome.lines += "    " + said + "\n";
}

Result<Report> run_torture(const TortureArguments& arguments, Environment& environment) {
    SALUS_TRY(const auto stand, torture::Stand::make(arguments.directory, environment));
    torture::Cycles cycles(*stand, environment.steady, arguments.seed);
    SALUS_TRY_STATUS(cycles.begin());
    Outcome outcome;
    std::uint64_t done = 0;
    while (done < arguments.cycles && outcome.faults.empty()) {
        ++done;
        take(outcome, cycles.next(), done, arguments, environment);
    }
    if (outcome.faults.empty()) outcome.faults = cycles.end(environment);

    Report report;
    report.good = outcome.faults.empty();
    report.data = {{"ok", report.good},
                   {"cycles", done},
                   {"acknowledged", json_of(outcome.acknowledged)},
                   {"in_doubt", outcome.doubts.kept + outcome.doubts.dropped},
                   {"kept", outcome.doubts.kept},
                   {"dropped", outcome.doubts.dropped},
                   {"seed", arguments.seed},
                   {"detail", std::move(outcome.details)}};
    report.text =
        outcome.lines + fmt::format("{} kills, seed {}\n  acknowledged  {}\n  in doubt      {}: {} kept, {} dropped\n",
                                    done, arguments.seed, text_of_tally(outcome.acknowledged),
                                    outcome.doubts.kept + outcome.doubts.dropped, outcome.doubts.kept,
                                    outcome.doubts.dropped);
    if (report.good) {
        report.text += "All that was acknowledged is there once, nothing is there in part; vaults and chain agree.\n";
        return report;
    }
    stand->keep();
    report.data["missing"] = json::array(outcome.faults.begin(), outcome.faults.end());
    report.data["directory"] = stand->folder().string();
    for (const std::string& fault : outcome.faults) report.text += "  ! " + fault + "\n";
    report.text += "The node's folder and its log are kept in " + stand->folder().string() + "\n";
    return report;
}

}  // namespace

void add_torture(Commands& commands) {
    commands.add<TortureArguments>(
        commands.root(), "torture", "Kill a node of its own under load, again and again, and look what is lost",
        "  salus torture --cycles 20 --seed 7\n  salus torture --cycles 1000 --seed 1 --json > torture.json\n"
        "  salus torture --cycles 3 --verbose\n",
        declare, run_torture);
}

}  // namespace salus::cli
