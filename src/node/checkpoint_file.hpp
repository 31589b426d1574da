#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "model/certificate.hpp"
#include "network/ledger_service.hpp"

namespace salus::node {

/// A vault's checkpoint in a file of its own, to be put where an older copy of the node's folder does not reach: it
/// exposes one that was put back whole. The same file as `salus ledger checkpoint` writes. Source: docs/protocol.md,
/// "Checkpoint"
class CheckpointFile {
public:
    using Write = std::function<Status(const std::filesystem::path&, ByteView)>;

    /// Reads `path`, where it is there, and holds the chain to it; warns where it is not, though the vault has `kept`
    /// one before: then nothing tells an older copy. An empty path: nothing is kept.
    /// Errors: kRolledBack where the chain does not contain it, kCorrupt, kIo
    static Result<CheckpointFile> open(std::filesystem::path path, const network::LedgerView& chain,
                                       const std::optional<Checkpoint>& kept);
    /// Of a file that holds `filed`; renewed by `write`, on a thread of its own: another machine's disk may hang.
    CheckpointFile(std::filesystem::path path, std::optional<Checkpoint> filed, Write write);
    /// Leaves a thread that hangs to itself after a while.
    ~CheckpointFile();
    CheckpointFile(CheckpointFile&&) noexcept;
    CheckpointFile& operator=(CheckpointFile&&) = delete;

    /// Has `seen` written soon, where it is higher than what the file holds; the last one asked counts. To be asked
    /// again: what could not be written is tried again then, and is in the log once.
    void keep(const std::optional<Checkpoint>& seen);

private:
    struct Writer;
    std::shared_ptr<Writer> writer_;  ///< shared with its thread; nullptr: nothing is kept
};

}  // namespace salus::node
