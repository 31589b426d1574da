#include <fmt/format.h>

#include "cli/bench/bench.hpp"
#include "cli/bench/load.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

namespace json = boost::json;

struct StateArguments {
    std::size_t keys = 1'000'000;
    std::size_t seconds = 10;
    std::size_t custodians = 64;
    std::string directory;
};

void declare_state(CLI::App& app, StateArguments& arguments) {
    app.add_option("--keys", arguments.keys, "In the state at the end; measured too with a tenth of them")
        ->check(CLI::Range(1000, 1'000'000'000));
    app.add_option("--seconds", arguments.seconds, "Of load at each size")->check(CLI::Range(1, 60));
    declare_custodians(app, arguments.custodians);
    declare_place(app, arguments.directory);
}

constexpr std::size_t kStateArray = 100;
/// New keys that one transaction brings while the state grows: an append that supersedes so many versions.
constexpr std::size_t kNullifiers = 500;
/// Signed ahead while the state grows.
constexpr std::size_t kFillTransactions = 640;

struct Size {
    std::size_t keys = 0;
    double commits_per_second = 0;
    double node_cpu_us = 0;
    double rss_mib = 0;
    std::uint64_t disk_bytes = 0;
};

class StateRun {
public:
    StateRun(const StateArguments& arguments, BenchNetwork& network, Environment& environment)
        : arguments_(arguments),
          network_(network),
          environment_(environment),
          progress_(environment, "filling the state", arguments.keys),
          authors_(authors_of(network, environment.random)) {}

    Result<std::pair<Size, Size>> run() {
        SALUS_TRY_STATUS(network_.start());
        SALUS_TRY_STATUS(fill(arguments_.keys / 10));
        SALUS_TRY(const Size small, measure());
        SALUS_TRY_STATUS(fill(arguments_.keys));
        SALUS_TRY(const Size large, measure());
        SALUS_TRY_STATUS(network_.stop());
        return std::pair(small, large);
    }

private:
    Status fill(std::size_t keys) {
        while (keys_ < keys) {
            const std::size_t wanted = 1 + (keys - keys_ - 1) / kNullifiers;
            const std::size_t each = 1 + std::min(wanted, kFillTransactions) / authors_.size();
            std::vector<std::vector<Array>> arrays(authors_.size());
            pool_.parallel_for(authors_.size(), [&](std::size_t i) {
                authors_[i].rewind();
                arrays[i].push_back(authors_[i].filling_array(each, kNullifiers, environment_.clock.now_ms()));
            });
            SALUS_TRY(const Load load, send_arrays(network_.url(), authors_, arrays, 0, environment_.steady));
            if (load.refused > 0) return fail_refused();
            keys_ += load.committed * kNullifiers;
            progress_.show(keys_, arguments_.keys);
        }
        return {};
    }

    Result<Size> measure() {
        const auto seconds = static_cast<double>(arguments_.seconds);
        Size size;
        size.keys = keys_;
        const auto count = static_cast<std::size_t>(kRateMax * seconds) / (kStateArray * authors_.size());
        const auto arrays = sign_arrays(pool_, authors_, 1 + count, kStateArray, environment_.clock.now_ms());
        SALUS_TRY(const Usage before, usage_of(network_.pid()));
        SALUS_TRY(const Load load, send_arrays(network_.url(), authors_, arrays, seconds, environment_.steady));
        SALUS_TRY(const Usage after, usage_of(network_.pid()));
        if (load.refused > 0) return fail_refused();
        const auto committed = static_cast<double>(load.committed);
        size.commits_per_second = committed / load.seconds;
        size.node_cpu_us = 1e6 * (after.cpu_seconds - before.cpu_seconds) / committed;
        size.rss_mib = after.rss_mib;
        size.disk_bytes = folder_bytes(network_.chain());
        return size;
    }

    static tl::unexpected<Error> fail_refused() {
        return salus::fail(ErrorCode::kConflict, "the node refused transactions of the benchmark");
    }

    static constexpr double kRateMax = 20'000;  ///< transactions a second that are signed for

    const StateArguments& arguments_;
    BenchNetwork& network_;
    Environment& environment_;
    Progress progress_;
    node::ThreadPool pool_{node::cores()};
    std::vector<Author> authors_;
    std::size_t keys_ = 0;
};

json::object to_json(const Size& size) {
    return {{"keys", size.keys},
            {"commits_per_second", rounded(size.commits_per_second)},
            {"node_cpu_us_per_tx", rounded(size.node_cpu_us)},
            {"rss_mib", rounded(size.rss_mib)},
            {"disk_mib", rounded(static_cast<double>(size.disk_bytes) / (1U << 20U))}};
}

std::string to_text(const Size& size) {
    return fmt::format("  {:>10} keys  {:>8.0f} commits/s, {:>6.1f} us of the node's processor time each, {:.0f} MiB\n",
                       size.keys, size.commits_per_second, size.node_cpu_us, size.rss_mib);
}

Result<Report> run_state(const StateArguments& arguments, Environment& environment) {
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, arguments.custodians, environment));
    SALUS_TRY(const auto sizes, StateRun(arguments, network, environment).run());
    const auto& [small, large] = sizes;
    const double ratio = large.commits_per_second / small.commits_per_second;
    const double cpu_ratio = small.node_cpu_us / large.node_cpu_us;
    return Report{{{"ok", true},
                   {"small", to_json(small)},
                   {"large", to_json(large)},
                   {"ratio", rounded(ratio, 3)},
                   {"cpu_ratio", rounded(cpu_ratio, 3)}},
                  fmt::format("{:.2f} of the commit rate with ten times as many keys\n", ratio) + to_text(small) +
                      to_text(large)};
}

}  // namespace

void add_state(Commands& commands, CLI::App& group) {
    commands.add<StateArguments>(group, "state", "Commits a second as the state grows tenfold",
                                 "  salus bench state --keys 10000000 --json\n", declare_state, run_state);
}

}  // namespace salus::cli::bench
