#include <fmt/format.h>

#include "base/file.hpp"
#include "cli/bench/bench.hpp"
#include "cli/bench/load.hpp"
#include "cli/progress.hpp"
#include "cli/verify_chain.hpp"
#include "node/export_chain.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

struct VerifyArguments {
    std::size_t transactions = 100'000;
    std::size_t custodians = 64;
    std::string directory;
};

void declare_verify(CLI::App& app, VerifyArguments& arguments) {
    app.add_option("--transactions", arguments.transactions, "In the chain that is verified")
        ->check(CLI::Range(1, 10'000'000));
    declare_custodians(app, arguments.custodians);
    declare_place(app, arguments.directory);
}

constexpr double kVerifyRawSeconds = 2;

struct Chain {
    std::filesystem::path file;
    std::size_t transactions = 0;
};

/// Makes a chain of at least that length and exports it.
Result<Chain> make_chain(const VerifyArguments& arguments, BenchNetwork& network, std::vector<Author>& authors,
                         Executor& executor, Environment& environment) {
    SALUS_TRY_STATUS(network.start());
    Chain chain{network.folder() / "chain.export", 0};
    SALUS_TRY(chain.transactions, fill_chain(network.url(), authors, arguments.transactions, executor, environment));
    SALUS_TRY_STATUS(network.stop());
    SALUS_TRY_STATUS(node::export_chain(network.folder() / "network", chain.file, [](Height, Height) {}));
    return chain;
}

Result<Report> run_verify(const VerifyArguments& arguments, Environment& environment) {
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, arguments.custodians, environment));
    auto authors = authors_of(network, environment.random);
    node::ThreadPool pool(node::cores());
    SALUS_TRY(const Chain chain, make_chain(arguments, network, authors, pool, environment));
    SALUS_TRY(const Bytes bytes, read_file(chain.file));

    std::optional<Waiting> waiting(std::in_place, environment, "verifying signatures alone");
    SALUS_TRY(const RawRate raw, raw_verification(pool, authors, kVerifyRawSeconds, environment.steady));
    waiting.reset();
    SALUS_TRY(const Usage before, own_usage());
    const Stopwatch watch(environment.steady);
    const Verdict verdict = verify_chain(bytes, network.id(), std::nullopt, environment);
    const double seconds = watch.seconds();
    SALUS_TRY(const Usage after, own_usage());
    if (!verdict.good) return fail(ErrorCode::kProofInvalid, "the benchmark's own chain does not verify");

    const auto count = static_cast<double>(chain.transactions);
    const auto cores = static_cast<double>(node::cores());
    const double rate = count / seconds;
    const double cpu_us = 1e6 * (after.cpu_seconds - before.cpu_seconds) / count;
    const double ratio = rate / (cores * raw.per_second_per_core);
    return Report{{{"ok", true},
                   {"transactions", chain.transactions},
                   {"transactions_per_second", rounded(rate)},
                   {"raw_verify_per_second_per_core", rounded(raw.per_second_per_core)},
                   {"cores", node::cores()},
                   {"ratio", rounded(ratio, 3)},
                   {"seconds", rounded(seconds, 2)},
                   {"cpu_us_per_tx", rounded(cpu_us)},
                   {"raw_verify_cpu_us", rounded(raw.cpu_us)},
                   {"cpu_ratio", rounded(raw.cpu_us / cpu_us, 3)},
                   {"export_bytes_per_tx", rounded(static_cast<double>(bytes.size()) / count)},
                   {"rss_mib", rounded(after.peak_rss_mib)}},
                  fmt::format("{:.0f} transactions/s verified and executed again, {:.2f} of {} cores x {:.0f} raw "
                              "verifications/s\n"
                              "  processor time  {:.1f} us a transaction, of which {:.1f} us for its signature\n",
                              rate, ratio, node::cores(), raw.per_second_per_core, cpu_us, raw.cpu_us)};
}

}  // namespace

void add_verify(Commands& commands, CLI::App& group) {
    commands.add<VerifyArguments>(group, "verify", "Verifying an exported chain with no node, transactions a second",
                                  "  salus bench verify --transactions 1000000 --json\n", declare_verify, run_verify);
}

}  // namespace salus::cli::bench
