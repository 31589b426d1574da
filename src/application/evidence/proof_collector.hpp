#pragma once

#include <map>
#include <memory>

#include "model/evidence.hpp"
#include "network/ledger_service.hpp"

namespace salus::application {

/// Gathers proofs under one version of the ledger into one Evidence. Each state value and leaf is proved once.
/// Errors of every function: kIo, kCorrupt, and those stated.
class ProofCollector {
public:
    /// The newest version.
    explicit ProofCollector(const network::LedgerService& ledger);

    [[nodiscard]] const network::LedgerView& view() const noexcept { return *view_; }

    /// A state value or its absence; answers its index in Evidence::states.
    Result<std::uint32_t> state(Contract contract, const Bytes& key);
    /// Leaf `index` of a log of `owner` (records or audit); answers its index in Evidence::leaves.
    /// Errors: kNotFound where the log is shorter; kProofInvalid where another leaf stands there
    Result<std::uint32_t> leaf(Contract contract, const AccountId& owner, std::uint64_t index, const Hash& leaf);
    /// A resource version with its leaf and whether it was declared replaced. Errors: as leaf
    Status record(const LeafOpening& opening, std::optional<Bytes> resource, std::optional<LeafChain> chain);
    /// `late_index`: of a late row, whose manifest names none. Errors: kNotFound where no row stands under the tag
    Status disclosure(const Hash& tag, const Manifest& manifest, std::optional<Bytes> view_key,
                      std::uint64_t late_index = 0);
    /// Errors: kNotFound where the chain has no such grant
    Status grant(const GrantTerms& terms);

    /// Errors: kUnavailable before the first certified block
    Result<Evidence> take();

private:
    const network::LedgerService& ledger_;
    std::shared_ptr<const network::LedgerView> view_;
    Evidence evidence_;
    std::map<std::pair<Contract, Bytes>, std::uint32_t> states_;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> leaves_;
};

}  // namespace salus::application
