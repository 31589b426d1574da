#pragma once

#include <atomic>
#include <mutex>

#include "base/mutex.hpp"
#include "store/chain_store.hpp"
#include "store/kv.hpp"
#include "store/snapshot_view.hpp"

namespace salus::store {

/// The chain store over any Kv.
///
/// Invariants: newest_ shows exactly what was written; after a failed write or sync nothing is written any more.
class KvChainStore final : public ChainStore {
public:
    /// Founds where `founding` is given; else reads where the last commit left off. At most about `values_bytes_max` of
    /// the newest state are kept in memory.
    /// Errors: as open_rocksdb
    static Result<std::unique_ptr<KvChainStore>> open(std::unique_ptr<Kv> kv, const Founding* founding,
                                                      std::size_t values_bytes_max);

    Status write(const Commit& commit) override;
    Status sync() override;
    Status put_certificate(Height height, const Certificate& certificate, bool changes_validators) override;

    [[nodiscard]] std::shared_ptr<const StoreView> view() const override { return newest(); }
    [[nodiscard]] Result<std::shared_ptr<const StoreView>> view_at(Height height,
                                                                   std::size_t undo_bytes_max) const override;

    [[nodiscard]] Result<Block> block(Height height) const override;
    [[nodiscard]] Result<BlockHeader> header(Height height) const override;
    [[nodiscard]] Result<std::optional<Certificate>> certificate(Height height) const override;
    [[nodiscard]] Result<std::vector<Height>> validator_changes(Era era) const override;
    [[nodiscard]] Result<std::optional<StoredPlace>> find(const TxId& id) const override;
    [[nodiscard]] Result<std::vector<EraRecord>> eras() const override;
    [[nodiscard]] Result<std::vector<ProvenState>> era_states(Era era) const override;
    [[nodiscard]] Result<Bytes> genesis() const override;
    [[nodiscard]] std::vector<std::string> damaged_files(
        const std::function<void(std::uint64_t, std::uint64_t)>& progress) const override;

private:
    KvChainStore(std::unique_ptr<Kv> kv, std::size_t values_bytes_max)
        : kv_(std::move(kv)), values_(std::make_shared<NewestValues>(values_bytes_max)) {}

    Status load();
    [[nodiscard]] std::shared_ptr<const SnapshotView> newest() const { return *newest_.lock(); }
    Status put_block(Batch& batch, const SnapshotView& before, const Commit& commit, StoredTip& tip);
    Status prune_undo(Batch& batch, const StoredTip& tip);
    Status write_batch(Batch& batch);
    [[nodiscard]] Status refuse_if_failed() const;

    std::unique_ptr<Kv> kv_;
    std::shared_ptr<NewestValues> values_;
    std::mutex writing_;
    std::atomic<Height> undo_from_{1};  ///< the lowest block that can be undone; changes under writing_
    TimeMs undo_from_time_ms_ = 0;      ///< of that block, 0: not read yet; under writing_
    std::atomic<bool> failed_{false};
    Guarded<std::shared_ptr<const SnapshotView>> newest_;
};

}  // namespace salus::store
