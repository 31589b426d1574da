#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/codec.hpp"
#include "model/state.hpp"

/// The sparse Merkle tree over the state. Source: docs/protocol.md, "State tree"
///
///     leaf   SHA-256(0x00 || path || SHA-256(value))      inner  SHA-256(0x01 || left || right)
///     an empty subtree is 32 zero bytes; a subtree with one leaf hashes as that leaf
namespace salus {

inline constexpr Hash kEmptyTree{};

/// A change of one place: a new value, or its removal.
struct StateChange {
    Hash path{};
    std::optional<Bytes> value;
};

struct StateLeaf {
    Hash path{};
    Hash value_hash{};
};

/// Where a stored node stands: the first `nibbles` half-bytes of a path.
struct NodeId {
    std::uint8_t nibbles = 0;
    Hash prefix{};  ///< zero behind the nibbles
    auto operator<=>(const NodeId&) const = default;
};

/// Latest version of the tree as a store keeps it. Storage is radix 16: a node stands for each subtree at a nibble
/// boundary that has more than 16 leaves; smaller ones are computed from their leaves.
class TreeReader {
public:
    virtual ~TreeReader() = default;
    virtual Result<std::optional<Bytes>> node(const NodeId& id) const = 0;
    /// Leaves whose path begins with the prefix, ascending, at most `limit`.
    virtual Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const = 0;
};

struct NodeWrite {
    NodeId id;
    std::optional<Bytes> value;  ///< nothing: the node goes
};

struct TreeUpdate {
    Hash root{};
    std::vector<NodeWrite> nodes;  ///< ascending
};

/// The root over a whole state, for whoever holds all of it. Pre: paths strictly ascending
Hash tree_root(std::span<const StateLeaf> leaves);

/// The tree after `changes`. `tree` shows it before them.
/// Pre: paths strictly ascending
/// Errors: those of the reader; kCorrupt where stored nodes do not fit
Result<TreeUpdate> update_tree(const TreeReader& tree, std::span<const StateChange> changes);

/// Shows that a path has a value, or has none.
struct StateProof {
    std::uint32_t depth = 0;  ///< siblings from the root down to where the path ends
    Bytes empty;  ///< bit i (most significant first), set: sibling i is an empty subtree; ceil(depth/8) bytes, no
                  ///< trailing zero bytes
    std::vector<Hash> siblings;      ///< those that are not empty, from the root down
    std::optional<Hash> other_path;  ///< of an absence: the one leaf that stands there instead
    std::optional<Hash> other_value_hash;

    static constexpr std::string_view kName = "StateProof";
    static constexpr auto kFields = codec::table(
        codec::field<1>("depth", &StateProof::depth), codec::field<2>("empty", &StateProof::empty, 32),
        codec::field<3>("siblings", &StateProof::siblings, 256), codec::field<4>("other_path", &StateProof::other_path),
        codec::field<5>("other_value_hash", &StateProof::other_value_hash));
    bool operator==(const StateProof&) const = default;
};

Result<StateProof> prove_state(const TreeReader& tree, const Hash& path);

/// Whether under `root` the path has `value` (nothing: is absent). Errors: kProofInvalid
Status check_state(const StateProof& proof, const Hash& path, const std::optional<Bytes>& value, const Hash& root);

}  // namespace salus
