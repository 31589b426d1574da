#pragma once

#include "execution/contracts.hpp"

namespace salus::execution {

/// Executes a records::Payload. The rules stand in src/execution/README.md and docs/protocol.md, "Records".
Status run_records(Context& context, ByteView payload);

}  // namespace salus::execution
