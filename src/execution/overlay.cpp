#include "execution/overlay.hpp"

#include <algorithm>

namespace salus::execution {

Result<std::optional<Bytes>> BlockState::get(Contract contract, ByteView key) const {
    const StateKeyView place{contract, key};
    const auto found = entries_.lower_bound(place);
    if (found != entries_.end() && !StateKeyLess{}(place, found->first)) return found->second.value;
    SALUS_TRY(auto value, parent_.get(contract, key));
    entries_.emplace_hint(found, StateKey{contract, to_bytes(key)}, Entry{value, false});
    return value;
}

void BlockState::apply(Writes&& writes) {
    while (!writes.empty()) {
        auto write = writes.extract(writes.begin());
        entries_.insert_or_assign(std::move(write.key()), Entry{std::move(write.mapped()), true});
    }
}

std::vector<StateChange> BlockState::take_changes() {
    std::vector<StateChange> changes;
    for (auto& [place, entry] : entries_)
        if (entry.changed) changes.push_back({state_path(place.contract, place.key), std::move(entry.value)});
    entries_.clear();
    std::ranges::sort(changes, {}, &StateChange::path);
    return changes;
}

}  // namespace salus::execution
