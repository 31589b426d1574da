#include <fmt/format.h>

#include "cli/bench/bench.hpp"
#include "cli/bench/fhir_load.hpp"
#include "cli/bundle_file.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

struct ImportArguments {
    std::size_t resources = 50'000;
    std::size_t entries = 250;
    std::size_t jobs = 4;
    std::string directory;
    std::vector<std::string> bundles;
};

void declare_import(CLI::App& app, ImportArguments& arguments) {
    app.add_option("--resources", arguments.resources, "To be stored")->check(CLI::Range(1, 100'000'000));
    app.add_option("--entries", arguments.entries, "Resources in a bundle")->check(CLI::Range(1, 10'000));
    app.add_option("--jobs", arguments.jobs, "Connections, one bundle under way on each")->check(CLI::Range(1, 64));
    declare_place(app, arguments.directory);
    app.add_option("--bundle", arguments.bundles, "Transaction bundles of your own instead");
}

struct Source {
    std::vector<BundleText> before;  ///< hospitals and practitioners, to whom the others refer: stored untimed
    std::vector<BundleText> bundles;
};

Result<Source> source_of(const ImportArguments& arguments, Random& random) {
    Source source;
    for (const std::string& file : arguments.bundles) {
        SALUS_TRY(Bytes bytes, read_fhir_file(file));
        SALUS_TRY(const BundleKind kind, look_at(file, bytes));
        const std::uint64_t size = bytes.size();
        auto& bundles = kind.bundle_type == "transaction" ? source.bundles : source.before;
        bundles.push_back({std::move(bytes), kind.entries, size});
    }
    if (!arguments.bundles.empty()) return source;
    for (std::size_t made = 0; made < arguments.resources; made += source.bundles.back().resources)
        source.bundles.push_back(make_bundle(random, std::min(arguments.entries, arguments.resources - made) - 1));
    return source;
}

Result<Report> run_import(const ImportArguments& arguments, Environment& environment) {
    SALUS_TRY(const Source source, source_of(arguments, environment.random));
    if (source.bundles.empty()) return fail(ErrorCode::kUsage, "no file is a transaction bundle");
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, 1, environment));
    SALUS_TRY_STATUS(network.start());
    SALUS_TRY(const auto token, Token::log_in(network.session(), environment));
    SALUS_TRY_STATUS(import_bundles(network, *token, source.before, 1, environment));
    const std::uint64_t empty_bytes = folder_bytes(network.folder());
    SALUS_TRY(const Imported imported, import_bundles(network, *token, source.bundles, arguments.jobs, environment));
    SALUS_TRY(const Usage usage, usage_of(network.pid()));
    const std::uint64_t peak_bytes = folder_bytes(network.folder());
    SALUS_TRY_STATUS(network.stop());

    const auto count = static_cast<double>(imported.resources);
    const auto cores = static_cast<double>(node::cores());
    const double rate = count / imported.seconds;
    const double node_us = 1e6 * imported.node_cpu_seconds / count;
    const double client_us = 1e6 * imported.client_cpu_seconds / count;
    const double bytes = static_cast<double>(imported.resource_bytes) / count;
    const double disk = static_cast<double>(folder_bytes(network.folder()) - empty_bytes) / count;
    const double peak = static_cast<double>(peak_bytes - empty_bytes) / count;
    const double p50 = percentile(imported.latencies_ms, 0.5);
    const double p99 = percentile(imported.latencies_ms, 0.99);
    return Report{{{"ok", true},
                   {"resources", imported.resources},
                   {"resources_per_second", rounded(rate)},
                   {"resources_per_second_per_core", rounded(rate / cores)},
                   {"cores", node::cores()},
                   {"seconds", rounded(imported.seconds, 2)},
                   {"node_cpu_us_per_resource", rounded(node_us)},
                   {"client_cpu_us_per_resource", rounded(client_us)},
                   {"source_bytes_per_resource", rounded(bytes)},
                   {"disk_bytes_per_resource", rounded(disk)},
                   {"disk_peak_bytes_per_resource", rounded(peak)},
                   {"bundle_p50_ms", rounded(p50)},
                   {"bundle_p99_ms", rounded(p99)},
                   {"rss_mib", rounded(usage.peak_rss_mib)}},
                  fmt::format("{:.0f} resources/s, {:.0f} a core: encrypted, indexed, anchored, durable\n"
                              "  processor time  {:.0f} us a resource in the node, {:.0f} us in this client\n"
                              "  disk            {:.0f} bytes a resource of {:.0f}, {:.0f} before the node stopped\n"
                              "  a bundle        p50 {:.0f} ms, p99 {:.0f} ms\n"
                              "  memory          {:.0f} MiB at most\n",
                              rate, rate / cores, node_us, client_us, disk, bytes, peak, p50, p99, usage.peak_rss_mib)};
}

}  // namespace

void add_import(Commands& commands, CLI::App& group) {
    commands.add<ImportArguments>(group, "import", "Resources stored a second, through HTTP",
                                  "  salus bench import --json\n  salus bench import --bundle patient*.json\n",
                                  declare_import, run_import);
}

}  // namespace salus::cli::bench
