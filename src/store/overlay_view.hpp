#pragma once

#include "store/chain_store.hpp"

namespace salus::store {

/// A version that differs from another by some changes: the block that is not written yet, or one long ago. Its logs
/// are those of the version below. Cheap to make; a read costs a binary search more.
class OverlayView final : public StoreView {
public:
    /// Only the state's changes and nodes of `commit` are looked at.
    OverlayView(std::shared_ptr<const StoreView> base, StoredTip tip, std::shared_ptr<const Commit> commit)
        : base_(std::move(base)), tip_(std::move(tip)), commit_(std::move(commit)) {}

    [[nodiscard]] const StoredTip& tip() const override { return tip_; }
    [[nodiscard]] Result<std::optional<Bytes>> at(const Hash& path) const override;
    [[nodiscard]] std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const override;
    [[nodiscard]] std::unique_ptr<LogReader> history() const override;
    [[nodiscard]] Result<std::optional<Bytes>> node(const NodeId& id) const override;
    [[nodiscard]] Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override;

private:
    std::shared_ptr<const StoreView> base_;
    StoredTip tip_;
    std::shared_ptr<const Commit> commit_;
};

}  // namespace salus::store
