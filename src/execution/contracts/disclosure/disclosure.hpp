#pragma once

#include "execution/contracts.hpp"

namespace salus::execution {

/// Executes a disclosure::Payload. The rules stand in src/execution/README.md and docs/protocol.md, "Disclosure".
Status run_disclosure(Context& context, ByteView payload);

}  // namespace salus::execution
