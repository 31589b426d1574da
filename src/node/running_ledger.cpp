#include "node/running_ledger.hpp"

namespace salus::node {

Result<std::unique_ptr<RunningLedger>> RunningLedger::start(std::unique_ptr<store::ChainStore> store,
                                                            const MakeEngine& make_engine,
                                                            std::vector<crypto::SigningKey> members,
                                                            const Machine& machine, const Submission::Limits& limits,
                                                            std::size_t verdicts) {
    std::unique_ptr<RunningLedger> made(new RunningLedger(std::move(store), verdicts));
    SALUS_TRY(made->ledger_,
              Ledger::open({*made->store_, made->verdicts_, machine.executor, machine.wall, machine.process}));
    SALUS_TRY(made->engine_, make_engine(*made->ledger_));
    made->submission_ = std::make_unique<Submission>(
        Submission::Parts{*made->ledger_, *made->store_, *made->engine_, machine.threads, machine.wall},
        std::move(members), limits);
    SALUS_TRY(made->service_,
              LedgerService::make({*made->ledger_, *made->store_, *made->engine_, *made->submission_, machine.wall}));
    SALUS_TRY_STATUS(made->engine_->start(*made->ledger_));
    made->submission_->start();
    return made;
}

RunningLedger::~RunningLedger() {
    if (submission_) submission_->stop_intake();
    if (engine_) engine_->stop();
    if (submission_) submission_->abandon();
}

}  // namespace salus::node
