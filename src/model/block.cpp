#include "model/block.hpp"

#include "crypto/hash.hpp"
#include "model/merkle_log.hpp"

namespace salus {
namespace {

tl::unexpected<Error> differs(const std::string& what) { return fail(ErrorCode::kProofInvalid, what); }

std::string nth(const char* what, std::size_t i) { return std::string(what) + " " + std::to_string(i); }

Hash system_leaf(const SystemTransaction& transaction, const TxId& id) {
    return crypto::merkle_leaf_hash(transaction_leaf(id, 0, codec::encode(transaction)));
}

/// Nothing where the bytes are no transaction: such a block has no root.
Result<Hash> signed_leaf(ByteView bytes) {
    SALUS_TRY(const auto outer, codec::decode<SignedTransaction>(bytes));
    SALUS_TRY(const auto body, codec::decode<TransactionBody>(outer.body));
    return crypto::merkle_leaf_hash(transaction_leaf(transaction_id(outer.body), body.valid_until_ms, bytes));
}

/// The receipt is of this transaction, and of these events.
Status check_receipt(const Receipt& receipt, const Events& events, const TxId& id, Contract contract, std::size_t i) {
    if (receipt.id != id) return differs(nth("receipt", i) + " is of another transaction");
    if (receipt.contract != contract) return differs(nth("receipt", i) + " names another contract");
    if (receipt.events != events.digest()) return differs(nth("receipt", i) + " has the digest of other events");
    return {};
}

}  // namespace

Hash BlockHeader::hash() const { return crypto::tagged_hash("salus.block.v1", {codec::encode(*this)}); }

Hash history_leaf(const Hash& block_hash) { return crypto::merkle_leaf_hash(block_hash); }

TxId SystemTransaction::id(Height height, std::uint32_t index) const {
    return {crypto::tagged_hash("salus.system.v1", {big_endian(height), big_endian(index), codec::encode(*this)})};
}

std::vector<Hash> transaction_leaves(const Block& block) {
    std::vector<Hash> leaves;
    leaves.reserve(block.system.size() + block.transactions.size());
    for (const auto& transaction : block.system)
        leaves.push_back(
            system_leaf(transaction, transaction.id(block.header.height, static_cast<std::uint32_t>(leaves.size()))));
    for (const auto& bytes : block.transactions) leaves.push_back(signed_leaf(bytes).value_or(Hash{}));
    return leaves;
}

std::vector<Hash> receipt_leaves(const Block& block) {
    std::vector<Hash> leaves;
    leaves.reserve(block.receipts.size());
    for (const auto& receipt : block.receipts) leaves.push_back(crypto::merkle_leaf_hash(codec::encode(receipt)));
    return leaves;
}

Hash transaction_root(const Block& block) { return log_root(transaction_leaves(block)); }

Hash receipt_root(const Block& block) { return log_root(receipt_leaves(block)); }

Result<std::vector<Transaction>> open_block(const Block& block) {
    const BlockHeader& header = block.header;
    const std::size_t count = block.system.size() + block.transactions.size();
    if (header.version != kProtocolVersion) return differs("a header of an unknown version");
    if (count == 0) return differs("a block without a transaction");
    if (header.tx_count != count)
        return differs("the header counts " + std::to_string(header.tx_count) + " transactions, the block holds " +
                       std::to_string(count));
    if (block.receipts.size() != count) return differs("not one receipt a transaction");
    if (block.events.size() != count) return differs("not one list of events a transaction");

    std::vector<Transaction> transactions;
    std::vector<Hash> leaves;
    leaves.reserve(count);
    for (std::size_t i = 0; i < block.system.size(); ++i) {
        const TxId id = block.system[i].id(header.height, static_cast<std::uint32_t>(i));
        SALUS_TRY_STATUS(check_receipt(block.receipts[i], block.events[i], id, Contract::kSystem, i));
        leaves.push_back(system_leaf(block.system[i], id));
    }
    for (std::size_t i = block.system.size(); i < count; ++i) {
        auto transaction =
            parse_transaction(block.transactions[i - block.system.size()], header.network_id, header.version);
        if (!transaction)
            return fail(ErrorCode::kProofInvalid, nth("transaction", i) + " is malformed", transaction.error());
        const auto& [bytes, body, signatures, id, verdict_key, message] = *transaction;
        SALUS_TRY_STATUS(check_receipt(block.receipts[i], block.events[i], id, body.contract, i));
        leaves.push_back(crypto::merkle_leaf_hash(transaction_leaf(id, body.valid_until_ms, bytes)));
        transactions.push_back(*std::move(transaction));
    }
    if (log_root(leaves) != header.tx_root) return differs("the transactions have another root");
    if (receipt_root(block) != header.receipt_root) return differs("the receipts have another root");
    return transactions;
}

Status check_content(const Block& block) {
    SALUS_TRY_STATUS(open_block(block));
    return {};
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(BlockHeader)
SALUS_DEFINE_CODEC(SystemTransaction)
SALUS_DEFINE_CODEC(Block)
}  // namespace salus
