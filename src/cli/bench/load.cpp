#include "cli/bench/load.hpp"

#include <atomic>
#include <cmath>

#include "base/mutex.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"
#include "transport/http.hpp"

namespace salus::cli::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTransactionsType = "application/x-salus-transactions";
constexpr auto kRetryAfter = 20ms;
constexpr std::size_t kFillArray = 100;
/// Signed and sent in one go: signatures last two minutes.
constexpr std::size_t kFillArraysMax = 40;

std::size_t count_done(ByteView answer) {
    constexpr std::string_view kDone = R"("status":"done")";
    const std::string_view text = as_text(answer);
    std::size_t count = 0;
    for (auto at = text.find(kDone); at != std::string_view::npos; at = text.find(kDone, at + kDone.size())) ++count;
    return count;
}

/// How many of the array were committed.
Result<std::size_t> send(transport::HttpClient& client, const Array& array) {
    for (;;) {
        SALUS_TRY(const auto response, client.request("POST", "/v1/transactions",
                                                      {{"content-type", std::string(kTransactionsType)}}, array.body));
        if (response.status == 200) return count_done(response.body);
        if (response.status != 429 && response.status != 503)
            return fail(ErrorCode::kConflict, "the node answered " + std::to_string(response.status));
        node::pause(kRetryAfter);
    }
}

struct Sums {
    Load load;
    std::optional<Error> error;
};

/// When array `k` of author `i` leaves, in seconds; nothing: as soon as the one before is answered.
using Schedule = std::function<std::optional<double>(std::size_t i, std::size_t k)>;

Result<Load> run_connections(const std::string& url, std::vector<Author>& authors,
                             const std::vector<std::vector<Array>>& arrays, double seconds, const Schedule& schedule,
                             const SteadyClock& clock) {
    node::ThreadPool pool(authors.size());
    Guarded<Sums> sums;
    std::atomic<bool> failed = false;
    const Stopwatch watch(clock);
    pool.parallel_for(authors.size(), [&](std::size_t i) {
        Load mine;
        auto client = transport::HttpClient::make(url);
        Status status = client ? Status{} : Status(tl::make_unexpected(client.error()));
        for (std::size_t k = 0; status && k < arrays[i].size() && !failed; ++k) {
            if (seconds > 0 && watch.seconds() >= seconds) break;
            const auto at = schedule(i, k);
            if (at && *at > watch.seconds())
                node::pause(std::chrono::milliseconds(std::lround(1000 * (*at - watch.seconds()))));
            const double begun = at.value_or(watch.seconds());
            const auto done = send(**client, arrays[i][k]);
            if (!done) {
                status = tl::make_unexpected(done.error());
                break;
            }
            if (!at || *at >= kWarmUpSeconds) mine.latencies_ms.push_back(1000 * (watch.seconds() - begun));
            mine.committed += *done;
            mine.refused += arrays[i][k].transactions - *done;
            mine.bytes += arrays[i][k].body.size();
            authors[i].committed(arrays[i][k]);
        }
        const auto access = sums.lock();
        access->load.committed += mine.committed;
        access->load.refused += mine.refused;
        access->load.bytes += mine.bytes;
        access->load.latencies_ms.insert(access->load.latencies_ms.end(), mine.latencies_ms.begin(),
                                         mine.latencies_ms.end());
        if (!status) {
            access->error = status.error();
            failed = true;
        }
    });
    const auto access = sums.lock();
    if (access->error) return fail(*access->error);
    access->load.seconds = watch.seconds();
    return std::move(access->load);
}

}  // namespace

Result<Load> send_arrays(const std::string& url, std::vector<Author>& authors,
                         const std::vector<std::vector<Array>>& arrays, double seconds, const SteadyClock& clock) {
    return run_connections(
        url, authors, arrays, seconds, [](std::size_t, std::size_t) { return std::nullopt; }, clock);
}

Result<Load> send_paced(const std::string& url, std::vector<Author>& authors,
                        const std::vector<std::vector<Array>>& arrays, double per_second, const SteadyClock& clock) {
    if (arrays.empty() || arrays.front().empty()) return Load{};
    const auto authors_count = static_cast<double>(authors.size());
    const double interval = authors_count * static_cast<double>(arrays.front().front().transactions) / per_second;
    return run_connections(
        url, authors, arrays, 0,
        [&](std::size_t i, std::size_t k) -> std::optional<double> {
            return interval * (static_cast<double>(k) + static_cast<double>(i) / authors_count);
        },
        clock);
}

Result<std::size_t> fill_chain(const std::string& url, std::vector<Author>& authors, std::size_t transactions,
                               Executor& executor, Environment& environment) {
    Progress progress(environment, "making a chain", transactions);
    std::size_t made = 0;
    while (made < transactions) {
        const std::size_t wanted = 1 + (transactions - made - 1) / (kFillArray * authors.size());
        const auto arrays =
            sign_arrays(executor, authors, std::min(wanted, kFillArraysMax), kFillArray, environment.clock.now_ms());
        SALUS_TRY(const Load load, send_arrays(url, authors, arrays, 0, environment.steady));
        if (load.refused > 0) return fail(ErrorCode::kConflict, "the node refused transactions of the benchmark");
        made += load.committed;
        progress.show(made, transactions);
    }
    return made;
}

Result<RawRate> raw_verification(Executor& executor, const std::vector<Author>& authors, double seconds,
                                 const SteadyClock& clock) {
    std::vector<crypto::PublicKey> keys;
    std::vector<const Transaction*> transactions;
    for (const Author& author : authors)
        for (const Transaction& transaction : author.samples()) {
            keys.push_back(transaction.body.signers.front().key());
            transactions.push_back(&transaction);
        }
    std::vector<crypto::VerifyJob> jobs;
    for (std::size_t i = 0; i < transactions.size(); ++i)
        jobs.push_back({&keys[i], transactions[i]->signed_bytes, transactions[i]->signatures.front()});

    constexpr std::size_t kRound = 4096;
    SALUS_TRY(const Usage before, own_usage());
    const Stopwatch watch(clock);
    std::size_t verified = 0;
    for (std::size_t at = 0; watch.seconds() < seconds; at = at + kRound < jobs.size() ? at + kRound : 0) {
        const auto round = std::span(jobs).subspan(at, std::min(kRound, jobs.size() - at));
        for (const char good : crypto::verify_batch(executor, round))
            if (good == 0) return fail(ErrorCode::kInternal, "a signature of the benchmark's own does not verify");
        verified += round.size();
    }
    const double elapsed = watch.seconds();
    SALUS_TRY(const Usage after, own_usage());
    const auto count = static_cast<double>(verified);
    return RawRate{count / elapsed / static_cast<double>(executor.threads()),
                   1e6 * (after.cpu_seconds - before.cpu_seconds) / count};
}

}  // namespace salus::cli::bench
