#pragma once

#include <map>

#include "model/state_tree.hpp"

namespace salus::execution {

/// One version of state and tree in memory: for verifying an exported chain, and for tests.
class MemoryState final : public StateReader, public TreeReader {
public:
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override;
    Result<std::optional<Bytes>> node(const NodeId& id) const override;
    Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override;

    void apply(const std::vector<StateChange>& changes, const TreeUpdate& tree);
    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

private:
    struct Value {
        Bytes bytes;
        Hash hash{};
    };
    std::map<Hash, Value> values_;
    std::map<NodeId, Bytes> nodes_;
};

}  // namespace salus::execution
