#pragma once

#include <algorithm>
#include <map>

#include "crypto/hash.hpp"
#include "model/state_node.hpp"
#include "model/state_tree.hpp"

namespace salus {

/// For tests: a tree as a store keeps it, the latest values and nodes.
class MemoryTree : public TreeReader {
public:
    Result<std::optional<Bytes>> node(const NodeId& id) const override {
        const auto found = nodes.find(id);
        return found == nodes.end() ? std::optional<Bytes>{} : found->second;
    }
    Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override {
        std::vector<StateLeaf> out;
        for (auto at = values.lower_bound(prefix.prefix); at != values.end() && out.size() < limit; ++at) {
            for (unsigned i = 0; i < prefix.nibbles; ++i)
                if (state_tree::nibble(at->first, i) != state_tree::nibble(prefix.prefix, i)) return out;
            out.push_back({at->first, crypto::sha256(at->second)});
        }
        return out;
    }

    /// Applies a batch and gives the root.
    Hash apply(std::vector<StateChange> changes) {
        std::ranges::sort(changes, {}, &StateChange::path);
        auto update = update_tree(*this, changes).value();
        for (auto& write : update.nodes)
            if (write.value)
                nodes[write.id] = *std::move(write.value);
            else
                nodes.erase(write.id);
        for (auto& change : changes)
            if (change.value)
                values[change.path] = *std::move(change.value);
            else
                values.erase(change.path);
        return root = update.root;
    }
    std::optional<Bytes> value(const Hash& path) const {
        const auto found = values.find(path);
        return found == values.end() ? std::optional<Bytes>{} : found->second;
    }

    std::map<Hash, Bytes> values;
    std::map<NodeId, Bytes> nodes;
    Hash root = kEmptyTree;
};

}  // namespace salus
