#include "node/cometbft_ledger.hpp"

#include <poll.h>

#include "node/cometbft_process.hpp"

namespace salus::node {
namespace {

/// A crash leaves blocks that no certificate has shown yet. What an organisation keeps may rest on them: it would find
/// the chain rolled back.
Status wait_until_shown(const Ledger& ledger, const SteadyClock& steady, std::chrono::milliseconds patience) {
    const auto began = steady.now();
    while (const auto block = ledger.uncertified(0)) {
        if (steady.now() - began > patience)
            return fail(ErrorCode::kUnavailable, "nothing vouches for block " + std::to_string(block->height) +
                                                     " yet: CometBFT has not gone on, as where too few nodes run");
        ::poll(nullptr, 0, 20);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<RunningLedger>> CometBftLedger::start(std::unique_ptr<store::ChainStore> store, Keys keys,
                                                             const CometBftSettings& settings, const Machine& machine,
                                                             const Limits& limits) {
    const store::ChainStore& chain = *store;
    const auto make_engine = [&](const Ledger& ledger) -> Result<std::unique_ptr<consensus::Engine>> {
        const EraRecord era = ledger.eras().back();
        SALUS_TRY(const BlockHeader parent, chain.header(era.first_height - 1));
        // Block 1 has the time of CometBFT's genesis, which lies behind that of the block before it.
        SALUS_TRY_STATUS(
            write_cometbft_files(settings, era, parent.time_ms + (era.era > 1 ? 1 : 0), keys.validator_key));
        return std::make_unique<consensus::CometBftEngine>(
            era, consensus::CometBftEngine::Place{settings.socket(), "http://" + settings.rpc, settings.peer_ids()},
            std::make_unique<CometBftProcess>(settings, machine.threads),
            consensus::CometBftEngine::Machine{machine.steady, machine.threads}, limits.engine);
    };
    SALUS_TRY(auto running,
              RunningLedger::start(std::move(store), make_engine, std::move(keys.members), machine, limits.submission));
    SALUS_TRY_STATUS(wait_until_shown(running->ledger(), machine.steady, limits.first_certificates));
    return running;
}

}  // namespace salus::node
