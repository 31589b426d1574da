#include <fmt/format.h>

#include <algorithm>

#include "cli/bench/bench.hpp"
#include "cli/bench/load.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

namespace json = boost::json;

struct LedgerArguments {
    std::size_t seconds = 10;
    std::size_t custodians = 64;
    std::size_t array = 100;
    std::string directory;
};

void declare_ledger(CLI::App& app, LedgerArguments& arguments) {
    app.add_option("--seconds", arguments.seconds, "Under full load; half as long again at half of it")
        ->check(CLI::Range(1, 3600));
    declare_custodians(app, arguments.custodians);
    app.add_option("--array", arguments.array, "Transactions in one request")->check(CLI::Range(1, 5000));
    declare_place(app, arguments.directory);
}

/// Signatures last two minutes, so no more is signed ahead than is sent in this time.
constexpr double kSliceSeconds = 10;
constexpr double kRawSeconds = 2;
constexpr double kHeadroom = 1.3;

/// What a run found.
struct Figures {
    Load full;
    Load half;
    RawRate raw;
    double node_cpu_us = 0;    ///< of a transaction under full load
    double client_cpu_us = 0;  ///< the same of this process
    double fsync = 0;
    double rss_mib = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t disk_peak_bytes = 0;
};

class LedgerRun {
public:
    LedgerRun(const LedgerArguments& arguments, BenchNetwork& network, Environment& environment)
        : arguments_(arguments),
          network_(network),
          environment_(environment),
          authors_(authors_of(network, environment.random)) {}

    Result<Figures> run() {
        SALUS_TRY(figures_.fsync, fsync_ms(network_.folder(), environment_.steady));
        (void)sign(1, arguments_.array);
        SALUS_TRY(const RawRate before, raw_verification(pool_, authors_, kRawSeconds, environment_.steady));
        rate_ = before.per_second_per_core * static_cast<double>(pool_.threads());
        SALUS_TRY_STATUS(network_.start());
        while (figures_.full.seconds < static_cast<double>(arguments_.seconds)) SALUS_TRY_STATUS(full_slice());
        SALUS_TRY_STATUS(half_load());
        // Again, because others use the machine too, and not alike all the time.
        SALUS_TRY(const RawRate after, raw_verification(pool_, authors_, kRawSeconds, environment_.steady));
        figures_.raw = {(before.per_second_per_core + after.per_second_per_core) / 2,
                        (before.cpu_us + after.cpu_us) / 2};
        const auto count = static_cast<double>(figures_.full.committed);
        figures_.node_cpu_us = 1e6 * node_cpu_seconds_ / count;
        figures_.client_cpu_us = 1e6 * client_cpu_seconds_ / count;
        SALUS_TRY(const Usage node, usage_of(network_.pid()));
        figures_.rss_mib = node.peak_rss_mib;
        look_at_disk();
        SALUS_TRY_STATUS(network_.stop());
        figures_.disk_bytes = folder_bytes(network_.chain());
        return std::move(figures_);
    }

private:
    std::vector<std::vector<Array>> sign(std::size_t arrays, std::size_t transactions) {
        return sign_arrays(pool_, authors_, arrays, transactions, environment_.clock.now_ms());
    }

    /// Arrays an author needs for so many transactions in all.
    [[nodiscard]] std::size_t arrays_for(double transactions, std::size_t array) const {
        return 1 + static_cast<std::size_t>(transactions / static_cast<double>(authors_.size() * array));
    }

    Status full_slice() {
        const double seconds = std::min(kSliceSeconds, static_cast<double>(arguments_.seconds) - figures_.full.seconds);
        const auto arrays = sign(arrays_for(rate_ * seconds, arguments_.array), arguments_.array);
        SALUS_TRY(const Usage node_before, usage_of(network_.pid()));
        SALUS_TRY(const Usage own_before, own_usage());
        SALUS_TRY(const Load load, send_arrays(network_.url(), authors_, arrays, seconds, environment_.steady));
        SALUS_TRY(const Usage node_after, usage_of(network_.pid()));
        SALUS_TRY(const Usage own_after, own_usage());
        node_cpu_seconds_ += node_after.cpu_seconds - node_before.cpu_seconds;
        client_cpu_seconds_ += own_after.cpu_seconds - own_before.cpu_seconds;
        figures_.full.committed += load.committed;
        figures_.full.refused += load.refused;
        figures_.full.bytes += load.bytes;
        figures_.full.seconds += load.seconds;
        rate_ = kHeadroom * static_cast<double>(load.committed) / load.seconds;
        look_at_disk();
        return {};
    }

