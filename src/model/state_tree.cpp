#include "model/state_tree.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "model/state_node.hpp"

namespace salus {

using namespace state_tree;

namespace {

/// Applies one sorted batch from the root down, touching each stored node once.
class Update {
public:
    explicit Update(const TreeReader& tree) : tree_(tree) {}

    /// The subtree `id` after `changes`, which all lie in it. `before` is what stood there.
    Result<Subtree> apply(const NodeId& id, const Subtree& before, std::span<const StateChange> changes) {
        if (!before.stored()) {
            SALUS_TRY(const auto leaves, read_leaves(tree_, id, before.count));
            return build(id, merged(leaves, changes));
        }
        SALUS_TRY(const auto stored, tree_.node(id));
        if (!stored) return fail(ErrorCode::kCorrupt, "a tree node is missing");
        SALUS_TRY(Children children, decode_node(*stored));
        while (!changes.empty()) {
            const unsigned n = nibble(changes.front().path, id.nibbles);
            const std::size_t count = leading(changes, id.nibbles, n);
            SALUS_TRY(children[n], apply(child_id(id, n), children[n], changes.first(count)));
            changes = changes.subspan(count);
        }
        const Subtree after = fold(children);
        if (!after.stored()) {
            write(id, std::nullopt);
        } else if (Bytes bytes = encode_node(children); bytes != *stored) {
            write(id, std::move(bytes));
        }
        return after;
    }

    std::vector<NodeWrite> take() {
        std::vector<NodeWrite> all;
        for (auto& level : writes_) std::ranges::move(level, std::back_inserter(all));
        return all;
    }

private:
    /// A subtree that had no node, out of all its leaves; makes nodes where there are enough of them now.
    Subtree build(const NodeId& id, std::span<const StateLeaf> leaves) {
        if (leaves.size() <= kStoredAbove) return from_leaves(leaves, 4U * id.nibbles);
        Children children;
        while (!leaves.empty()) {
            const unsigned n = nibble(leaves.front().path, id.nibbles);
            const std::size_t count = leading(leaves, id.nibbles, n);
            children[n] = build(child_id(id, n), leaves.first(count));
            leaves = leaves.subspan(count);
        }
        write(id, encode_node(children));
        return fold(children);
    }

    static std::vector<StateLeaf> merged(std::span<const StateLeaf> leaves, std::span<const StateChange> changes) {
        std::vector<StateLeaf> out;
        out.reserve(leaves.size() + changes.size());
        auto leaf = leaves.begin();
        for (const StateChange& change : changes) {
            while (leaf != leaves.end() && leaf->path < change.path) out.push_back(*leaf++);
            if (leaf != leaves.end() && leaf->path == change.path) ++leaf;
            if (change.value) out.push_back({change.path, crypto::sha256(*change.value)});
        }
        out.insert(out.end(), leaf, leaves.end());
        return out;
    }

    /// How many of the first elements have nibble `n` at `depth`.
    template <class Element>
    static std::size_t leading(std::span<const Element> elements, unsigned depth, unsigned n) {
        const auto end = std::ranges::partition_point(
            elements, [&](const Element& element) { return nibble(element.path, depth) == n; });
        return static_cast<std::size_t>(end - elements.begin());
    }

    void write(const NodeId& id, std::optional<Bytes> value) { writes_[id.nibbles].push_back({id, std::move(value)}); }

    const TreeReader& tree_;
    std::array<std::vector<NodeWrite>, 65> writes_;  ///< by depth; each ascends as the walk does
};

/// What stands at the root, without its hash: enough to begin the walk.
Result<Subtree> root_shape(const TreeReader& tree) {
    SALUS_TRY(const auto node, tree.node({}));
    if (node) return Subtree{kEmptyTree, kStoredAbove + 1};
    SALUS_TRY(const auto leaves, tree.leaves({}, kStoredAbove + 1));
    if (leaves.size() > kStoredAbove) return fail(ErrorCode::kCorrupt, "the tree's root node is missing");
    return Subtree{kEmptyTree, static_cast<std::uint8_t>(leaves.size())};
}

/// Collects the siblings of one path from the root down.
class Prover {
public:
    Prover(const TreeReader& tree, const Hash& path) : tree_(tree), path_(path) {}

    Result<StateProof> prove() {
        SALUS_TRY(Subtree here, root_shape(tree_));
        NodeId id;
        while (here.stored()) {
            SALUS_TRY(const Children children, read_children(tree_, id));
            std::span<const Subtree> range(children);
            std::size_t first = 0;
            while (range.size() > 1) {
                if (leaf_count(range) <= 1) return ends_in(id, range, first);
                const std::size_t half = range.size() / 2;
                const bool right = bit_at(path_, proof_.depth);
                add(fold(right ? range.first(half) : range.subspan(half)));
                range = right ? range.subspan(half) : range.first(half);
                if (right) first += half;
            }
            here = range.front();
            id = child_id(id, static_cast<unsigned>(first));
        }
        SALUS_TRY(const auto leaves, read_leaves(tree_, id, here.count));
        return ends_among(leaves);
    }

private:
    static std::size_t leaf_count(std::span<const Subtree> range) {
        std::size_t count = 0;
        for (const Subtree& child : range) count += child.count;
        return count;
    }

