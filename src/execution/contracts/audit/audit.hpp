#pragma once

#include "execution/contracts.hpp"

namespace salus::execution {

/// Executes a audit::Payload. The rules stand in src/execution/README.md and docs/protocol.md, "Audit".
Status run_audit(Context& context, ByteView payload);

}  // namespace salus::execution
