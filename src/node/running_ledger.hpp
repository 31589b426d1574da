#pragma once

#include "base/platform/process.hpp"
#include "execution/verdict_cache.hpp"
#include "node/ledger_service.hpp"

namespace salus::node {

/// A ledger that runs: store, ledger, engine, submission and service, made and taken apart in their order. Destroying
/// it stops it: what was taken is put into blocks first, as far as the engine can.
class RunningLedger {
public:
    struct Machine {
        const WallClock& wall;
        const SteadyClock& steady;
        Executor& executor;
        Threads& threads;
        Process& process;
    };
    static constexpr std::size_t kVerdicts = std::size_t{1} << 18U;
    /// Makes the engine of a ledger's newest era.
    using MakeEngine = std::function<Result<std::unique_ptr<consensus::Engine>>(const Ledger&)>;

    /// Starts the ledger in `store`; `members` sign envelopes: of the organisations or the account of the node.
    /// Errors: those of the engine; kCorrupt, kIo
    static Result<std::unique_ptr<RunningLedger>> start(std::unique_ptr<store::ChainStore> store,
                                                        const MakeEngine& make_engine,
                                                        std::vector<crypto::SigningKey> members, const Machine& machine,
                                                        const Submission::Limits& limits,
                                                        std::size_t verdicts = kVerdicts);
    ~RunningLedger();
    RunningLedger(const RunningLedger&) = delete;
    RunningLedger& operator=(const RunningLedger&) = delete;

    [[nodiscard]] LedgerService& service() noexcept { return *service_; }
    [[nodiscard]] Ledger& ledger() noexcept { return *ledger_; }

private:
    RunningLedger(std::unique_ptr<store::ChainStore> store, std::size_t verdicts)
        : store_(std::move(store)), verdicts_(verdicts) {}

    std::unique_ptr<store::ChainStore> store_;
    execution::VerdictCache verdicts_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<consensus::Engine> engine_;
    std::unique_ptr<Submission> submission_;
    std::unique_ptr<LedgerService> service_;
};

}  // namespace salus::node
