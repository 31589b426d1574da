#include "model/state_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/encoding.hpp"
#include "model/memory_tree.hpp"

namespace salus {
namespace {

using Entry = std::pair<const Hash, Bytes>;

/// The formula of docs/protocol.md, word for word, on lists that are split by one bit after the other.
Hash naive_root(const std::vector<const Entry*>& entries, unsigned bit = 0) {
    if (entries.empty()) return Hash{};
    if (entries.size() == 1) {
        Bytes leaf{0x00};
        append(leaf, entries[0]->first);
        append(leaf, crypto::sha256(entries[0]->second));
        return crypto::sha256(leaf);
    }
    std::vector<const Entry*> sides[2];
    for (const Entry* entry : entries) sides[(entry->first[bit / 8] >> (7 - bit % 8)) & 1].push_back(entry);
    Bytes inner{0x01};
    append(inner, naive_root(sides[0], bit + 1));
    append(inner, naive_root(sides[1], bit + 1));
    return crypto::sha256(inner);
}

Hash naive_root(const MemoryTree& tree) {
    std::vector<const Entry*> entries;
    for (const Entry& entry : tree.values) entries.push_back(&entry);
    return naive_root(entries);
}

/// Exactly the subtrees of more than 16 leaves have a node.
void expect_nodes_fit(const MemoryTree& tree) {
    std::map<NodeId, std::size_t> counts;
    for (const auto& [path, value] : tree.values) {
        NodeId id;
        for (unsigned depth = 0; depth < 64; ++depth) {
            ++counts[id];
            id = state_tree::child_id(id, state_tree::nibble(path, depth));
        }
    }
    std::size_t stored = 0;
    for (const auto& [id, count] : counts) {
        if (count <= state_tree::kStoredAbove) continue;
        ++stored;
        EXPECT_TRUE(tree.nodes.contains(id));
    }
    EXPECT_EQ(tree.nodes.size(), stored);
}

/// A path whose first half is one of few, so that paths meet deep in the tree.
Hash crowded_path(std::mt19937& random) {
    Hash path{};
    for (std::uint8_t& byte : path) byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0x10 * (random() % 3) : 0);
    path[31] = static_cast<std::uint8_t>(random());
    return path;
}

Hash spread_path(std::mt19937& random) {
    return crypto::sha256(big_endian(static_cast<std::uint32_t>(random() % 400)));
}

template <class MakePath>
void play_history(MakePath make_path, std::uint32_t seed) {
    std::mt19937 random(seed);
    MemoryTree tree;
    for (int block = 0; block < 40; ++block) {
        std::map<Hash, std::optional<Bytes>> batch;
        const bool shrinking = block % 20 >= 12;
        for (auto i = random() % 40; i-- > 0;) {
            if (shrinking && !tree.values.empty() && random() % 4 != 0) {
                batch[std::next(tree.values.begin(), static_cast<long>(random() % tree.values.size()))->first] =
                    std::nullopt;
            } else {
                batch[make_path(random)] = to_bytes(big_endian(static_cast<std::uint32_t>(random())));
            }
        }
        std::vector<StateChange> changes;
        for (const auto& [path, value] : batch) changes.push_back({path, value});
        tree.apply(changes);
        ASSERT_EQ(tree.root, naive_root(tree)) << "block " << block;
        if (block % 10 == 9) expect_nodes_fit(tree);

        std::vector<StateLeaf> all = tree.leaves({}, tree.values.size()).value();
        EXPECT_EQ(tree_root(all), tree.root);
        for (int i = 0; i < 5; ++i) {
            const Hash path = make_path(random);
            const auto proof = prove_state(tree, path).value();
            ASSERT_TRUE(check_state(proof, path, tree.value(path), tree.root));
        }
    }
    std::vector<StateChange> clear;
    for (const auto& [path, value] : tree.values) clear.push_back({path, std::nullopt});
    EXPECT_EQ(tree.apply(clear), kEmptyTree);
    EXPECT_TRUE(tree.nodes.empty());
}

TEST(StateTree, HistoriesWithDeletionsGiveTheRootOfWhatIsLeft) {
    for (std::uint32_t seed = 1; seed <= 3; ++seed) play_history(spread_path, seed);
}
TEST(StateTree, PathsThatMeetDeepInTheTreeGiveTheRootOfWhatIsLeft) {
    for (std::uint32_t seed = 1; seed <= 3; ++seed) play_history(crowded_path, seed);
}

TEST(StateTree, SixteenLeavesNeedNoNodeAndSeventeenDo) {
    MemoryTree tree;
    std::vector<StateChange> sixteen;
    for (std::uint32_t i = 0; i < 16; ++i) sixteen.push_back({crypto::sha256(big_endian(i)), Bytes{1}});
    const Hash before = tree.apply(sixteen);
    EXPECT_TRUE(tree.nodes.empty());
    const Hash seventeenth = crypto::sha256(big_endian(std::uint32_t{16}));
    EXPECT_NE(tree.apply({{seventeenth, Bytes{}}}), before);
    EXPECT_EQ(tree.nodes.size(), 1U);
    EXPECT_EQ(tree.apply({{seventeenth, std::nullopt}}), before);
    EXPECT_TRUE(tree.nodes.empty());
}

TEST(StateTree, AnUnchangedValueAndTheRemovalOfNothingWriteNoNode) {
    MemoryTree tree;
    std::vector<StateChange> changes;
    for (std::uint32_t i = 0; i < 500; ++i) changes.push_back({crypto::sha256(big_endian(i)), Bytes{1}});
    tree.apply(changes);
    std::vector<StateChange> same{{crypto::sha256(big_endian(std::uint32_t{7})), Bytes{1}},
                                  {crypto::sha256(big_endian(std::uint32_t{7777})), std::nullopt}};
    std::ranges::sort(same, {}, &StateChange::path);
    const auto update = update_tree(tree, same).value();
    EXPECT_EQ(update.root, tree.root);
    EXPECT_TRUE(update.nodes.empty());
}

TEST(StateTree, NodesThatDoNotFitAreReportedAsCorrupt) {
    MemoryTree tree;
    std::vector<StateChange> changes;
    for (std::uint32_t i = 0; i < 500; ++i) changes.push_back({crypto::sha256(big_endian(i)), Bytes{1}});
    tree.apply(changes);
    const auto code = [&](MemoryTree& broken) {
        auto update = update_tree(broken, changes = {{changes[0].path, Bytes{2}}});
        EXPECT_FALSE(update);
        return update ? ErrorCode::kOk : update.error().code;
    };
    MemoryTree missing = tree;
    missing.nodes.erase(missing.nodes.begin());
    EXPECT_EQ(code(missing), ErrorCode::kCorrupt);
    MemoryTree cut = tree;
    cut.nodes.begin()->second.pop_back();
    EXPECT_EQ(code(cut), ErrorCode::kCorrupt);
    MemoryTree fewer = tree;
    fewer.values.erase(fewer.values.begin(), fewer.values.end());
    EXPECT_EQ(code(fewer), ErrorCode::kCorrupt);
}

TEST(StateTree, EveryChangedPartOfAProofIsRefused) {
    MemoryTree tree;
    std::vector<StateChange> changes;
    for (std::uint32_t i = 0; i < 40; ++i) changes.push_back({crypto::sha256(big_endian(i)), Bytes{1}});
    tree.apply(changes);
    for (std::uint32_t i = 0; i < 80; ++i) {
        const Hash path = crypto::sha256(big_endian(i));
        const auto value = tree.value(path);
        const auto good = prove_state(tree, path).value();
        ASSERT_TRUE(check_state(good, path, value, tree.root));
        EXPECT_FALSE(check_state(good, path, value ? std::optional<Bytes>{} : Bytes{1}, tree.root));
        EXPECT_FALSE(check_state(good, path, Bytes{2}, tree.root));
        const Bytes bytes = codec::encode(good);
        for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
            Bytes bad = bytes;
            bad[byte] = static_cast<std::uint8_t>(bad[byte] ^ (1U << ((byte + i) % 8)));
            const auto decoded = codec::decode<StateProof>(bad);
            EXPECT_FALSE(decoded && check_state(*decoded, path, value, tree.root)) << byte;
        }
    }
}

