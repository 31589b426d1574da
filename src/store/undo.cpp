#include "store/undo.hpp"

#include <map>
#include <string>

#include "store/keys.hpp"
#include "store/overlay_view.hpp"

namespace salus::store {
namespace {

/// What stood after block `height` at every path that changed since: the oldest record that has a path tells.
Result<std::vector<StateChange>> changes_back_to(const SnapshotView& newest, Height height, std::size_t bytes_max) {
    std::map<Hash, std::optional<Bytes>> then;
    for (Height at = height + 1; at <= newest.tip().header.height; ++at) {
        SALUS_TRY(const auto bytes, newest.snapshot()->get(Family::kUndo, height_key(at)));
        if (!bytes)
            return fail(ErrorCode::kGone, "the state after block " + std::to_string(height) + " is no longer kept");
        if (bytes->size() > bytes_max)
            return fail(ErrorCode::kTooLarge, "too much has changed since block " + std::to_string(height) +
                                                  " to show the state behind it: ask for a later block");
        bytes_max -= bytes->size();
        auto record = codec::decode<UndoRecord>(*bytes);
        if (!record)
            return fail(ErrorCode::kCorrupt, "the undo record of block " + std::to_string(at) + " does not decode",
                        record.error());
        for (UndoEntry& entry : record->entries)
            then.try_emplace(entry.path, entry.present ? std::optional(std::move(entry.value)) : std::nullopt);
    }
    std::vector<StateChange> changes;
    changes.reserve(then.size());
    for (auto& [path, value] : then) changes.push_back({path, std::move(value)});
    return changes;
}

/// The frontier of the history's first `count` blocks, from its stored nodes.
Result<LogFrontier> frontier_at(const LogReader& history, std::uint64_t count) {
    LogFrontier frontier;
    frontier.count = count;
    std::uint64_t covered = 0;
    for (unsigned level = 64; level-- > 0;) {
        if ((count >> level & 1U) == 0) continue;
        SALUS_TRY(const Hash peak, history.node(level, covered >> level));
        frontier.peaks.push_back(peak);
        covered += std::uint64_t{1} << level;
    }
    return frontier;
}

}  // namespace

Result<UndoRecord> undo_record(const StoreView& before, std::span<const StateChange> changes) {
    UndoRecord record;
    record.entries.reserve(changes.size());
    for (const StateChange& change : changes) {
        SALUS_TRY(auto value, before.at(change.path));
        record.entries.push_back({change.path, value.has_value(), value ? *std::move(value) : Bytes{}});
    }
    return record;
}

Result<std::shared_ptr<const StoreView>> past_view(std::shared_ptr<const SnapshotView> newest,
                                                   const BlockHeader& header, std::size_t bytes_max) {
    const auto back = std::make_shared<Commit>();
    SALUS_TRY(back->changes, changes_back_to(*newest, header.height, bytes_max));
    SALUS_TRY(auto tree, update_tree(*newest, back->changes));
    if (tree.root != header.state_root)
        return fail(ErrorCode::kCorrupt,
                    "the state does not lead back to the root of block " + std::to_string(header.height));
    StoredTip tip;
    tip.era = header.era;
    tip.engine_time_ms = header.time_ms;
    tip.header = header;
    tip.hash = header.height == 0 ? header.network_id.bytes : header.hash();
    SALUS_TRY(tip.history, frontier_at(*newest->history(), header.height));
    back->nodes = std::move(tree.nodes);
    return std::make_shared<const OverlayView>(std::move(newest), std::move(tip), back);
}

}  // namespace salus::store
