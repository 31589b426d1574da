#pragma once

#include "execution/contracts.hpp"

namespace salus::execution {

/// Executes a identity::Payload. The rules stand in src/execution/README.md and docs/protocol.md, "Identity".
Status run_identity(Context& context, ByteView payload);

}  // namespace salus::execution
