#pragma once

#include <filesystem>

#include "base/platform/process.hpp"
#include "consensus/embedded/embedded_engine.hpp"
#include "execution/verdict_cache.hpp"
#include "node/ledger_service.hpp"

namespace salus::node {

/// A ledger of one operator that runs: store, ledger, embedded engine, submission and service, made and taken apart in
/// their order. Destroying it stops it: what was taken is put into blocks first.
class EmbeddedLedger {
public:
    struct Machine {
        const WallClock& wall;
        const SteadyClock& steady;
        Executor& executor;
        Threads& threads;
        Process& process;
    };
    struct Keys {
        crypto::SigningKey operator_key;
        std::vector<crypto::SigningKey> members;  ///< sign envelopes: of the organisations or the account of the node
    };
    struct Limits {
        consensus::EmbeddedEngine::Limits engine;
        Submission::Limits submission;
        std::size_t verdicts = std::size_t{1} << 18U;
    };

    /// Starts the ledger in `store`. Errors: kConfig where the operator's key is not the era's; kCorrupt, kIo
    static Result<std::unique_ptr<EmbeddedLedger>> start(std::unique_ptr<store::ChainStore> store, Keys keys,
                                                         const Machine& machine, const Limits& limits);
    ~EmbeddedLedger();
    EmbeddedLedger(const EmbeddedLedger&) = delete;
    EmbeddedLedger& operator=(const EmbeddedLedger&) = delete;

    [[nodiscard]] LedgerService& service() noexcept { return *service_; }
    [[nodiscard]] Ledger& ledger() noexcept { return *ledger_; }
    /// An operator says that the clock is right.
    void confirm_clock() { engine_->confirm_clock(); }

private:
    EmbeddedLedger(std::unique_ptr<store::ChainStore> store, std::size_t verdicts)
        : store_(std::move(store)), verdicts_(verdicts) {}

    std::unique_ptr<store::ChainStore> store_;
    execution::VerdictCache verdicts_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<consensus::EmbeddedEngine> engine_;
    std::unique_ptr<Submission> submission_;
    std::unique_ptr<LedgerService> service_;
};

}  // namespace salus::node
