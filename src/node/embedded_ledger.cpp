#include "node/embedded_ledger.hpp"

namespace salus::node {

Result<std::unique_ptr<RunningLedger>> EmbeddedLedger::start(std::unique_ptr<store::ChainStore> store, Keys keys,
                                                             const Machine& machine, const Limits& limits) {
    consensus::EmbeddedEngine* engine = nullptr;
    const auto make_engine = [&](const Ledger& ledger) -> Result<std::unique_ptr<consensus::Engine>> {
        auto made = std::make_unique<consensus::EmbeddedEngine>(
            ledger.network(), ledger.eras().back(), std::move(keys.operator_key),
            consensus::EmbeddedEngine::Machine{machine.wall, machine.steady, machine.threads}, limits.engine);
        engine = made.get();
        return std::unique_ptr<consensus::Engine>(std::move(made));
    };
    auto running = RunningLedger::start(std::move(store), make_engine, std::move(keys.members), machine,
                                        limits.submission, limits.verdicts);
    if (running && limits.confirm_clock) engine->confirm_clock();
    return running;
}

}  // namespace salus::node
