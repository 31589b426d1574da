#pragma once

#include "cli/command.hpp"
#include "model/evidence.hpp"

namespace salus::cli {

/// Whether a file begins as an exported chain does.
bool is_exported_chain(ByteView bytes) noexcept;

/// Checks a whole exported chain from its genesis: form, signatures, links, certificates, and, by executing every block
/// again, what became of each transaction. `network` and `checkpoint` are what it must be consistent with.
Verdict verify_chain(ByteView bytes, const std::optional<NetworkId>& network,
                     const std::optional<Checkpoint>& checkpoint, Environment& environment);

}  // namespace salus::cli
