#pragma once

#include <map>
#include <memory>

#include "model/evidence.hpp"
#include "network/ledger_service.hpp"

namespace salus::network {

/// Gathers proofs that all stand under the one certified block of a view; what is asked for twice stands in it once.
/// Each function gives the index in the evidence's list of that kind.
class EvidenceBuilder {
public:
    /// `ledger` outlives the builder. Errors: kNotFound where the view has no certificate (the genesis state has none)
    static Result<EvidenceBuilder> begin(const LedgerService& ledger, std::shared_ptr<const LedgerView> view);

    /// A value or its absence, into `states`. Errors: those of the view
    Result<std::uint32_t> state(Contract contract, ByteView key);
    /// Leaf `index` of a custodian's log of records, into `leaves`; the log's state comes along.
    /// Errors: kNotFound where the log is not so long
    Result<std::uint32_t> leaf(const AccountId& custodian, std::uint64_t index);
    /// The same of an organisation's log of audit roots.
    Result<std::uint32_t> audit_leaf(const AccountId& organisation, std::uint64_t index);
    /// The certified block or one below it, into `blocks`. Errors: kNotFound above it
    Result<std::uint32_t> block(Height height);
    /// With its receipt, into `transactions`; its block comes along. Errors: kNotFound where no block up to the
    /// certified one has it
    Result<std::uint32_t> transaction(const TxId& id);

    /// A resource version, its leaf, and whether its custodian declared it replaced, into `records`.
    /// Errors: kNotFound where the log is not so long; kProofInvalid where another leaf stands there
    Status record(const LeafOpening& opening, std::optional<Bytes> resource, std::optional<LeafChain> chain = {});
    /// A row and what it commits to, into `disclosures`. `late_index`: of a late row, whose manifest names none.
    /// Errors: kNotFound where no row stands under the tag
    Status disclosure(const Hash& tag, const Manifest& manifest, std::optional<Bytes> view_key,
                      std::uint64_t late_index = 0);

    /// An event of an organisation's audit, under leaf `log_index` of its audit log, into `audit_events`. All but
    /// `event.leaf` is filled. Errors: as audit_leaf
    Status audit_event(const AccountId& organisation, std::uint64_t log_index, ProvenAuditEvent event);

    [[nodiscard]] const LedgerView& view() const noexcept { return *view_; }
    [[nodiscard]] const Evidence& evidence() const noexcept { return evidence_; }
    [[nodiscard]] Evidence take() { return std::move(evidence_); }

private:
    EvidenceBuilder(const LedgerService& ledger, std::shared_ptr<const LedgerView> view)
        : ledger_(&ledger), view_(std::move(view)) {}
    Status prove_eras();
    Result<std::uint32_t> leaf_of(Contract contract, const AccountId& owner, Bytes log_key, std::uint64_t count,
                                  std::uint64_t index);

    const LedgerService* ledger_;
    std::shared_ptr<const LedgerView> view_;
    Evidence evidence_;
    std::map<std::pair<Contract, Bytes>, std::uint32_t> states_;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> leaves_;  ///< by log's state and index
    std::map<Height, std::uint32_t> blocks_;
    std::map<TxId, std::uint32_t> transactions_;
};

}  // namespace salus::network
