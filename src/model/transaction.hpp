#pragma once

#include <vector>

#include "model/account.hpp"
#include "model/contract.hpp"

namespace salus {

/// What an author says and signs. Source: docs/protocol.md, "Transaction"
struct TransactionBody {
    std::uint32_t version = kProtocolVersion;
    NetworkId network_id;
    Sender sender;
    std::vector<Signer> signers;  ///< 1..4, strictly ascending; the signatures are theirs, in this order
    TimeMs valid_until_ms = 0;
    ByteArray<8> nonce{};
    Contract contract{};
    Bytes payload;

    static constexpr std::string_view kName = "TransactionBody";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &TransactionBody::version),
        codec::field<2>("network_id", &TransactionBody::network_id),
        codec::field<3>("sender", &TransactionBody::sender),
        codec::field<4>("signers", &TransactionBody::signers, kSignersMax),
        codec::field<5>("valid_until_ms", &TransactionBody::valid_until_ms),
        codec::field<6>("nonce", &TransactionBody::nonce), codec::field<7>("contract", &TransactionBody::contract),
        codec::field<8>("payload", &TransactionBody::payload, kTransactionBytesMax));
    bool operator==(const TransactionBody&) const = default;
};

/// The body's bytes exactly as signed, and the signatures of its signers.
struct SignedTransaction {
    Bytes body;
    std::vector<Bytes> signatures;

    static constexpr std::string_view kName = "SignedTransaction";
    static constexpr auto kFields =
        codec::table(codec::field<1>("body", &SignedTransaction::body, kTransactionBytesMax),
                     codec::field<2>("signatures", &SignedTransaction::signatures, kSignersMax, kSignatureBytesMax));
    bool operator==(const SignedTransaction&) const = default;
};

/// A decoded transaction with the names under which it is known.
struct Transaction {
    Bytes bytes;  ///< the SignedTransaction
    TransactionBody body;
    std::vector<Bytes> signatures;
    TxId id;             ///< SHA-256("salus.tx.v1" || body): names the intent; serves replay and nothing else
    Hash verdict_key;    ///< SHA-256("salus.stx.v1" || bytes): key of the cache of good signatures
    Bytes signed_bytes;  ///< "salus.sig.v1" || body
};

TxId transaction_id(ByteView body);
/// "salus.sig.v1" || body
Bytes signed_bytes(ByteView body);
/// Leaf of the block's tx_root: id || u64 valid_until_ms || SHA-256(bytes). The tree hashes it with 0x00 in front.
Bytes transaction_leaf(const TxId& id, TimeMs valid_until_ms, ByteView bytes);

/// Signs `body`, whose signers become the ascending public keys of `keys`.
/// Pre: 1 to 4 different keys
Transaction sign(TransactionBody body, const std::vector<const crypto::SigningKey*>& keys);

/// The facts that need no state and no signature check: encoding, size, version, signers ascending, one signature of
/// the right length a signer, network. Errors: kMalformed*, naming what
Result<Transaction> parse_transaction(ByteView bytes, const NetworkId& network,
                                      std::uint32_t version = kProtocolVersion);

/// Whether all signatures of `transaction` are good. Slow: see execution's verdict cache.
[[nodiscard]] bool signatures_good(const Transaction& transaction) noexcept;

/// What consensus orders: a batch under a member's signature, so that a flood has an author.
struct Envelope {
    std::uint32_t version = kProtocolVersion;
    Signer member;               ///< a signing key of a node or organisation
    std::uint64_t sequence = 0;  ///< informative
    std::vector<Bytes> transactions;
    Bytes signature;  ///< over "salus.envelope.v1" || encoding of all before it

    static constexpr std::string_view kName = "Envelope";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &Envelope::version), codec::field<2>("member", &Envelope::member),
        codec::field<3>("sequence", &Envelope::sequence),
        codec::field<4>("transactions", &Envelope::transactions, kEnvelopeTransactionsMax, kTransactionBytesMax),
        codec::field<5>("signature", &Envelope::signature, kSignatureBytesMax));
    bool operator==(const Envelope&) const = default;
};

/// Fills member and signature.
void sign_envelope(Envelope& envelope, const crypto::SigningKey& key);
/// The bytes that its member signs.
Bytes envelope_signed_bytes(const Envelope& envelope);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(TransactionBody)
SALUS_DECLARE_CODEC(SignedTransaction)
SALUS_DECLARE_CODEC(Envelope)
}  // namespace salus