TEST(StateTree, AProofOfAbsenceByALeafFromElsewhereIsRefused) {
    MemoryTree tree;
    Hash left{}, right{}, absent{};
    right[0] = 0x80;
    absent[0] = 0xC0;
    tree.apply({{left, Bytes{1}}, {right, Bytes{2}}});
    auto proof = prove_state(tree, absent).value();
    ASSERT_EQ(proof.other_path, right);
    EXPECT_TRUE(check_state(proof, absent, std::nullopt, tree.root));
    EXPECT_FALSE(check_state(proof, right, std::nullopt, tree.root)) << "the leaf itself is there";
    absent[0] = 0x40;  // on the left: the leaf shown is not the one that stands in its way
    EXPECT_FALSE(check_state(proof, absent, std::nullopt, tree.root));
}

TEST(StateTree, TheEmptyTreeProvesThatAnythingIsAbsent) {
    const MemoryTree tree;
    const auto proof = prove_state(tree, Hash{7}).value();
    EXPECT_TRUE(check_state(proof, Hash{7}, std::nullopt, kEmptyTree));
    EXPECT_FALSE(check_state(proof, Hash{7}, Bytes{}, kEmptyTree));
}

// --- the shared vectors
// ------------------------------------------------------------------------------------------------

StateChange change_of(const boost::json::value& entry) {
    const auto key = from_hex(std::string_view(entry.at("key").as_string())).value();
    const auto contract = static_cast<Contract>(entry.at("contract").to_number<std::uint32_t>());
    StateChange change{state_path(contract, key), std::nullopt};
    const auto* value = entry.as_object().if_contains("value");
    if (value != nullptr && value->is_string()) change.value = from_hex(std::string_view(value->as_string())).value();
    return change;
}

/// The last change of a path counts.
std::vector<StateChange> batch_of(const boost::json::array& entries) {
    std::map<Hash, StateChange> batch;
    for (const auto& entry : entries) {
        StateChange change = change_of(entry);
        batch[change.path] = change;
    }
    std::vector<StateChange> changes;
    for (auto& [path, change] : batch) changes.push_back(change);
    return changes;
}

TEST(StateTree, FollowsTheSharedVectors) {
    std::ifstream file(std::filesystem::path(SALUS_SHARED_DATA) / "ledger" / "state_tree.json");
    if (!file) GTEST_SKIP() << "no shared vectors on this machine: ledger/state_tree.json";
    const auto vectors = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    for (const auto& set : vectors.at("sets").as_array()) {
        MemoryTree tree;
        EXPECT_EQ(to_hex(tree.apply(batch_of(set.at("entries").as_array()))), set.at("root").as_string());
    }
    MemoryTree tree;
    bool removed = false;
    for (const auto& step : vectors.at("history").as_array()) {
        const auto changes = batch_of(step.at("changes").as_array());
        for (const auto& change : changes) removed = removed || !change.value;
        EXPECT_EQ(to_hex(tree.apply(changes)), step.at("root").as_string());
    }
    EXPECT_TRUE(removed);
}

}  // namespace
}  // namespace salus
