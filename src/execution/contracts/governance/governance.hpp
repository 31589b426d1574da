#pragma once

#include "execution/contracts.hpp"

namespace salus::execution {

/// Executes a governance::Payload. The rules stand in src/execution/README.md and docs/protocol.md, "Governance".
Status run_governance(Context& context, ByteView payload);

}  // namespace salus::execution
