#include "application/evidence/proof_collector.hpp"

#include "base/check.hpp"

namespace salus::application {
namespace {

Bytes log_key(Contract contract, const AccountId& owner) {
    SALUS_CHECK(contract == Contract::kRecords || contract == Contract::kAudit);
    return contract == Contract::kRecords ? records::log_key(owner) : audit::audit_key(owner);
}

/// How many leaves the log has, as its state value says.
Result<std::uint64_t> log_count(Contract contract, const ProvenState& state) {
    if (!state.present) return std::uint64_t{0};
    if (contract == Contract::kAudit) {
        SALUS_TRY(const auto audit, codec::decode<audit::AuditState>(state.value));
        return audit.log.count;
    }
    SALUS_TRY(const auto log, codec::decode<records::LogState>(state.value));
    return log.count;
}

}  // namespace

ProofCollector::ProofCollector(const network::LedgerService& ledger) : ledger_(ledger), view_(ledger.view()) {
    evidence_.header = view_->header();
}

Result<std::uint32_t> ProofCollector::state(Contract contract, const Bytes& key) {
    if (const auto it = states_.find({contract, key}); it != states_.end()) return it->second;
    ProvenState proven;
    proven.contract = contract;
    proven.key = key;
    SALUS_TRY(auto value, view_->get(contract, key));
    proven.present = value.has_value();
    if (value) proven.value = *std::move(value);
    SALUS_TRY(proven.proof, prove_state(*view_, state_path(contract, key)));
    const auto index = static_cast<std::uint32_t>(evidence_.states.size());
    evidence_.states.push_back(std::move(proven));
    states_.emplace(std::pair(contract, key), index);
    return index;
}

Result<std::uint32_t> ProofCollector::leaf(Contract contract, const AccountId& owner, std::uint64_t index,
                                           const Hash& leaf) {
    ProvenLeaf proven;
    SALUS_TRY(proven.log, state(contract, log_key(contract, owner)));
    if (const auto it = leaves_.find({proven.log, index}); it != leaves_.end()) {
        if (evidence_.leaves[it->second].leaf != leaf)
            return fail(ErrorCode::kProofInvalid, "another leaf stands at that place of the log");
        return it->second;
    }
    SALUS_TRY(const std::uint64_t count, log_count(contract, evidence_.states[proven.log]));
    if (index >= count) return fail(ErrorCode::kNotFound, "the log has no leaf " + std::to_string(index) + " yet");
    const auto log = view_->log(contract, owner);
    SALUS_TRY(proven.leaf, log->node(0, index));
    if (proven.leaf != leaf) return fail(ErrorCode::kProofInvalid, "another leaf stands at that place of the log");
    SALUS_TRY(proven.path, inclusion_path(*log, index, count));
    proven.index = index;
    const auto at = static_cast<std::uint32_t>(evidence_.leaves.size());
    leaves_.emplace(std::pair(proven.log, index), at);
    evidence_.leaves.push_back(std::move(proven));
    return at;
}

Status ProofCollector::record(const LeafOpening& opening, std::optional<Bytes> resource,
                              std::optional<LeafChain> chain) {
    ProvenRecord proven;
    const AccountId& custodian = opening.content.custodian;
    SALUS_TRY(proven.leaf, leaf(Contract::kRecords, custodian, opening.index, opening.leaf()));
    SALUS_TRY(proven.superseded, state(Contract::kRecords,
                                       records::superseded_key(custodian, superseded_nullifier(opening.content.salt))));
    proven.opening = opening;
    proven.resource = std::move(resource);
    proven.chain = chain;
    evidence_.records.push_back(std::move(proven));
    return {};
}

Status ProofCollector::disclosure(const Hash& tag, const Manifest& manifest, std::optional<Bytes> view_key,
                                  std::uint64_t late_index) {
    ProvenDisclosure proven;
    SALUS_TRY(proven.row, state(Contract::kDisclosure, disclosure::row_key(tag)));
    if (!evidence_.states[proven.row].present) return fail(ErrorCode::kNotFound, "the chain has no row under that tag");
    proven.manifest = manifest;
    proven.view_key = std::move(view_key);
    proven.tag_index = late_index;
    evidence_.disclosures.push_back(std::move(proven));
    return {};
}

Status ProofCollector::grant(const GrantTerms& terms) {
    const Bytes key = consent::grant_key(terms.grant);
    ProvenGrant proven;
    SALUS_TRY(proven.head, state(Contract::kConsent, key));
    const ProvenState& head = evidence_.states[proven.head];
    if (!head.present) return fail(ErrorCode::kNotFound, "the chain has no such grant");
    SALUS_TRY(const auto newest, codec::decode<DecisionHead>(head.value));
    SALUS_TRY(proven.entry, state(Contract::kConsent, decision_key(key, newest.n)));
    proven.terms = terms;
    evidence_.grants.push_back(std::move(proven));
    return {};
}

Result<Evidence> ProofCollector::take() {
    if (!view_->certificate()) return fail(ErrorCode::kUnavailable, "the newest block has no certificate yet");
    evidence_.certificate = *view_->certificate();
    evidence_.eras = ledger_.eras();
    evidence_.genesis = ledger_.genesis_bytes();
    return std::move(evidence_);
}

}  // namespace salus::application
