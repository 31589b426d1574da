#pragma once

#include <optional>

#include "application/vault/database.hpp"
#include "model/certificate.hpp"
#include "model/merkle_log.hpp"

/// The highest block that a vault has seen certified, kept in the vault: whatever rests on a block stands beside that
/// block's hash, and a chain that does not hold it is found out, also where all records are as they were. Source:
/// docs/protocol.md, "Checkpoint"
namespace salus::application {

/// Errors: kIo, kCorrupt
Result<std::optional<Checkpoint>> kept_checkpoint(Reading& reading);
/// Keeps `seen` where it is higher: by era, then height. Errors: as above
Status keep_checkpoint(Writing& writing, const Checkpoint& seen);

/// Whether the chain that ends with `tip` holds the checkpoint's block. `history`: of the hashes of its blocks.
/// Errors: kRolledBack, saying how; those of `history`
Status continues(const Checkpoint& kept, const BlockHeader& tip, const LogReader& history);

}  // namespace salus::application
