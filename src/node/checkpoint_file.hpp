#pragma once

#include <filesystem>
#include <optional>

#include "model/certificate.hpp"
#include "network/ledger_service.hpp"

namespace salus::node {

/// A vault's checkpoint in a file of its own, to be put where an older copy of the node's folder does not reach: it
/// exposes one that was put back whole. The same file as `salus ledger checkpoint` writes. Source: docs/protocol.md,
/// "Checkpoint"
class CheckpointFile {
public:
    /// Reads `path`, where it is there, and holds the chain to it. An empty path: nothing is kept.
    /// Errors: kRolledBack where the chain does not contain it, kCorrupt, kIo
    static Result<CheckpointFile> open(std::filesystem::path path, const network::LedgerView& chain);

    /// Writes `seen` where it is higher than what the file holds. Errors: kIo
    Status keep(const std::optional<Checkpoint>& seen);

private:
    std::filesystem::path path_;
    std::optional<Checkpoint> filed_;
};

}  // namespace salus::node
