#pragma once

#include "base/mutex.hpp"
#include "store/chain_store.hpp"
#include "store/kv.hpp"
#include "store/newest_values.hpp"

namespace salus::store {

/// The newest version at some moment, read from a snapshot.
class SnapshotView final : public StoreView {
public:
    /// Pre: the snapshot is of this version
    SnapshotView(std::shared_ptr<const Snapshot> snapshot, StoredTip tip, std::shared_ptr<NewestValues> values,
                 NewestValues::Version version)
        : snapshot_(std::move(snapshot)), tip_(std::move(tip)), values_(std::move(values)), version_(version) {}

    [[nodiscard]] const std::shared_ptr<const Snapshot>& snapshot() const noexcept { return snapshot_; }

    [[nodiscard]] NewestValues::Version version() const noexcept { return version_; }

    [[nodiscard]] const StoredTip& tip() const override { return tip_; }
    [[nodiscard]] Result<std::optional<Bytes>> at(const Hash& path) const override;
    [[nodiscard]] std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const override;
    [[nodiscard]] std::unique_ptr<LogReader> history() const override;
    [[nodiscard]] Result<std::optional<Bytes>> node(const NodeId& id) const override;
    [[nodiscard]] Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override;

private:
    [[nodiscard]] Result<std::optional<Bytes>> value(Family family, ByteView key) const;

    std::shared_ptr<const Snapshot> snapshot_;
    StoredTip tip_;
    std::shared_ptr<NewestValues> values_;
    NewestValues::Version version_;
    /// To make a cursor costs more than to move it, and a block's update asks for the leaves of thousands of subtrees.
    mutable Guarded<std::unique_ptr<Cursor>> spare_;
};

/// Whether `path` lies in the subtree of `id`.
bool lies_under(const NodeId& id, const Hash& path) noexcept;

}  // namespace salus::store
