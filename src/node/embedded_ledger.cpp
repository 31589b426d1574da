#include "node/embedded_ledger.hpp"

namespace salus::node {

Result<std::unique_ptr<EmbeddedLedger>> EmbeddedLedger::start(std::unique_ptr<store::ChainStore> store, Keys keys,
                                                              const Machine& machine, const Limits& limits) {
    std::unique_ptr<EmbeddedLedger> made(new EmbeddedLedger(std::move(store), limits.verdicts));
    SALUS_TRY(made->ledger_,
              Ledger::open({*made->store_, made->verdicts_, machine.executor, machine.wall, machine.process}));
    made->engine_ = std::make_unique<consensus::EmbeddedEngine>(
        made->ledger_->network(), made->ledger_->eras().back(), std::move(keys.operator_key),
        consensus::EmbeddedEngine::Machine{machine.wall, machine.steady, machine.threads}, limits.engine);
    made->submission_ = std::make_unique<Submission>(
        Submission::Parts{*made->ledger_, *made->store_, *made->engine_, machine.threads, machine.wall},
        std::move(keys.members), limits.submission);
    SALUS_TRY(made->service_,
              LedgerService::make({*made->ledger_, *made->store_, *made->engine_, *made->submission_, machine.wall}));
    SALUS_TRY_STATUS(made->engine_->start(*made->ledger_));
    made->submission_->start();
    return made;
}

EmbeddedLedger::~EmbeddedLedger() {
    if (submission_) submission_->stop_intake();
    if (engine_) engine_->stop();
    if (submission_) submission_->abandon();
}

}  // namespace salus::node
