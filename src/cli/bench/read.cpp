#include <fmt/format.h>

#include "base/mutex.hpp"
#include "cli/bench/bench.hpp"
#include "cli/bench/fhir_load.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

struct ReadArguments {
    std::size_t seconds = 10;
    std::size_t resources = 5000;
    std::size_t connections = 32;
    std::string directory;
};

void declare_read(CLI::App& app, ReadArguments& arguments) {
    app.add_option("--seconds", arguments.seconds, "Of reading")->check(CLI::Range(1, 3600));
    app.add_option("--resources", arguments.resources, "Stored before, and read in turn")
        ->check(CLI::Range(10, 20'000));
    app.add_option("--connections", arguments.connections, "Readers")->check(CLI::Range(1, 256));
    declare_place(app, arguments.directory);
}

constexpr std::size_t kEntries = 250;
constexpr std::size_t kImportJobs = 4;

struct Reads {
    std::size_t count = 0;
    double seconds = 0;
    double node_cpu_us = 0;
    double client_cpu_us = 0;
    std::vector<double> latencies_ms;
};

/// Reads by id over all connections until the time has passed.
Result<Reads> read_by_id(const ReadArguments& arguments, BenchNetwork& network, Token& token,
                         const std::vector<std::string>& references, const SteadyClock& clock) {
    struct Shared {
        Reads reads;
        std::optional<Error> error;
    };
    Guarded<Shared> shared;
    const std::string base = "/orgs/" + std::string(BenchNetwork::kSlug) + "/fhir/R4/";
    SALUS_TRY(const Usage node_before, usage_of(network.pid()));
    SALUS_TRY(const Usage own_before, own_usage());
    const Stopwatch watch(clock);
    node::ThreadPool pool(arguments.connections);
    pool.parallel_for(arguments.connections, [&](std::size_t connection) {
        std::vector<double> latencies;
        const auto work = [&]() -> Status {
            SALUS_TRY(auto client, transport::HttpClient::make(network.url()));
            // A stride that visits all, another place to begin for each.
            for (std::size_t at = connection * 7919; watch.seconds() < static_cast<double>(arguments.seconds); ++at) {
                SALUS_TRY(const std::string bearer, token.bearer());
                const Stopwatch one(clock);
                SALUS_TRY(const auto response, client->request("GET", base + references[at % references.size()],
                                                               {{"authorization", bearer}}));
                if (response.status != 200)
                    return fail(ErrorCode::kConflict, "the node answered " + std::to_string(response.status));
                latencies.push_back(1000 * one.seconds());
            }
            return {};
        };
        const Status status = work();
        const auto access = shared.lock();
        auto& all = access->reads.latencies_ms;
        all.insert(all.end(), latencies.begin(), latencies.end());
        if (!status) access->error = status.error();
    });
    const double seconds = watch.seconds();
    SALUS_TRY(const Usage node_after, usage_of(network.pid()));
    SALUS_TRY(const Usage own_after, own_usage());
    const auto access = shared.lock();
    if (access->error) return fail(*access->error);
    Reads& reads = access->reads;
    reads.count = reads.latencies_ms.size();
    reads.seconds = seconds;
    const auto count = static_cast<double>(reads.count);
    reads.node_cpu_us = 1e6 * (node_after.cpu_seconds - node_before.cpu_seconds) / count;
    reads.client_cpu_us = 1e6 * (own_after.cpu_seconds - own_before.cpu_seconds) / count;
    return std::move(reads);
}

Result<Report> run_read(const ReadArguments& arguments, Environment& environment) {
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, 1, environment));
    SALUS_TRY_STATUS(network.start());
    SALUS_TRY(const auto token, Token::log_in(network.session(), environment));
    std::vector<BundleText> bundles;
    for (std::size_t made = 0; made < arguments.resources; made += bundles.back().resources)
        bundles.push_back(make_bundle(environment.random, std::min(kEntries, arguments.resources - made) - 1));
    SALUS_TRY(const Imported imported, import_bundles(network, *token, bundles, kImportJobs, environment));
    std::optional<Waiting> waiting(std::in_place, environment, "reading by id");
    SALUS_TRY(const Reads reads, read_by_id(arguments, network, *token, imported.references, environment.steady));
    SALUS_TRY(const Usage usage, usage_of(network.pid()));
    SALUS_TRY_STATUS(network.stop());
    waiting.reset();

    const auto cores = static_cast<double>(node::cores());
    const double rate = static_cast<double>(reads.count) / reads.seconds;
    const double p50 = percentile(reads.latencies_ms, 0.5);
    const double p99 = percentile(reads.latencies_ms, 0.99);
    return Report{{{"ok", true},
                   {"reads", reads.count},
                   {"reads_per_second", rounded(rate)},
                   {"reads_per_second_per_core", rounded(rate / cores)},
                   {"cores", node::cores()},
                   {"seconds", rounded(reads.seconds, 2)},
                   {"node_cpu_us_per_read", rounded(reads.node_cpu_us)},
                   {"client_cpu_us_per_read", rounded(reads.client_cpu_us)},
                   {"p50_ms", rounded(p50, 2)},
                   {"p99_ms", rounded(p99, 2)},
                   {"rss_mib", rounded(usage.peak_rss_mib)}},
                  fmt::format("{:.0f} audited, decrypted reads/s, {:.0f} a core; p50 {:.2f} ms, p99 {:.2f} ms\n"
                              "  processor time  {:.1f} us a read in the node, {:.1f} us in this client\n",
                              rate, rate / cores, p50, p99, reads.node_cpu_us, reads.client_cpu_us)};
}

}  // namespace

void add_read(Commands& commands, CLI::App& group) {
    commands.add<ReadArguments>(group, "read", "Audited, decrypted reads by id a second, through HTTP",
                                "  salus bench read --seconds 10 --json\n", declare_read, run_read);
}

}  // namespace salus::cli::bench
