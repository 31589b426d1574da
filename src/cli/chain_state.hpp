#pragma once

#include <map>

#include "cli/api.hpp"
#include "model/state.hpp"

namespace salus::cli {

/// The state of the chain as a node tells it, for what a command needs to know before it signs. Proves nothing: what
/// must be proven is in evidence files.
class ChainState final : public StateReader {
public:
    /// Pre: `api` outlives it
    explicit ChainState(Api& api) : api_(api) {}
    /// Errors: those of Api::call
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override;

private:
    Api& api_;
};

/// What organisations are called on the chain, as a node tells it; each is asked for once.
class OrganisationNames {
public:
    /// Pre: `api` outlives it
    explicit OrganisationNames(Api& api) : chain_(api) {}
    /// The name, printable; the address where the chain has none, or cannot be asked.
    const std::string& of(const AccountId& organisation);

private:
    ChainState chain_;
    std::map<AccountId, std::string> known_;
};

}  // namespace salus::cli
