#include "execution/memory_state.hpp"

#include <algorithm>

#include "crypto/hash.hpp"

namespace salus::execution {
namespace {

bool begins_with(const Hash& path, const NodeId& prefix) {
    const std::size_t whole = prefix.nibbles / 2;
    if (!std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(whole), prefix.prefix.begin()))
        return false;
    return prefix.nibbles % 2 == 0 || (path[whole] >> 4) == (prefix.prefix[whole] >> 4);
}

}  // namespace

Result<std::optional<Bytes>> MemoryState::get(Contract contract, ByteView key) const {
    const auto found = values_.find(state_path(contract, key));
    if (found == values_.end()) return std::optional<Bytes>{};
    return std::optional<Bytes>(found->second.bytes);
}

Result<std::optional<Bytes>> MemoryState::node(const NodeId& id) const {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) return std::optional<Bytes>{};
    return std::optional<Bytes>(found->second);
}

Result<std::vector<StateLeaf>> MemoryState::leaves(const NodeId& prefix, std::size_t limit) const {
    std::vector<StateLeaf> found;
    for (auto it = values_.lower_bound(prefix.prefix);
         it != values_.end() && found.size() < limit && begins_with(it->first, prefix); ++it)
        found.push_back({it->first, it->second.hash});
    return found;
}

void MemoryState::apply(const std::vector<StateChange>& changes, const TreeUpdate& tree) {
    for (const auto& [path, value] : changes) {
        if (value)
            values_[path] = {*value, crypto::sha256(*value)};
        else
            values_.erase(path);
    }
    for (const auto& [id, value] : tree.nodes) {
        if (value)
            nodes_[id] = *value;
        else
            nodes_.erase(id);
    }
}

}  // namespace salus::execution
