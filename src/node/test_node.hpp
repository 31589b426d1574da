#pragma once

#include "consensus/testing/simulated_engine.hpp"
#include "execution/verdict_cache.hpp"
#include "node/founding.hpp"
#include "node/ledger.hpp"
#include "store/memory_kv.hpp"
#include "testing/platform.hpp"

/// For tests: a ledger on a disk in memory that can lose power. FOR TESTS ONLY.
namespace salus::node {

class MemoryNode final : public consensus::SimulatedNode {
public:
    /// `verdicts`: those of other nodes; that they have judged what it has not must change nothing of what it computes.
    MemoryNode(ByteView genesis, std::uint64_t seed, std::shared_ptr<execution::VerdictCache> verdicts = nullptr)
        : random_(seed), others_verdicts_(std::move(verdicts)) {
        const auto founding = founding_of(genesis).value();
        store_ = store::open_memory(disk_, &founding).value();
        open();
    }

    [[nodiscard]] Ledger& ledger() override { return *ledger_; }
    [[nodiscard]] const store::ChainStore& store() const { return *store_; }
    void crash() override {
        ledger_.reset();
        store_.reset();
        disk_.fail_when({});
        disk_.crash(random_.below(disk_.unsynced() + 1));
        store_ = store::open_memory(disk_, nullptr).value();
        open();
    }
    void fail_after(std::size_t operations) override {
        operations_left_ = operations;
        disk_.fail_when([this](store::MemoryDisk::Operation) { return operations_left_-- == 0; });
    }

    testing::ManualClock clock;

private:
    void open() {
        verdicts_ = others_verdicts_ && random_.below(4) > 0 ? others_verdicts_
                                                             : std::make_shared<execution::VerdictCache>(1024);
        ledger_ = Ledger::open({*store_, *verdicts_, executor_, clock, process_}).value();
    }

    testing::SeededRandom random_;
    std::size_t operations_left_ = 0;
    testing::InlineExecutor executor_;
    testing::DyingProcess process_;
    store::MemoryDisk disk_;
    std::unique_ptr<store::ChainStore> store_;
    std::shared_ptr<execution::VerdictCache> others_verdicts_;
    std::shared_ptr<execution::VerdictCache> verdicts_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace salus::node
