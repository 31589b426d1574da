#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <thread>

#include "node/embedded_ledger.hpp"
#include "node/founding.hpp"
#include "node/platform.hpp"
#include "testkit/world.hpp"

/// How fast one embedded node takes transactions, without HTTP: ledger_bench [transactions] [array] [directory].
/// Each is an attested grant: one signature, two new keys in the state.
namespace salus::node {
namespace {

using std::chrono::steady_clock;

double seconds_since(steady_clock::time_point start) {
    return std::chrono::duration<double>(steady_clock::now() - start).count();
}

std::vector<Bytes> make_transactions(testkit::World& world, std::size_t count) {
    std::vector<Bytes> made;
    made.reserve(count);
    testing::SeededRandom random;
    world.lifetime_ms = kWindowMs - 5000;
    for (std::size_t i = 0; i < count; ++i) {
        consent::Create create;
        create.grant = random.id<GrantId>();
        create.terms = random.bytes<32>();
        create.not_after_ms = (world.now_ms / kHourMs + 100) * kHourMs;
        made.push_back(world.by(*world.net.members().at(i % 2), consent::Payload{create}).bytes);
    }
    return made;
}

/// Sends all, as fast as the node takes them, and waits for the last answer. Gives the good ones.
std::size_t send_all(LedgerService& service, std::vector<Bytes> transactions, std::size_t array) {
    std::vector<std::future<std::size_t>> answers;
    for (std::size_t begin = 0; begin < transactions.size(); begin += array) {
        const auto first = transactions.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto last =
            transactions.begin() + static_cast<std::ptrdiff_t>(std::min(begin + array, transactions.size()));
        const std::vector<Bytes> some(first, last);
        auto promise = std::make_shared<std::promise<std::size_t>>();
        answers.push_back(promise->get_future());
        const auto done = [promise](const network::LedgerService::Answer& answer) {
            promise->set_value(static_cast<std::size_t>(
                std::ranges::count_if(answer, [](const auto& one) { return one && one->receipt.code == 0; })));
        };
        while (!service.submit(some, done)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::size_t good = 0;
    for (auto& answer : answers) good += answer.get();
    return good;
}

int run(std::size_t count, std::size_t array, const std::filesystem::path& directory) {
    RealWallClock wall;
    testkit::World world(testkit::make_consortium([&](Genesis& genesis) { genesis.time_ms = wall.now_ms(); }));
    const auto signing = steady_clock::now();
    const auto transactions = make_transactions(world, count);
    const std::size_t bytes = transactions.front().size();
    std::printf("signed %zu transactions of %zu bytes in %.2f s\n", count, bytes, seconds_since(signing));

    BootTimeClock steady;
    OsThreads threads;
    OsProcess process;
    ThreadPool pool(std::max(1U, std::thread::hardware_concurrency()));
    const auto founding = founding_of(world.net.genesis_bytes).value();
    std::vector<crypto::SigningKey> members;
    members.push_back(crypto::SigningKey::from_seed(world.net.hospital_a.key.seed().clone()));
    auto running = EmbeddedLedger::start(
                       store::open_rocksdb(directory / "chain", &founding).value(),
                       {crypto::SigningKey::from_seed(world.net.operator_key.seed().clone()), std::move(members)},
                       {wall, steady, pool, threads, process}, {})
                       .value();
    LedgerService& service = running->service();
    const auto start = steady_clock::now();
    const std::clock_t cpu = std::clock();
    const std::size_t good = send_all(service, transactions, array);
    const double seconds = seconds_since(start);
    const double cpu_us = 1e6 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / static_cast<double>(count);
    const auto height = service.view()->header().height;
    std::printf("%zu of %zu good, %.0f transactions a second, %.1f us of CPU each, %llu blocks\n", good, count,
                static_cast<double>(count) / seconds, cpu_us, static_cast<unsigned long long>(height));
    running.reset();
    std::uintmax_t size = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "chain")) size += entry.file_size();
    std::printf("%.0f bytes on disk each\n", static_cast<double>(size) / static_cast<double>(count));
    return good == count ? 0 : 1;
}

}  // namespace
}  // namespace salus::node

int main(int argc, char** argv) {
    const auto number = [&](int at, std::size_t otherwise) {
        return argc > at ? static_cast<std::size_t>(std::strtoull(argv[at], nullptr, 10)) : otherwise;
    };
    const std::filesystem::path directory =
        argc > 3 ? std::filesystem::path(argv[3]) : std::filesystem::temp_directory_path() / "salus-ledger-bench";
    std::filesystem::remove_all(directory);
    const int status = salus::node::run(number(1, 100'000), number(2, 500), directory);
    std::filesystem::remove_all(directory);
    return status;
}
