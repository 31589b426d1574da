#include "node/packer.hpp"

namespace salus::node {
namespace {

/// Room for what stands in an envelope beside its transactions, and for the tag and length of each of these.
constexpr std::size_t kEnvelopeOverhead = 16 + kPublicKeyBytesMax + kSignatureBytesMax;
constexpr std::size_t kTransactionOverhead = 4;

/// The entry whose turn it is. Pre: there is one
template <class Map>
auto in_turn(Map& map, const typename Map::key_type& turn) {
    const auto found = map.lower_bound(turn);
    return found == map.end() ? map.begin() : found;
}

template <class Map>
typename Map::key_type turn_after(const Map& map, typename Map::const_iterator entry) {
    const auto following = std::next(entry);
    return following == map.end() ? typename Map::key_type{} : following->first;
}

std::uint64_t used(const execution::Load& load, const execution::Share& share) {
    const auto found = load.find(share);
    return found == load.end() ? 0 : found->second;
}

}  // namespace

void Packer::put(const execution::Share& share, const AccountId& queue, Queued transaction) {
    lanes_[share].queues[queue].push_back(std::move(transaction));
}

void Packer::keep(const std::function<bool(const TxId&)>& waits) {
    for (auto& [share, lane] : lanes_) {
        for (auto& [sender, queue] : lane.queues)
            std::erase_if(queue, [&](const Queued& transaction) { return !waits(transaction.id); });
        std::erase_if(lane.queues, [](const auto& queue) { return queue.second.empty(); });
    }
    std::erase_if(lanes_, [](const auto& lane) { return lane.second.queues.empty(); });
}

std::optional<Packed> Packer::next(const execution::Shares& shares, const execution::Load& under_way) {
    Packed packed;
    auto& taken = packed.envelope.transactions;
    std::size_t bytes = kEnvelopeOverhead;
    std::size_t passed_over = 0;  // lanes in a row whose share is used up
    while (passed_over < lanes_.size() && taken.size() < kEnvelopeTransactionsMax) {
        const auto lane = in_turn(lanes_, turn_);
        auto& [queues, turn] = lane->second;
        const auto queue = in_turn(queues, turn);
        auto& [id, transaction] = queue->second.front();
        const std::uint64_t before = used(under_way, lane->first) + used(packed.load, lane->first);
        if (before > 0 && before + transaction.size() > shares.limit(lane->first)) {
            turn_ = turn_after(lanes_, lane);
            ++passed_over;
            continue;
        }
        const std::size_t more = transaction.size() + kTransactionOverhead;
        if (!taken.empty() && bytes + more > bytes_max_) break;
        bytes += more;
        packed.load[lane->first] += transaction.size();
        packed.ids.push_back(id);
        taken.push_back(std::move(transaction));
        queue->second.pop_front();
        passed_over = 0;
        turn = turn_after(queues, queue);
        turn_ = turn_after(lanes_, lane);
        if (queue->second.empty()) queues.erase(queue);
        if (queues.empty()) lanes_.erase(lane);
    }
    if (taken.empty()) return std::nullopt;
    packed.envelope.sequence = ++sequence_;
    return packed;
}

}  // namespace salus::node
