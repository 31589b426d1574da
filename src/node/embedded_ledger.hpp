#pragma once

#include "consensus/embedded/embedded_engine.hpp"
#include "node/running_ledger.hpp"

namespace salus::node {

/// A ledger of one operator.
struct EmbeddedLedger {
    using Machine = RunningLedger::Machine;
    struct Keys {
        crypto::SigningKey operator_key;
        std::vector<crypto::SigningKey> members;  ///< sign envelopes: of the organisations or the account of the node
    };
    struct Limits {
        consensus::EmbeddedEngine::Limits engine;
        Submission::Limits submission;
        std::size_t verdicts = RunningLedger::kVerdicts;
        bool confirm_clock = false;  ///< an operator says that the clock is right
    };

    /// Starts the ledger in `store`. Errors: kConfig where the operator's key is not the era's; kCorrupt, kIo
    static Result<std::unique_ptr<RunningLedger>> start(std::unique_ptr<store::ChainStore> store, Keys keys,
                                                        const Machine& machine, const Limits& limits);
};

}  // namespace salus::node
