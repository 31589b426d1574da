#include "model/state_node.hpp"

#include <algorithm>

#include "crypto/hash.hpp"

namespace salus::state_tree {
namespace {

constexpr std::size_t kEntryBytes = 33;
constexpr std::uint8_t kMany = kStoredAbove + 1;

Hash leaf_hash(const StateLeaf& leaf) {
    ByteArray<64> both;
    std::copy(leaf.path.begin(), leaf.path.end(), both.begin());
    std::copy(leaf.value_hash.begin(), leaf.value_hash.end(), both.begin() + 32);
    return crypto::merkle_leaf_hash(both);
}

Hash hash_leaves(std::span<const StateLeaf> leaves, unsigned bit) {
    if (leaves.empty()) return kEmptyTree;
    if (leaves.size() == 1) return leaf_hash(leaves.front());
    const auto middle =
        std::ranges::partition_point(leaves, [bit](const StateLeaf& leaf) { return !bit_at(leaf.path, bit); });
    const auto left = static_cast<std::size_t>(middle - leaves.begin());
    return crypto::merkle_node_hash(hash_leaves(leaves.first(left), bit + 1),
                                    hash_leaves(leaves.subspan(left), bit + 1));
}

std::uint8_t saturated(std::size_t count) { return static_cast<std::uint8_t>(std::min<std::size_t>(count, kMany)); }

tl::unexpected<Error> corrupt(const char* what) { return fail(ErrorCode::kCorrupt, what); }

}  // namespace

Subtree join(const Subtree& left, const Subtree& right) {
    if (left.count == 0 && right.count <= 1) return right;
    if (right.count == 0 && left.count <= 1) return left;
    return {crypto::merkle_node_hash(left.hash, right.hash), saturated(std::size_t{left.count} + right.count)};
}

Subtree fold(std::span<const Subtree> neighbours) {
    if (neighbours.size() == 1) return neighbours.front();
    const std::size_t half = neighbours.size() / 2;
    return join(fold(neighbours.first(half)), fold(neighbours.subspan(half)));
}

Subtree from_leaves(std::span<const StateLeaf> leaves, unsigned bit) {
    return {hash_leaves(leaves, bit), saturated(leaves.size())};
}

Bytes encode_node(const Children& children) {
    std::uint16_t present = 0;
    Bytes out(2);
    out.reserve(2 + children.size() * kEntryBytes);
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (children[i].count == 0) continue;
        present = static_cast<std::uint16_t>(present | (0x8000U >> i));
        out.push_back(children[i].count);
        append(out, children[i].hash);
    }
    std::ranges::copy(big_endian(present), out.begin());
    return out;
}

Result<Children> decode_node(ByteView bytes) {
    if (bytes.size() < 2) return corrupt("a tree node is cut off");
    const auto present = from_big_endian<std::uint16_t>(bytes.first(2));
    bytes = bytes.subspan(2);
    Children children;
    std::size_t total = 0;
    for (std::size_t i = 0; i < children.size(); ++i) {
        if ((present & (0x8000U >> i)) == 0) continue;
        if (bytes.size() < kEntryBytes) return corrupt("a tree node is cut off");
        children[i].count = bytes[0];
        if (children[i].count == 0 || children[i].count > kMany) return corrupt("a tree node counts wrongly");
        std::ranges::copy(bytes.subspan(1, 32), children[i].hash.begin());
        total += children[i].count;
        bytes = bytes.subspan(kEntryBytes);
    }
    if (!bytes.empty()) return corrupt("a tree node is too long");
    if (total <= kStoredAbove) return corrupt("a tree node stands for too few leaves");
    return children;
}

Result<Children> read_children(const TreeReader& tree, const NodeId& id) {
    SALUS_TRY(const auto bytes, tree.node(id));
    if (!bytes) return corrupt("a tree node is missing");
    return decode_node(*bytes);
}

Result<std::vector<StateLeaf>> read_leaves(const TreeReader& tree, const NodeId& id, std::size_t count) {
    if (count == 0) return std::vector<StateLeaf>{};
    SALUS_TRY(auto leaves, tree.leaves(id, kStoredAbove + 1));
    if (leaves.size() != count) return corrupt("a tree node counts other leaves than there are");
    return leaves;
}

NodeId child_id(const NodeId& id, unsigned nibble) noexcept {
    NodeId child = id;
    std::uint8_t& byte = child.prefix[id.nibbles / 2];
    byte = static_cast<std::uint8_t>(byte | (id.nibbles % 2 == 0 ? nibble << 4 : nibble));
    ++child.nibbles;
    return child;
}

}  // namespace salus::state_tree
