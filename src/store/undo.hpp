#pragma once

#include "store/kv.hpp"
#include "store/records.hpp"
#include "store/snapshot_view.hpp"

/// Past versions of the state: undo records of the newest blocks.
namespace salus::store {

/// Past versions are kept for so many blocks, or for so long, whichever is more.
inline constexpr Height kUndoBlocks = 1024;
inline constexpr TimeMs kUndoMs = 10 * 60 * 1000;

/// The record that takes `changes` back. `before` shows the state before them. Errors: those of the reader
Result<UndoRecord> undo_record(const StoreView& before, std::span<const StateChange> changes);

/// The state after block `height`, out of `newest` and the records above; its tree is recomputed and must have the root
/// that the block's header names. Pre: height <= newest.tip().header.height Errors: kGone where a record is missing,
/// kTooLarge where the records have more bytes than `bytes_max` together, kCorrupt, kIo
Result<std::shared_ptr<const StoreView>> past_view(std::shared_ptr<const SnapshotView> newest,
                                                   const BlockHeader& header, std::size_t bytes_max);

}  // namespace salus::store
