#include "execution/verdict_cache.hpp"

#include <algorithm>

namespace salus::execution {

VerdictCache::VerdictCache(std::size_t capacity) : sets_(std::max<std::size_t>(1, capacity / kWays)) {}

VerdictCache::Set& VerdictCache::set_of(std::vector<Set>& sets, const Hash& key) {
    return sets[PrefixHasher{}(key) % sets.size()];
}

bool VerdictCache::good(const Hash& verdict_key) const {
    const auto sets = sets_.lock();
    return std::ranges::find(set_of(*sets, verdict_key).keys, verdict_key) != set_of(*sets, verdict_key).keys.end();
}

void VerdictCache::remember(const Hash& verdict_key) {
    const auto sets = sets_.lock();
    Set& set = set_of(*sets, verdict_key);
    if (std::ranges::find(set.keys, verdict_key) != set.keys.end()) return;
    set.keys[set.oldest] = verdict_key;
    set.oldest = (set.oldest + 1) % kWays;
}

}  // namespace salus::execution