    Status half_load() {
        const double per_second = static_cast<double>(figures_.full.committed) / figures_.full.seconds / 2;
        const double seconds = std::min(kSliceSeconds, static_cast<double>(arguments_.seconds) / 2);
        const auto arrays =
            sign(arrays_for(per_second * (kWarmUpSeconds + seconds), arguments_.array), arguments_.array);
        SALUS_TRY(figures_.half, send_paced(network_.url(), authors_, arrays, per_second, environment_.steady));
        return {};
    }

    void look_at_disk() {
        figures_.disk_peak_bytes = std::max(figures_.disk_peak_bytes, folder_bytes(network_.chain()));
    }

    const LedgerArguments& arguments_;
    BenchNetwork& network_;
    Environment& environment_;
    node::ThreadPool pool_{node::cores()};
    std::vector<Author> authors_;
    double rate_ = 0;  ///< transactions a second to be signed for
    double node_cpu_seconds_ = 0;
    double client_cpu_seconds_ = 0;
    Figures figures_;
};

Report report_of(const Figures& figures) {
    const double commits = static_cast<double>(figures.full.committed) / figures.full.seconds;
    const auto cores = static_cast<double>(node::cores());
    const double ratio = commits / (cores * figures.raw.per_second_per_core);
    const double cpu_ratio = figures.raw.cpu_us / (figures.node_cpu_us + figures.client_cpu_us);
    const auto all = static_cast<double>(figures.full.committed + figures.half.committed);
    const double disk = static_cast<double>(figures.disk_bytes) / all;
    const double disk_peak = static_cast<double>(figures.disk_peak_bytes) / all;
    const double signed_bytes = static_cast<double>(figures.full.bytes + figures.half.bytes) / all;
    const double p50 = percentile(figures.half.latencies_ms, 0.5);
    const double p99 = percentile(figures.half.latencies_ms, 0.99);
    const std::size_t refused = figures.full.refused + figures.half.refused;

    Report report;
    report.good = refused == 0;
    report.data = {{"ok", report.good},
                   {"commits_per_second", rounded(commits)},
                   {"raw_verify_per_second_per_core", rounded(figures.raw.per_second_per_core)},
                   {"cores", node::cores()},
                   {"ratio", rounded(ratio, 3)},
                   {"p50_ms", rounded(p50, 2)},
                   {"p99_ms", rounded(p99, 2)},
                   {"fsync_ms", rounded(figures.fsync, 3)},
                   {"rss_mib", rounded(figures.rss_mib)},
                   {"disk_bytes_per_tx", rounded(disk)},
                   {"signed_bytes_per_tx", rounded(signed_bytes)},
                   {"disk_peak_bytes_per_tx", rounded(disk_peak)},
                   {"transactions", figures.full.committed + figures.half.committed},
                   {"refused", refused},
                   {"seconds", rounded(figures.full.seconds, 2)},
                   {"raw_verify_cpu_us", rounded(figures.raw.cpu_us)},
                   {"node_cpu_us_per_tx", rounded(figures.node_cpu_us)},
                   {"client_cpu_us_per_tx", rounded(figures.client_cpu_us)},
                   {"cpu_ratio", rounded(cpu_ratio, 3)}};
    report.text = fmt::format(
        "{:.0f} commits/s, {:.2f} of {} cores x {:.0f} raw verifications/s\n"
        "  at half load    p50 {:.1f} ms, p99 {:.1f} ms (one fsync {:.2f} ms)\n"
        "  processor time  {:.1f} us a transaction in the node, {:.1f} us in this client; one verification {:.1f} us "
        "({:.2f})\n"
        "  memory          {:.0f} MiB at most\n"
        "  disk            {:.0f} bytes a transaction of {:.0f} signed, {:.0f} at most during the run\n",
        commits, ratio, node::cores(), figures.raw.per_second_per_core, p50, p99, figures.fsync, figures.node_cpu_us,
        figures.client_cpu_us, figures.raw.cpu_us, cpu_ratio, figures.rss_mib, disk, signed_bytes, disk_peak);
    if (refused > 0) report.text += fmt::format("  NOT TAKEN       {} transactions\n", refused);
    return report;
}

Result<Report> run_ledger(const LedgerArguments& arguments, Environment& environment) {
    const Waiting waiting(environment, "measuring the ledger");
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, arguments.custodians, environment));
    SALUS_TRY(const Figures figures, LedgerRun(arguments, network, environment).run());
    return report_of(figures);
}

}  // namespace

void add_ledger(Commands& commands, CLI::App& group) {
    commands.add<LedgerArguments>(group, "ledger", "Durable, executed, provable commits a second, through HTTP",
                                  "  salus bench ledger --seconds 10 --json\n", declare_ledger, run_ledger);
}

}  // namespace salus::cli::bench
