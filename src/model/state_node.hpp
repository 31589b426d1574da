#pragma once

#include <array>

#include "model/state_tree.hpp"

/// A subtree, and the stored node that stands for sixteen of them: what update_tree and prove_state share.
///
/// A stored node, for a subtree of more than 16 leaves at a nibble boundary:
///
///     u16   which of its 16 children are not empty, child 0 in the most significant bit
///     for each of those, ascending: u8 count of leaves, 17 for "more than 16"; then its 32-byte hash
///
/// The counts say two things that hashes cannot: whether a child has a node of its own (17), and when this node must go
/// (the sum is 16 or less: children of 16 or fewer are counted exactly).
namespace salus::state_tree {

inline constexpr std::size_t kStoredAbove = 16;  ///< subtrees of more leaves have a node

struct Subtree {
    Hash hash = kEmptyTree;
    std::uint8_t count = 0;  ///< of leaves; kStoredAbove + 1 for any more

    [[nodiscard]] bool stored() const noexcept { return count > kStoredAbove; }
    bool operator==(const Subtree&) const = default;
};

using Children = std::array<Subtree, 16>;

/// The subtree over two halves.
Subtree join(const Subtree& left, const Subtree& right);
/// The subtree over neighbours. Pre: their number is a power of two
Subtree fold(std::span<const Subtree> neighbours);
/// Leaves that share their first `bit` bits. Pre: strictly ascending
Subtree from_leaves(std::span<const StateLeaf> leaves, unsigned bit);

Bytes encode_node(const Children& children);
/// Errors: kCorrupt
Result<Children> decode_node(ByteView bytes);
/// The node that must stand there. Errors: those of the reader; kCorrupt where it is missing or does not decode
Result<Children> read_children(const TreeReader& tree, const NodeId& id);
/// The leaves of a subtree that has no node. Errors: those of the reader; kCorrupt where there are not `count`
Result<std::vector<StateLeaf>> read_leaves(const TreeReader& tree, const NodeId& id, std::size_t count);

constexpr unsigned nibble(const Hash& path, unsigned depth) noexcept {
    const std::uint8_t byte = path[depth / 2];
    return depth % 2 == 0 ? byte >> 4 : byte & 0x0FU;
}
constexpr bool bit_at(const Hash& path, unsigned bit) noexcept { return ((path[bit / 8] >> (7 - bit % 8)) & 1) == 1; }
/// Pre: id.nibbles < 64
NodeId child_id(const NodeId& id, unsigned nibble) noexcept;

}  // namespace salus::state_tree
