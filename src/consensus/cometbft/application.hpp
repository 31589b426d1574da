#pragma once

#include <abci.pb.h>

#include <functional>

#include "base/mutex.hpp"
#include "consensus/port.hpp"

namespace salus::consensus {

/// ABCI's application: CometBFT's calls onto the ledger. Any connection may ask anything, at the same time; what makes
/// blocks goes one after the other.
///
/// Invariant: of an engine block nothing is durable before Commit, so that the ledger is never ahead of CometBFT; one
/// that was finalised and not committed when CometBFT died is answered again as it was, not executed twice.
class Application {
public:
    /// An engine block that the ledger has just made durable.
    struct Committed {
        EngineHeight engine = 0;
        Outcome outcome;
        std::vector<Hash> envelopes;  ///< SHA-256 of each
    };

    /// `named`: peers that the operator names. One of which the chain does not know yet is let in: a node that joins
    /// reaches validators that came after the genesis. Not one that the chain shuts out.
    Application(Ledger& ledger, EraRecord era, std::vector<ValidatorId> named,
                std::function<void(const Committed&)> on_committed)
        : ledger_(ledger), era_(std::move(era)), named_(std::move(named)), on_committed_(std::move(on_committed)) {}

    /// Errors: what CometBFT is told as an exception, at which it stops: kUnsupported, kMalformedEncoding, kConflict
    Result<abci::Response> answer(const abci::Request& request);

private:
    struct Finalised {
        std::string block;  ///< CometBFT's hash of it
        abci::FinalizeBlockResponse response;
        Committed committed;
    };

    [[nodiscard]] EngineHeight height() const;
    [[nodiscard]] bool lets_in(const ValidatorId& peer) const;
    Result<abci::InitChainResponse> init_chain(const abci::InitChainRequest& request);
    [[nodiscard]] abci::QueryResponse query(const abci::QueryRequest& request) const;
    Result<abci::PrepareProposalResponse> prepare(const abci::PrepareProposalRequest& request);
    Result<abci::ProcessProposalResponse> process(const abci::ProcessProposalRequest& request);
    Result<abci::FinalizeBlockResponse> finalise(const abci::FinalizeBlockRequest& request);
    Status commit();

    Ledger& ledger_;
    const EraRecord era_;
    const std::vector<ValidatorId> named_;
    const std::function<void(const Committed&)> on_committed_;
    Guarded<std::optional<Finalised>> finalised_;  ///< not committed
};

}  // namespace salus::consensus
