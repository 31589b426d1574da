#pragma once

#include "consensus/cometbft/cometbft_engine.hpp"
#include "node/cometbft_files.hpp"
#include "node/running_ledger.hpp"

namespace salus::node {

/// A ledger of many organisations, which this node keeps with a CometBFT of its own.
struct CometBftLedger {
    using Machine = RunningLedger::Machine;
    struct Keys {
        crypto::SigningKey validator_key;         ///< for votes, and for connections to other nodes
        std::vector<crypto::SigningKey> members;  ///< sign envelopes: of the organisations or the account of the node
    };
    struct Limits {
        consensus::CometBftEngine::Limits engine;
        Submission::Limits submission;
        std::chrono::milliseconds first_certificates{60'000};  ///< of what a crash left without
    };

    /// Starts the ledger in `store`, and CometBFT beside it with its files in `settings.home`.
    /// Returns when readers are shown all that is durable. Errors: kConfig where CometBFT is not there or of another
    /// release; kUnavailable where it does not go on; kCorrupt, kIo
    static Result<std::unique_ptr<RunningLedger>> start(std::unique_ptr<store::ChainStore> store, Keys keys,
                                                        const CometBftSettings& settings, const Machine& machine,
                                                        const Limits& limits);
};

}  // namespace salus::node
