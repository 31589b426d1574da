#include "model/transaction.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace salus {
namespace {

constexpr std::string_view kSignatureTag = "salus.sig.v1";
constexpr std::string_view kEnvelopeTag = "salus.envelope.v1";

Bytes tagged(std::string_view tag, ByteView rest) {
    Bytes out;
    out.reserve(tag.size() + rest.size());
    append(out, as_bytes(tag));
    append(out, rest);
    return out;
}

Hash verdict_key(ByteView bytes) { return crypto::tagged_hash("salus.stx.v1", {bytes}); }

/// Another version may have other fields: it is told apart before anything else is read.
Status check_version(ByteView body, std::uint32_t version) {
    codec::Reader reader(body);
    if (!reader.at(1, codec::kWireVarint)) return fail(ErrorCode::kMalformedVersion, "the transaction has no version");
    SALUS_TRY(const std::uint64_t found, reader.varint());
    if (found == version) return {};
    return fail(ErrorCode::kMalformedVersion,
                "the transaction is of version " + std::to_string(found) + ", in force is " + std::to_string(version));
}

Status check_signers(const std::vector<Signer>& signers, const std::vector<Bytes>& signatures) {
    if (signers.empty()) return fail(ErrorCode::kMalformedSignature, "the transaction names no signer");
    if (signers.size() != signatures.size())
        return fail(ErrorCode::kMalformedSignature, std::to_string(signatures.size()) + " signatures for " +
                                                        std::to_string(signers.size()) + " signers");
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if (i > 0 && signers[i - 1] >= signers[i])
            return fail(ErrorCode::kMalformedSignature, "the signers are not strictly ascending");
        const auto* suite = crypto::suite_info(signers[i].suite);
        if (suite == nullptr || signers[i].public_key.size() != suite->public_key_bytes ||
            signatures[i].size() != suite->signature_bytes)
            return fail(ErrorCode::kMalformedSignature, "a key or signature has not the length of its suite");
    }
    return {};
}

}  // namespace

TxId transaction_id(ByteView body) { return {crypto::tagged_hash("salus.tx.v1", {body})}; }

Bytes signed_bytes(ByteView body) { return tagged(kSignatureTag, body); }

Bytes transaction_leaf(const TxId& id, TimeMs valid_until_ms, ByteView bytes) {
    Bytes leaf;
    leaf.reserve(72);
    append(leaf, id);
    append(leaf, big_endian(valid_until_ms));
    append(leaf, crypto::sha256(bytes));
    return leaf;
}

Transaction sign(TransactionBody body, const std::vector<const crypto::SigningKey*>& keys) {
    SALUS_CHECK(!keys.empty() && keys.size() <= kSignersMax);
    auto ordered = keys;
    std::ranges::sort(ordered, {}, &crypto::SigningKey::public_key);
    body.signers.clear();
    for (const auto* key : ordered) body.signers.push_back(Signer::of(key->public_key()));
    SALUS_CHECK(std::ranges::adjacent_find(body.signers) == body.signers.end());

    SignedTransaction outer{codec::encode(body), {}};
    Transaction transaction;
    transaction.signed_bytes = signed_bytes(outer.body);
    for (const auto* key : ordered) outer.signatures.push_back(key->sign(transaction.signed_bytes));
    transaction.bytes = codec::encode(outer);
    transaction.id = transaction_id(outer.body);
    transaction.verdict_key = verdict_key(transaction.bytes);
    transaction.body = std::move(body);
    transaction.signatures = std::move(outer.signatures);
    return transaction;
}

Result<Transaction> parse_transaction(ByteView bytes, const NetworkId& network, std::uint32_t version) {
    if (bytes.size() > kTransactionBytesMax)
        return fail(ErrorCode::kMalformedSize, "a transaction of " + std::to_string(bytes.size()) + " bytes; " +
                                                   std::to_string(kTransactionBytesMax) + " are allowed");
    SALUS_TRY(auto outer, codec::decode<SignedTransaction>(bytes));
    SALUS_TRY_STATUS(check_version(outer.body, version));
    SALUS_TRY(auto body, codec::decode<TransactionBody>(outer.body));
    if (body.network_id != network) return fail(ErrorCode::kMalformedNetwork, "the transaction names another network");
    if (body.contract == Contract::kSystem)
        return fail(ErrorCode::kMalformedContract, "the system has no transactions that are signed");
    SALUS_TRY_STATUS(check_signers(body.signers, outer.signatures));

    Transaction transaction;
    transaction.bytes = to_bytes(bytes);
    transaction.id = transaction_id(outer.body);
    transaction.verdict_key = verdict_key(bytes);
    transaction.signed_bytes = signed_bytes(outer.body);
    transaction.body = std::move(body);
    transaction.signatures = std::move(outer.signatures);
    return transaction;
}

bool signatures_good(const Transaction& transaction) noexcept {
    const auto& signers = transaction.body.signers;
    if (signers.empty() || signers.size() != transaction.signatures.size()) return false;
    for (std::size_t i = 0; i < signers.size(); ++i)
        if (!crypto::verify(signers[i].key(), transaction.signed_bytes, transaction.signatures[i])) return false;
    return true;
}

Bytes envelope_signed_bytes(const Envelope& envelope) {
    Envelope unsigned_envelope = envelope;
    unsigned_envelope.signature.clear();
    return tagged(kEnvelopeTag, codec::encode(unsigned_envelope));
}

void sign_envelope(Envelope& envelope, const crypto::SigningKey& key) {
    envelope.member = Signer::of(key.public_key());
    envelope.signature = key.sign(envelope_signed_bytes(envelope));
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(TransactionBody)
SALUS_DEFINE_CODEC(SignedTransaction)
SALUS_DEFINE_CODEC(Envelope)
}  // namespace salus
