#pragma once

#include <atomic>

#include "network/ledger_service.hpp"
#include "node/submission.hpp"

namespace salus::node {

/// What API and application ask of the ledger. It shows only what is durable and certified.
class LedgerService final : public network::LedgerService {
public:
    struct Parts {
        Ledger& ledger;
        const store::ChainStore& store;
        const consensus::Engine& engine;
        Submission& submission;
        const WallClock& wall;
    };
    /// Errors: kCorrupt, kIo
    static Result<std::unique_ptr<LedgerService>> make(const Parts& parts);

    Status submit(std::vector<Bytes> transactions, std::function<void(Answer)> done) override;
    [[nodiscard]] std::shared_ptr<const network::LedgerView> view() const override;
    [[nodiscard]] Result<std::shared_ptr<const network::LedgerView>> view_at(Height height) const override;
    [[nodiscard]] Result<Block> block(Height height) const override;
    [[nodiscard]] Result<BlockHeader> header(Height height) const override;
    [[nodiscard]] Result<std::optional<Certificate>> certificate(Height height) const override;
    [[nodiscard]] Result<std::optional<network::TransactionPlace>> find(const TxId& id) const override;
    [[nodiscard]] const Genesis& genesis() const override { return genesis_; }
    [[nodiscard]] const Bytes& genesis_bytes() const override { return genesis_bytes_; }
    [[nodiscard]] std::vector<EraRecord> eras() const override { return parts_.ledger.eras(); }
    [[nodiscard]] Result<std::vector<ProvenState>> era_states(Era era) const override {
        return parts_.store.era_states(era);
    }
    [[nodiscard]] Result<std::vector<CometBftCertificate>> validator_changes(Era era, Height height) const override;
    [[nodiscard]] network::LedgerStatus status() const override;
    [[nodiscard]] TimeMs decision_time_ms() const override { return parts_.ledger.now_ms(); }
    void on_block(std::function<void(const Block&)> listener) override;

private:
    LedgerService(const Parts& parts, Bytes genesis_bytes, Genesis genesis)
        : parts_(parts), genesis_bytes_(std::move(genesis_bytes)), genesis_(std::move(genesis)) {}
    [[nodiscard]] Status shown(Height height) const;

    const Parts parts_;
    const Bytes genesis_bytes_;
    const Genesis genesis_;
    /// Past versions that are being made or looked at.
    const std::shared_ptr<std::atomic<int>> past_views_ = std::make_shared<std::atomic<int>>(0);
    Guarded<std::vector<std::function<void(const Block&)>>> listeners_;
};

}  // namespace salus::node
