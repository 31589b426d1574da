#include "testkit/transactions.hpp"

namespace salus::testkit {

Transaction make_transaction(const NetworkId& network, const Sender& sender,
                             const std::vector<const crypto::SigningKey*>& keys, const Action& action,
                             TimeMs valid_until_ms, std::uint64_t nonce) {
    TransactionBody body;
    body.network_id = network;
    body.sender = sender;
    body.valid_until_ms = valid_until_ms;
    body.nonce = big_endian(nonce);
    body.contract = action.contract;
    body.payload = action.payload;
    return sign(std::move(body), keys);
}

Bytes make_envelope(const std::vector<Transaction>& transactions, const crypto::SigningKey& member,
                    std::uint64_t sequence) {
    Envelope envelope;
    envelope.sequence = sequence;
    for (const Transaction& transaction : transactions) envelope.transactions.push_back(transaction.bytes);
    sign_envelope(envelope, member);
    return codec::encode(envelope);
}

}  // namespace salus::testkit
