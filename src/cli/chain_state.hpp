#pragma once

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

}  // namespace salus::cli
