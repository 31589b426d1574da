#include "network/evidence_builder.hpp"

#include <fmt/format.h>

#include "model/contracts/identity.hpp"

namespace salus::network {
namespace {

/// Appends and says where, once for each key.
template <class Key, class Item>
std::uint32_t add(std::map<Key, std::uint32_t>& known, std::vector<Item>& list, const Key& key, Item item) {
    const auto [at, added] = known.emplace(key, static_cast<std::uint32_t>(list.size()));
    if (added) list.push_back(std::move(item));
    return at->second;
}

}  // namespace

Result<EvidenceBuilder> EvidenceBuilder::begin(const LedgerService& ledger, std::shared_ptr<const LedgerView> view) {
    if (!view->certificate())
        return fail(
            ErrorCode::kNotFound,
            fmt::format("there is no certificate of block {}: nothing can be proven by it", view->header().height));
    EvidenceBuilder builder(ledger, std::move(view));
    Evidence& evidence = builder.evidence_;
    evidence.header = builder.view_->header();
    evidence.certificate = *builder.view_->certificate();
    for (auto& era : ledger.eras())
        if (era.era <= evidence.header.era) evidence.eras.push_back(std::move(era));
    evidence.genesis = ledger.genesis_bytes();
    SALUS_TRY(evidence.validator_changes, ledger.validator_changes(evidence.header.era, evidence.header.height));
    SALUS_TRY_STATUS(builder.prove_eras());
    return builder;
}

/// Why each era after the first counts. Source: docs/protocol.md, "Evidence", 2
Status EvidenceBuilder::prove_eras() {
    for (std::size_t i = 1; i < evidence_.eras.size(); ++i) {
        const EraRecord& era = evidence_.eras[i];
        const Height parent = era.first_height - 1;
        ProvenEra proven;
        SALUS_TRY(proven.parent, ledger_->header(parent));
        SALUS_TRY(auto certificate, ledger_->certificate(parent));
        if (!certificate)
            return fail(ErrorCode::kUnavailable,
                        fmt::format("block {}, the last before era {}, has no certificate yet", parent, era.era));
        proven.certificate = *std::move(certificate);
        SALUS_TRY(proven.validator_changes, ledger_->validator_changes(proven.parent.era, parent));
        SALUS_TRY(proven.states, ledger_->era_states(era.era));
        SALUS_TRY(proven.path, inclusion_path(*view_->history(), parent - 1, evidence_.header.height - 1));
        evidence_.era_proofs.push_back(std::move(proven));
    }
    return {};
}

Result<std::uint32_t> EvidenceBuilder::state(Contract contract, ByteView key) {
    const std::pair name{contract, to_bytes(key)};
    if (const auto known = states_.find(name); known != states_.end()) return known->second;
    SALUS_TRY(auto value, view_->get(contract, key));
    SALUS_TRY(auto proof, prove_state(*view_, state_path(contract, key)));
    const bool present = value.has_value();
    return add(states_, evidence_.states, name,
               ProvenState{contract, name.second, present, std::move(value).value_or(Bytes{}), std::move(proof)});
}

Result<std::uint32_t> EvidenceBuilder::leaf(const AccountId& custodian, std::uint64_t index) {
    Bytes key = records::log_key(custodian);
    SALUS_TRY(const auto log, read_value<records::LogState>(*view_, Contract::kRecords, key));
    return leaf_of(Contract::kRecords, custodian, std::move(key), log ? log->count : 0, index);
}

Result<std::uint32_t> EvidenceBuilder::audit_leaf(const AccountId& organisation, std::uint64_t index) {
    Bytes key = audit::audit_key(organisation);
    SALUS_TRY(const auto log, read_value<audit::AuditState>(*view_, Contract::kAudit, key));
    return leaf_of(Contract::kAudit, organisation, std::move(key), log ? log->log.count : 0, index);
}

Result<std::uint32_t> EvidenceBuilder::leaf_of(Contract contract, const AccountId& owner, Bytes log_key,
                                               std::uint64_t count, std::uint64_t index) {
    if (index >= count)
        return fail(ErrorCode::kNotFound,
                    fmt::format("that log has {} leaves as of block {}", count, evidence_.header.height));
    SALUS_TRY(const std::uint32_t log_state, state(contract, log_key));
    const std::pair name{log_state, index};
    if (const auto known = leaves_.find(name); known != leaves_.end()) return known->second;
    const auto log = view_->log(contract, owner);
    SALUS_TRY(const Hash leaf_hash, log->node(0, index));
    SALUS_TRY(auto path, inclusion_path(*log, index, count));
    return add(leaves_, evidence_.leaves, name, ProvenLeaf{log_state, index, leaf_hash, std::move(path)});
}

Result<std::uint32_t> EvidenceBuilder::block(Height height) {
    if (const auto known = blocks_.find(height); known != blocks_.end()) return known->second;
    const Height newest = evidence_.header.height;
    if (height == 0 || height > newest)
        return fail(ErrorCode::kNotFound, fmt::format("there is no block {}: the chain ends at {}", height, newest));
    ProvenBlock proven{evidence_.header, {}};
    if (height < newest) {
        SALUS_TRY(proven.header, ledger_->header(height));
        SALUS_TRY(proven.path, inclusion_path(*view_->history(), height - 1, newest - 1));
    }
    return add(blocks_, evidence_.blocks, height, std::move(proven));
}

Result<std::uint32_t> EvidenceBuilder::transaction(const TxId& id) {
    if (const auto known = transactions_.find(id); known != transactions_.end()) return known->second;
    SALUS_TRY(const auto place, ledger_->find(id));
    if (!place || place->height > evidence_.header.height)
        return fail(ErrorCode::kNotFound,
                    fmt::format("no transaction of that id up to block {}", evidence_.header.height));
    SALUS_TRY(const std::uint32_t at, block(place->height));
    SALUS_TRY(const Block whole, ledger_->block(place->height));
    const std::size_t index = place->index;
    if (index >= whole.receipts.size() || index >= whole.system.size() + whole.transactions.size())
        return fail(ErrorCode::kCorrupt, "the index names a place that the block does not have");
    ProvenTransaction proven;
    proven.block = at;
    proven.index = place->index;
    proven.transaction = index < whole.system.size() ? codec::encode(whole.system[index])
                                                     : whole.transactions[index - whole.system.size()];
    proven.receipt = whole.receipts[index];
    proven.transaction_path = inclusion_path(transaction_leaves(whole), index);
    proven.receipt_path = inclusion_path(receipt_leaves(whole), index);
    return add(transactions_, evidence_.transactions, id, std::move(proven));
}

Status EvidenceBuilder::record(const LeafOpening& opening, std::optional<Bytes> resource,
                               std::optional<LeafChain> chain) {
    const AccountId& custodian = opening.content.custodian;
    SALUS_TRY(const std::uint32_t at, leaf(custodian, opening.index));
    if (evidence_.leaves[at].leaf != opening.leaf())
        return fail(ErrorCode::kProofInvalid, "another leaf stands at that place of the log");
    SALUS_TRY(
        const std::uint32_t superseded,
        state(Contract::kRecords, records::superseded_key(custodian, superseded_nullifier(opening.content.salt))));
    evidence_.records.push_back({at, opening, superseded, std::move(resource), chain});
    return {};
}

Status EvidenceBuilder::disclosure(const Hash& tag, const Manifest& manifest, std::optional<Bytes> view_key,
                                   std::uint64_t late_index) {
    SALUS_TRY(const std::uint32_t row, state(Contract::kDisclosure, disclosure::row_key(manifest.custodian, tag)));
    if (!evidence_.states[row].present) return fail(ErrorCode::kNotFound, "the chain has no row under that tag");
    // When the row was filed, when its data left, and whose key vouches for the user.
    SALUS_TRY(const auto filed, codec::decode<disclosure::RowState>(evidence_.states[row].value));
    SALUS_TRY([[maybe_unused]] const auto filed_at, block(filed.place.height));
    if (filed.intent_height != 0) {
        SALUS_TRY([[maybe_unused]] const auto left_at, block(filed.intent_height));
    }
    if (manifest.user) {
        SALUS_TRY([[maybe_unused]] const auto owner,
                  state(Contract::kIdentity, identity::key_owner_key(manifest.user->key)));
    }
    evidence_.disclosures.push_back({row, manifest, std::move(view_key), late_index});
    return {};
}

Status EvidenceBuilder::audit_event(const AccountId& organisation, std::uint64_t log_index, ProvenAuditEvent event) {
    SALUS_TRY(event.leaf, audit_leaf(organisation, log_index));
    evidence_.audit_events.push_back(std::move(event));
    return {};
}

}  // namespace salus::network
