#pragma once

#include "base/mutex.hpp"
#include "store/chain_store.hpp"
#include "store/kv.hpp"

namespace salus::store {

/// The newest version at some moment, read from a snapshot.
class SnapshotView final : public StoreView {
public:
    SnapshotView(std::shared_ptr<const Snapshot> snapshot, StoredTip tip)
        : snapshot_(std::move(snapshot)), tip_(std::move(tip)) {}

    [[nodiscard]] const std::shared_ptr<const Snapshot>& snapshot() const noexcept { return snapshot_; }

    [[nodiscard]] const StoredTip& tip() const override { return tip_; }
    [[nodiscard]] Result<std::optional<Bytes>> at(const Hash& path) const override;
    [[nodiscard]] std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const override;
    [[nodiscard]] std::unique_ptr<LogReader> history() const override;
    [[nodiscard]] Result<std::optional<Bytes>> node(const NodeId& id) const override;
    [[nodiscard]] Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override;

private:
    std::shared_ptr<const Snapshot> snapshot_;
    StoredTip tip_;
    /// To make a cursor costs more than to move it, and a block's update asks for the leaves of thousands of subtrees.
    mutable Guarded<std::unique_ptr<Cursor>> spare_;
};

/// Whether `path` lies in the subtree of `id`.
bool lies_under(const NodeId& id, const Hash& path) noexcept;

}  // namespace salus::store
