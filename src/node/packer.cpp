#include "node/packer.hpp"

#include "base/check.hpp"

namespace salus::node {
namespace {

/// Room for what stands in an envelope beside its transactions, and for the tag and length of each of these.
constexpr std::size_t kEnvelopeOverhead = 16 + kPublicKeyBytesMax + kSignatureBytesMax;
constexpr std::size_t kTransactionOverhead = 4;

}  // namespace

void Packer::add(const AccountId& organisation, Bytes transaction) {
    queues_[organisation].push_back(std::move(transaction));
}

Envelope Packer::next() {
    SALUS_CHECK(!queues_.empty());
    Envelope envelope;
    envelope.sequence = ++sequence_;
    std::size_t bytes = kEnvelopeOverhead;
    while (!queues_.empty()) {
        auto queue = queues_.lower_bound(turn_);
        if (queue == queues_.end()) queue = queues_.begin();
        const std::size_t more = queue->second.front().size() + kTransactionOverhead;
        if (!envelope.transactions.empty() && bytes + more > bytes_max_) break;
        if (envelope.transactions.size() == kEnvelopeTransactionsMax) break;
        bytes += more;
        envelope.transactions.push_back(std::move(queue->second.front()));
        queue->second.pop_front();
        const auto following = std::next(queue);
        turn_ = following == queues_.end() ? AccountId{} : following->first;
        if (queue->second.empty()) queues_.erase(queue);
    }
    return envelope;
}

}  // namespace salus::node
