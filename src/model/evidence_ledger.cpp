#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "model/enum_names.hpp"
#include "model/evidence_verifier.hpp"

namespace salus::evidence {
namespace {

constexpr std::size_t kOwnedKeyBytes = 1 + AccountId::kSize;

std::string outcome(const Receipt& receipt) {
    if (receipt.code == 0) return "good";
    const auto code = error_code(receipt.code);
    return "refused with code " + std::to_string(receipt.code) +
           (code ? " (" + std::string(error_info(*code).name) + ")" : "");
}

}  // namespace

AccountId owner_in(ByteView key) {
    AccountId owner;
    std::copy_n(key.begin() + 1, owner.bytes.size(), owner.bytes.begin());
    return owner;
}

Status check_proven_state(const ProvenState& state, const Hash& state_root) {
    if (!state.present && !state.value.empty()) return unproven("an absent value has no bytes");
    return check_state(state.proof, state_path(state.contract, state.key),
                       state.present ? std::optional<Bytes>(state.value) : std::nullopt, state_root);
}

Result<const ProvenState*> Verifier::proven_state(std::uint32_t index, Contract contract) const {
    if (index >= evidence_.states.size() || good_states_[index] == 0)
        return unproven("it leans on a state value that is not proven");
    const ProvenState* state = &evidence_.states[index];
    if (state->contract != contract)
        return unproven("it leans on a state value that is not of " + std::string(contract_name(contract)));
    return state;
}

Result<const ProvenLeaf*> Verifier::proven_leaf(std::uint32_t index) const {
    if (index >= evidence_.leaves.size() || good_leaves_[index] == 0)
        return unproven("it leans on a leaf that is not proven");
    return &evidence_.leaves[index];
}

Result<const ProvenBlock*> Verifier::proven_block(std::uint32_t index) const {
    if (index >= evidence_.blocks.size() || good_blocks_[index] == 0)
        return unproven("it leans on a block that is not proven");
    return &evidence_.blocks[index];
}

Shown Verifier::check_state_value(const ProvenState& state) const {
    SALUS_TRY_STATUS(check_proven_state(state, evidence_.header.state_root));
    return std::string(contract_name(state.contract)) + " " + to_hex(state.key) +
           (state.present ? " holds " + std::to_string(state.value.size()) + " bytes" : " is absent") + as_of();
}

Result<LogFrontier> Verifier::log_of(const ProvenState& state) const {
    if (state.key.size() != kOwnedKeyBytes) return unproven("the state value is not a log");
    const AccountId owner = owner_in(state.key);
    LogFrontier log;
    if (state.contract == Contract::kRecords && state.key == records::log_key(owner)) {
        SALUS_TRY(log, decode_state<records::LogState>(state));
    } else if (state.contract == Contract::kAudit && state.key == audit::audit_key(owner)) {
        SALUS_TRY(const auto value, decode_state<audit::AuditState>(state));
        log = value.log;
    } else {
        return unproven("the state value is not a log");
    }
    if (!log.well_formed()) return unproven("the log is not well formed");
    return log;
}

Shown Verifier::check_leaf(const ProvenLeaf& leaf) const {
    if (leaf.log >= evidence_.states.size() || good_states_[leaf.log] == 0)
        return unproven("it leans on a log that is not proven");
    const ProvenState& state = evidence_.states[leaf.log];
    SALUS_TRY(const LogFrontier log, log_of(state));
    SALUS_TRY_STATUS(check_inclusion(leaf.leaf, leaf.index, log.count, leaf.path, log.root()));
    return "stands at index " + std::to_string(leaf.index) + " of " + std::to_string(log.count) + " in the " +
           (state.contract == Contract::kRecords ? "records" : "audit") + " log of " +
           organisation(owner_in(state.key)) + as_of();
}

Shown Verifier::check_block(const ProvenBlock& block) const {
    const BlockHeader& certified = evidence_.header;
    if (block.header.version != kProtocolVersion) return unproven("a block of an unknown version");
    if (block.header.network_id != certified.network_id) return unproven("a block of another network");
    if (block.header.height == certified.height) {
        if (block.header != certified || !block.path.empty()) return unproven("not the certified block");
    } else {
        if (block.header.height == 0 || block.header.height > certified.height)
            return unproven("not in the history of the certified block");
        SALUS_TRY_STATUS(check_inclusion(history_leaf(block.header.hash()), block.header.height - 1,
                                         certified.height - 1, block.path, certified.history_root));
    }
    return "block " + std::to_string(block.header.height) + ", " + to_iso_time(block.header.time_ms) + ", " +
           to_hex(block.header.hash());
}

Shown Verifier::check_transaction(const ProvenTransaction& proof) const {
    SALUS_TRY(const ProvenBlock* block, proven_block(proof.block));
    const BlockHeader& header = block->header;
    const Receipt& receipt = proof.receipt;
    Bytes leaf;
    if (receipt.contract == Contract::kSystem) {
        SALUS_TRY(const auto system, codec::decode<SystemTransaction>(proof.transaction));
        const TxId id = system.id(header.height, proof.index);
        if (receipt.id != id) return unproven("the receipt is of another transaction");
        leaf = transaction_leaf(id, 0, proof.transaction);
    } else {
        SALUS_TRY(const auto transaction, parse_transaction(proof.transaction, header.network_id, header.version));
        if (transaction.body.contract > Contract::kAudit)
            return unproven("the transaction is to a contract that this version does not execute");
        if (!signatures_good(transaction)) return unproven("a signature of the transaction does not verify");
        if (receipt.id != transaction.id || receipt.contract != transaction.body.contract)
            return unproven("the receipt is of another transaction");
        leaf = transaction_leaf(transaction.id, transaction.body.valid_until_ms, proof.transaction);
    }
    SALUS_TRY_STATUS(check_inclusion(crypto::merkle_leaf_hash(leaf), proof.index, header.tx_count,
                                     proof.transaction_path, header.tx_root));
    SALUS_TRY_STATUS(check_inclusion(crypto::merkle_leaf_hash(codec::encode(receipt)), proof.index, header.tx_count,
                                     proof.receipt_path, header.receipt_root));
    return to_hex(receipt.id) + " to " + std::string(contract_name(receipt.contract)) + " stands in block " +
           std::to_string(header.height) + " at index " + std::to_string(proof.index) + ", " + outcome(receipt);
}

}  // namespace salus::evidence
