#pragma once

#include "execution/contracts.hpp"

namespace salus::execution {

/// Executes a consent::Payload. The rules stand in src/execution/README.md and docs/protocol.md, "Consent".
Status run_consent(Context& context, ByteView payload);

}  // namespace salus::execution
