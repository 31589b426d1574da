#include "execution/replay_set.hpp"

#include <algorithm>

#include "model/transaction.hpp"

namespace salus::execution {

bool ReplaySet::contains(const TxId& id, TimeMs valid_until_ms) const {
    const auto runs = seconds_.find(valid_until_ms / 1000);
    if (runs == seconds_.end()) return false;
    return std::ranges::any_of(runs->second, [&](const auto& run) { return std::ranges::binary_search(*run, id); });
}

void ReplaySet::insert(const std::vector<Seen>& seen) {
    std::map<TimeMs, Run> added;
    for (const auto& [id, valid_until_ms] : seen) added[valid_until_ms / 1000].push_back(id);
    for (auto& [second, run] : added) {
        std::ranges::sort(run);
        Runs& runs = seconds_[second];
        while (!runs.empty() && runs.back()->size() <= 2 * run.size()) {
            Run merged;
            merged.reserve(runs.back()->size() + run.size());
            std::ranges::merge(*runs.back(), run, std::back_inserter(merged));
            run = std::move(merged);
            runs.pop_back();
        }
        runs.push_back(std::make_shared<const Run>(std::move(run)));
    }
}

Result<std::vector<ReplaySet::Seen>> ReplaySet::ids_of(const Block& block) {
    std::vector<Seen> seen;
    seen.reserve(block.transactions.size());
    for (const Bytes& bytes : block.transactions) {
        const auto outer = codec::decode<SignedTransaction>(bytes);
        const auto body = outer ? codec::decode<TransactionBody>(outer->body) : fail(outer.error());
        if (!body) return fail(ErrorCode::kCorrupt, "a stored transaction does not decode", body.error());
        seen.push_back({transaction_id(outer->body), body->valid_until_ms});
    }
    return seen;
}

void ReplaySet::expire(TimeMs tip_ms) {
    while (!seconds_.empty() && (seconds_.begin()->first + 1) * 1000 <= tip_ms) seconds_.erase(seconds_.begin());
}

std::size_t ReplaySet::size() const {
    std::size_t size = 0;
    for (const auto& [second, runs] : seconds_)
        for (const auto& run : runs) size += run->size();
    return size;
}

}  // namespace salus::execution
