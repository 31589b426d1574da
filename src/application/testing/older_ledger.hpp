#pragma once

#include "application/testing/ledger.hpp"

namespace salus::application::testing {

/// An older copy of `ledger`, as it stood at a height.
class OlderLedger final : public network::LedgerService {
public:
    OlderLedger(TestLedger& ledger, Height height) : ledger_(ledger), height_(height) {}

    Status submit(std::vector<Bytes> transactions, std::function<void(Answer)> done) override {
        return ledger_.submit(std::move(transactions), std::move(done));
    }
    [[nodiscard]] std::shared_ptr<const network::LedgerView> view() const override {
        return ledger_.view_at(height_).value();
    }
    [[nodiscard]] Result<std::shared_ptr<const network::LedgerView>> view_at(Height height) const override {
        return ledger_.view_at(height);
    }
    [[nodiscard]] Result<Block> block(Height height) const override { return ledger_.block(height); }
    [[nodiscard]] Result<std::optional<Certificate>> certificate(Height height) const override {
        return ledger_.certificate(height);
    }
    [[nodiscard]] Result<std::optional<network::TransactionPlace>> find(const TxId& id) const override {
        return ledger_.find(id);
    }
    [[nodiscard]] const Genesis& genesis() const override { return ledger_.genesis(); }
    [[nodiscard]] const Bytes& genesis_bytes() const override { return ledger_.genesis_bytes(); }
    [[nodiscard]] std::vector<EraRecord> eras() const override { return ledger_.eras(); }
    [[nodiscard]] network::LedgerStatus status() const override { return ledger_.status(); }
    [[nodiscard]] TimeMs decision_time_ms() const override { return ledger_.decision_time_ms(); }
    void on_block(std::function<void(const Block&)> listener) override { ledger_.on_block(std::move(listener)); }

private:
    TestLedger& ledger_;
    Height height_;
};

}  // namespace salus::application::testing
