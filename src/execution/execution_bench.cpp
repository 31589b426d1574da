#include <benchmark/benchmark.h>

#include "execution/block_builder.hpp"
#include "testkit/world.hpp"

/// What a transaction costs beside its signature (docs/performance.md, "Where the time goes"). Build: cmake --build
/// build/release
/// --target execution_bench
namespace salus::execution {
namespace {

constexpr std::size_t kTransactions = 2000;

using Make = Transaction (*)(testkit::World&, std::uint64_t i);

Transaction file_root(testkit::World& world, std::uint64_t i) {
    return world.by(*world.net.members()[i % 4], audit::Payload{audit::FileRoot{i + 1, testkit::hash_of("root")}});
}

Transaction create_grant(testkit::World& world, std::uint64_t i) {
    const consent::Create create{testkit::id_of<GrantId>(std::to_string(i)), std::nullopt, testkit::hash_of("terms"),
                                 (world.now_ms / kHourMs + 1) * kHourMs};
    return world.by(*world.net.members()[i % 4], consent::Payload{create});
}

Transaction file_disclosure(testkit::World& world, std::uint64_t i) {
    const disclosure::File file{testkit::hash_of(std::to_string(i)), std::nullopt, testkit::kPolicyVersion,
                                testkit::hash_of("manifest"), 0};
    return world.by(*world.net.members()[i % 4], disclosure::Payload{file});
}

Transaction append_leaves(testkit::World& world, std::uint64_t i) {
    records::Append append{16 * (i / 4), Bytes(32 * 16), {}};
    return world.by(*world.net.members()[i % 4], records::Payload{append});
}

/// A block of kTransactions, all of whose signatures are known to be good. Time a transaction: 1 / items_per_second.
void execute_block(benchmark::State& state, Make make) {
    testkit::World world;
    std::vector<Bytes> envelopes;
    for (std::size_t i = 0; i < kTransactions; i += 250) {
        std::vector<Transaction> batch;
        for (std::size_t k = i; k < i + 250; ++k) {
            batch.push_back(make(world, k));
            world.verdicts.remember(batch.back().verdict_key);
        }
        envelopes.push_back(world.envelope(batch, world.net.hospital_a.key));
    }
    for (auto _ : state) {
        const auto result = world.execute(envelopes);
        if (!result.block || result.block->header.tx_count != kTransactions) state.SkipWithError("left out");
        benchmark::DoNotOptimize(result.hash);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kTransactions));
}
BENCHMARK_CAPTURE(execute_block, audit_root, file_root)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(execute_block, grant, create_grant)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(execute_block, disclosure, file_disclosure)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(execute_block, append_16_leaves, append_leaves)->Unit(benchmark::kMillisecond);

/// The contracts and admission alone: no envelope, no parsing, no tree.
void run_contracts(benchmark::State& state, Make make) {
    testkit::World world;
    std::vector<Transaction> made;
    for (std::size_t i = 0; i < kTransactions; ++i) made.push_back(make(world, i));
    const Parent parent = world.parent();
    for (auto _ : state) {
        state.PauseTiming();
        auto batch = made;
        auto builder = BlockBuilder::begin(parent, world.now_ms, std::nullopt).value();
        state.ResumeTiming();
        for (Transaction& transaction : batch)
            if (builder.add(std::move(transaction), world.net.payer.id()).value() != ErrorCode::kOk)
                state.SkipWithError("left out");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kTransactions));
}
BENCHMARK_CAPTURE(run_contracts, audit_root, file_root)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_contracts, grant, create_grant)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_contracts, disclosure, file_disclosure)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_contracts, append_16_leaves, append_leaves)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace salus::execution

BENCHMARK_MAIN();
