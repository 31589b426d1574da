#include <fmt/format.h>

#include "cli/bench/bench.hpp"
#include "cli/bench/load.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

struct StartArguments {
    std::size_t transactions = 1'000'000;
    std::size_t custodians = 64;
    std::string directory;
};

void declare_start(CLI::App& app, StartArguments& arguments) {
    app.add_option("--transactions", arguments.transactions, "On the chain that the node starts with")
        ->check(CLI::Range(1, 100'000'000));
    declare_custodians(app, arguments.custodians);
    declare_place(app, arguments.directory);
}

/// From the start of the process until it serves, with nothing of its files in memory.
Result<double> cold_start(BenchNetwork& network, Environment& environment) {
    SALUS_TRY_STATUS(forget_cached(network.folder()));
    const Stopwatch watch(environment.steady);
    SALUS_TRY_STATUS(network.start());
    return watch.seconds();
}

Result<Report> run_start(const StartArguments& arguments, Environment& environment) {
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, arguments.custodians, environment));
    auto authors = authors_of(network, environment.random);
    node::ThreadPool pool(node::cores());
    SALUS_TRY_STATUS(network.start());
    SALUS_TRY(const std::size_t made, fill_chain(network.url(), authors, arguments.transactions, pool, environment));
    network.kill();
    SALUS_TRY(const double after_kill, cold_start(network, environment));
    SALUS_TRY_STATUS(network.stop());
    const std::uint64_t disk = folder_bytes(network.chain());
    SALUS_TRY(const double after_stop, cold_start(network, environment));
    SALUS_TRY(const Usage usage, usage_of(network.pid()));
    SALUS_TRY_STATUS(network.stop());

    const double bytes = static_cast<double>(disk) / static_cast<double>(made);
    return Report{{{"ok", true},
                   {"transactions", made},
                   {"start_seconds", rounded(after_stop, 2)},
                   {"start_after_kill_seconds", rounded(after_kill, 2)},
                   {"rss_mib", rounded(usage.rss_mib)},
                   {"disk_bytes_per_tx", rounded(bytes)}},
                  fmt::format("{:.2f} s until it serves {} transactions, {:.2f} s where it was killed\n"
                              "  memory  {:.0f} MiB then\n"
                              "  disk    {:.0f} B a transaction\n",
                              after_stop, made, after_kill, usage.rss_mib, bytes)};
}

}  // namespace

void add_start(Commands& commands, CLI::App& group) {
    commands.add<StartArguments>(group, "start", "Seconds until a node with a long chain serves, read from the disk",
                                 "  salus bench start --transactions 10000000 --json\n", declare_start, run_start);
}

}  // namespace salus::cli::bench
