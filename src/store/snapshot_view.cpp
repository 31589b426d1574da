#include "store/snapshot_view.hpp"

#include <algorithm>
#include <utility>

#include "crypto/hash.hpp"
#include "store/keys.hpp"
#include "store/log_rows.hpp"

namespace salus::store {

bool lies_under(const NodeId& id, const Hash& path) noexcept {
    const std::size_t whole = id.nibbles / 2U;
    if (!std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(whole), id.prefix.begin())) return false;
    return id.nibbles % 2 == 0 || path[whole] >> 4 == id.prefix[whole] >> 4;
}

Result<std::optional<Bytes>> SnapshotView::value(Family family, ByteView key) const {
    if (auto known = values_->find(family, key, version_)) return *std::move(known);
    SALUS_TRY(auto stored, snapshot_->get(family, key));
    values_->note(family, key, stored, version_);
    return stored;
}

Result<std::optional<Bytes>> SnapshotView::at(const Hash& path) const { return value(Family::kState, path); }

std::unique_ptr<LogReader> SnapshotView::log(Contract contract, const AccountId& owner) const {
    return read_log(snapshot_, Family::kLogs, log_prefix(contract, owner));
}

std::unique_ptr<LogReader> SnapshotView::history() const { return read_log(snapshot_, Family::kHistory, {}); }

Result<std::optional<Bytes>> SnapshotView::node(const NodeId& id) const { return value(Family::kNodes, node_key(id)); }

Result<std::vector<StateLeaf>> SnapshotView::leaves(const NodeId& prefix, std::size_t limit) const {
    std::vector<StateLeaf> found;
    auto cursor = std::exchange(*spare_.lock(), nullptr);
    if (!cursor) cursor = snapshot_->cursor(Family::kState);
    for (cursor->seek(prefix.prefix); cursor->valid() && found.size() < limit; cursor->next()) {
        StateLeaf leaf;
        if (cursor->key().size() != leaf.path.size())
            return fail(ErrorCode::kCorrupt, "a stored path has not 32 bytes");
        std::copy(cursor->key().begin(), cursor->key().end(), leaf.path.begin());
        if (!lies_under(prefix, leaf.path)) break;
        leaf.value_hash = crypto::sha256(cursor->value());
        found.push_back(leaf);
    }
    SALUS_TRY_STATUS(cursor->status());
    *spare_.lock() = std::move(cursor);
    return found;
}

}  // namespace salus::store