    /// The path ends within a node: at most one leaf is left in `range`, whose first child has number `first`.
    Result<StateProof> ends_in(const NodeId& id, std::span<const Subtree> range, std::size_t first) {
        for (std::size_t i = 0; i < range.size(); ++i) {
            if (range[i].count == 0) continue;
            SALUS_TRY(const auto leaves, read_leaves(tree_, child_id(id, static_cast<unsigned>(first + i)), 1));
            return ends_among(leaves);
        }
        return ends_among({});
    }

    /// The path ends among these leaves, which are all of the subtree that it has reached.
    Result<StateProof> ends_among(std::span<const StateLeaf> leaves) {
        while (leaves.size() > 1) {
            const unsigned bit = proof_.depth;
            const auto middle =
                std::ranges::partition_point(leaves, [bit](const StateLeaf& leaf) { return !bit_at(leaf.path, bit); });
            const auto left = static_cast<std::size_t>(middle - leaves.begin());
            const bool right = bit_at(path_, bit);
            add(from_leaves(right ? leaves.first(left) : leaves.subspan(left), bit + 1));
            leaves = right ? leaves.subspan(left) : leaves.first(left);
        }
        if (!leaves.empty() && leaves.front().path != path_) {
            proof_.other_path = leaves.front().path;
            proof_.other_value_hash = leaves.front().value_hash;
        }
        return std::move(proof_);
    }

    void add(const Subtree& sibling) {
        const std::uint32_t bit = proof_.depth++;
        if (sibling.count > 0) {
            proof_.siblings.push_back(sibling.hash);
            return;
        }
        proof_.empty.resize(bit / 8 + 1);
        proof_.empty[bit / 8] = static_cast<std::uint8_t>(proof_.empty[bit / 8] | (0x80U >> (bit % 8)));
    }

    const TreeReader& tree_;
    const Hash& path_;
    StateProof proof_;
};

Status bad_proof(const char* why) { return fail(ErrorCode::kProofInvalid, why); }

bool sibling_is_empty(const StateProof& proof, std::uint32_t depth) {
    return depth / 8 < proof.empty.size() && ((proof.empty[depth / 8] >> (7 - depth % 8)) & 1) == 1;
}

/// One proof has one form; without this a byte could change and nothing be refused.
Status check_form(const StateProof& proof) {
    if (proof.depth > 256) return bad_proof("the state proof is deeper than a path");
    if (!proof.empty.empty() && proof.empty.back() == 0) return bad_proof("the state proof has a superfluous byte");
    std::size_t empty = 0;
    for (std::uint32_t depth = 0; depth < 8 * proof.empty.size(); ++depth) {
        if (!sibling_is_empty(proof, depth)) continue;
        if (depth >= proof.depth) return bad_proof("the state proof has siblings below its end");
        ++empty;
    }
    if (proof.siblings.size() + empty != proof.depth) return bad_proof("the state proof has not one sibling a level");
    if (proof.depth > 0 && sibling_is_empty(proof, proof.depth - 1))
        return bad_proof("the state proof goes deeper than the tree");
    if (std::ranges::find(proof.siblings, kEmptyTree) != proof.siblings.end())
        return bad_proof("the state proof writes an empty sibling out");
    if (proof.other_path.has_value() != proof.other_value_hash.has_value())
        return bad_proof("the state proof has half a leaf");
    return {};
}

bool shares_bits(const Hash& a, const Hash& b, std::uint32_t bits) {
    for (std::uint32_t i = 0; i < bits; ++i)
        if (bit_at(a, i) != bit_at(b, i)) return false;
    return true;
}

}  // namespace

Hash tree_root(std::span<const StateLeaf> leaves) { return from_leaves(leaves, 0).hash; }

Result<TreeUpdate> update_tree(const TreeReader& tree, std::span<const StateChange> changes) {
    SALUS_CHECK(std::ranges::adjacent_find(changes, std::ranges::greater_equal{}, &StateChange::path) == changes.end());
    SALUS_TRY(const Subtree before, root_shape(tree));
    Update update(tree);
    SALUS_TRY(const Subtree after, update.apply({}, before, changes));
    return TreeUpdate{after.hash, update.take()};
}

Result<StateProof> prove_state(const TreeReader& tree, const Hash& path) { return Prover(tree, path).prove(); }

Status check_state(const StateProof& proof, const Hash& path, const std::optional<Bytes>& value, const Hash& root) {
    SALUS_TRY_STATUS(check_form(proof));
    Hash hash = kEmptyTree;
    if (value) {
        if (proof.other_path) return bad_proof("the state proof shows another leaf in the place of the value");
        hash = from_leaves(std::array{StateLeaf{path, crypto::sha256(*value)}}, 0).hash;
    } else if (proof.other_path) {
        if (*proof.other_path == path)
            return bad_proof("the state proof shows that what is said to be absent is there");
        if (!shares_bits(*proof.other_path, path, proof.depth))
            return bad_proof("the state proof shows a leaf from elsewhere");
        hash = from_leaves(std::array{StateLeaf{*proof.other_path, *proof.other_value_hash}}, 0).hash;
    }
    auto sibling = proof.siblings.rbegin();
    for (std::uint32_t depth = proof.depth; depth-- > 0;) {
        const Hash& other = sibling_is_empty(proof, depth) ? kEmptyTree : *sibling++;
        hash = bit_at(path, depth) ? crypto::merkle_node_hash(other, hash) : crypto::merkle_node_hash(hash, other);
    }
    if (hash != root) return bad_proof("the state proof leads to another root");
    return {};
}

}  // namespace salus
