#pragma once

#include <compare>
#include <map>
#include <vector>

#include "model/state_tree.hpp"

namespace salus::execution {

struct StateKey {
    Contract contract{};
    Bytes key;
};
struct StateKeyView {
    Contract contract{};
    ByteView key;
    StateKeyView(Contract contract_in, ByteView key_in) : contract(contract_in), key(key_in) {}
    StateKeyView(const StateKey& owner) : contract(owner.contract), key(owner.key) {}
};
/// By contract, then by bytes. Ordered maps and not hash tables: authors choose their keys, and nothing may depend on
/// the order of hashes.
struct StateKeyLess {
    using is_transparent = void;
    bool operator()(const StateKeyView& a, const StateKeyView& b) const noexcept {
        if (a.contract != b.contract) return a.contract < b.contract;
        return std::lexicographical_compare_three_way(a.key.begin(), a.key.end(), b.key.begin(), b.key.end()) < 0;
    }
};

/// Values that one transaction writes; they reach the block's state together or not at all.
using Writes = std::map<StateKey, Bytes, StateKeyLess>;

/// The state in the midst of a block: the parent's, and above it what the block's transactions wrote. Each place of the
/// parent is read once a block.
class BlockState final : public StateReader {
public:
    /// Pre: `parent` outlives it
    explicit BlockState(const StateReader& parent) : parent_(parent) {}

    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override;
    void apply(Writes&& writes);
    /// What differs from the parent, ascending by path.
    [[nodiscard]] std::vector<StateChange> take_changes();

private:
    struct Entry {
        std::optional<Bytes> value;
        bool changed = false;
    };
    const StateReader& parent_;
    mutable std::map<StateKey, Entry, StateKeyLess> entries_;
};

}  // namespace salus::execution
