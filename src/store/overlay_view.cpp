#include "store/overlay_view.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "store/snapshot_view.hpp"

namespace salus::store {

Result<std::optional<Bytes>> OverlayView::at(const Hash& path) const {
    const auto found = std::ranges::lower_bound(commit_->changes, path, {}, &StateChange::path);
    if (found != commit_->changes.end() && found->path == path) return found->value;
    return base_->at(path);
}

std::unique_ptr<LogReader> OverlayView::log(Contract contract, const AccountId& owner) const {
    return base_->log(contract, owner);
}

std::unique_ptr<LogReader> OverlayView::history() const { return base_->history(); }

Result<std::optional<Bytes>> OverlayView::node(const NodeId& id) const {
    const auto found = std::ranges::lower_bound(commit_->nodes, id, {}, &NodeWrite::id);
    if (found != commit_->nodes.end() && found->id == id) return found->value;
    return base_->node(id);
}

Result<std::vector<StateLeaf>> OverlayView::leaves(const NodeId& prefix, std::size_t limit) const {
    const auto begin = std::ranges::lower_bound(commit_->changes, prefix.prefix, {}, &StateChange::path);
    const auto end = std::find_if(begin, commit_->changes.end(),
                                  [&](const StateChange& change) { return !lies_under(prefix, change.path); });
    const auto removed =
        static_cast<std::size_t>(std::count_if(begin, end, [](const auto& change) { return !change.value; }));
    const std::size_t from_base = limit > SIZE_MAX - removed ? SIZE_MAX : limit + removed;
    SALUS_TRY(const auto below, base_->leaves(prefix, from_base));

    std::vector<StateLeaf> merged;
    auto old = below.begin();
    for (auto change = begin; merged.size() < limit && (change != end || old != below.end());) {
        if (change == end || (old != below.end() && old->path < change->path)) {
            merged.push_back(*old++);
            continue;
        }
        if (old != below.end() && old->path == change->path) ++old;
        if (change->value) merged.push_back({change->path, crypto::sha256(*change->value)});
        ++change;
    }
    return merged;
}

}  // namespace salus::store
