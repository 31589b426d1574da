#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "network/ledger_service.hpp"

namespace salus::application {

/// Waits for what another node has seen on the chain already. Thread-safe.
class NewBlocks {
public:
    explicit NewBlocks(network::LedgerService& ledger);
    /// The first view, from the newest on, of which `stands` is true; nullptr where none is within `patience`.
    /// Errors: those of `stands`
    using Stands = std::function<Result<bool>(const network::LedgerView&)>;
    Result<std::shared_ptr<const network::LedgerView>> first_where(const Stands& stands,
                                                                   std::chrono::milliseconds patience) const;

private:
    struct Waiting;
    network::LedgerService& ledger_;
    std::shared_ptr<Waiting> waiting_;  ///< shared with the ledger's listener, which is never taken back
};

}  // namespace salus::application
