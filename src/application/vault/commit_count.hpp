#pragma once

#include <filesystem>
#include <memory>

#include "application/vault/database.hpp"
#include "base/sync_mark.hpp"

namespace salus::application {

/// How many commits a database has seen: in the file, with each of them, and in a mark beside it once that one is
/// synced. SQLite takes a log for ended where a bit in it flipped, and for empty where it was cut off or taken away;
/// where the file shows fewer commits than the mark, some are lost. For one thread at a time.
class CommitCount {
public:
    /// The number in the mark beside `file`. Errors: kIo
    static Result<std::uint64_t> synced(const std::filesystem::path& file);
    /// Errors: kCorrupt where `reading`, of `file`, shows fewer than were synced; kIo
    static Status check(const std::filesystem::path& file, Reading& reading);
    /// Begins where nothing was counted yet. Errors: as of check
    static Result<std::unique_ptr<CommitCount>> open(const std::filesystem::path& file, Writing& writing);

    /// Pre: in the transaction that is counted
    static Status add(Writing& writing);
    /// The transaction in which `add` was called is on the disk.
    Status mark() { return mark_->set(mark_->value() + 1); }

private:
    explicit CommitCount(std::unique_ptr<SyncMark> mark) : mark_(std::move(mark)) {}
    std::unique_ptr<SyncMark> mark_;
};

}  // namespace salus::application
