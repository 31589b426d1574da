#include "model/merkle_log.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "model/memory_log.hpp"

namespace salus {
namespace {

namespace fs = std::filesystem;

/// RFC 6962 section 2.1, word for word: the reference.
Hash naive_root(std::span<const Hash> leaves) {
    if (leaves.empty()) return crypto::sha256({});
    if (leaves.size() == 1) return leaves[0];
    std::size_t k = 1;
    while (2 * k < leaves.size()) k *= 2;
    return crypto::merkle_node_hash(naive_root(leaves.first(k)), naive_root(leaves.subspan(k)));
}

std::vector<Hash> some_leaves(std::size_t count) {
    std::vector<Hash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(crypto::merkle_leaf_hash(big_endian(std::uint64_t{i})));
    return leaves;
}

TEST(MerkleLog, FrontierNodesAndListGiveTheRootOfTheRfc) {
    for (std::size_t count = 0; count <= 70; ++count) {
        const auto leaves = some_leaves(count);
        const MemoryLog log(leaves);
        EXPECT_TRUE(log.frontier.well_formed());
        EXPECT_EQ(log.frontier.count, count);
        EXPECT_EQ(log.frontier.root(), naive_root(leaves)) << count;
        EXPECT_EQ(log_root(leaves), naive_root(leaves)) << count;
    }
}

TEST(MerkleLog, AFrontierWithAPeakTooManyIsNotWellFormed) {
    EXPECT_TRUE((LogFrontier{5, {Hash{}, Hash{}}}.well_formed()));
    EXPECT_FALSE((LogFrontier{5, {Hash{}}}.well_formed()));
    EXPECT_FALSE((LogFrontier{4, {Hash{}, Hash{}}}.well_formed()));
}

TEST(MerkleLog, EveryLeafOfEveryLogIsProvenInItsPlaceOnly) {
    for (std::uint64_t count = 1; count <= 33; ++count) {
        const auto leaves = some_leaves(count);
        const MemoryLog log(leaves);
        const Hash root = log.frontier.root();
        for (std::uint64_t index = 0; index < count; ++index) {
            auto path = inclusion_path(log, index, count).value();
            ASSERT_TRUE(check_inclusion(leaves[index], index, count, path, root));
            EXPECT_EQ(inclusion_path(leaves, index), path);
            EXPECT_FALSE(check_inclusion(leaves[index], index + 1, count, path, root));
            EXPECT_FALSE(check_inclusion(leaves[(index + 1) % count], index, count, path, root) && count > 1);
            for (Hash& part : path) {
                part[7] ^= 1;
                EXPECT_FALSE(check_inclusion(leaves[index], index, count, path, root));
                part[7] ^= 1;
            }
            path.push_back(root);
            EXPECT_FALSE(check_inclusion(leaves[index], index, count, path, root));
        }
    }
}

TEST(MerkleLog, AnEarlierCountIsProvenFromALaterLog) {
    const auto leaves = some_leaves(40);
    const MemoryLog log(leaves);
    for (std::uint64_t to = 1; to <= 40; ++to) {
        const Hash to_root = naive_root(std::span(leaves).first(to));
        for (std::uint64_t from = 1; from <= to; ++from) {
            const Hash from_root = naive_root(std::span(leaves).first(from));
            auto path = consistency_path(log, from, to).value();
            ASSERT_TRUE(check_consistency(from, to, path, from_root, to_root)) << from << " to " << to;
            for (std::size_t i = 0; i < path.size(); ++i) {
                path[i][0] ^= 1;
                EXPECT_FALSE(check_consistency(from, to, path, from_root, to_root));
                path[i][0] ^= 1;
            }
            if (from < to) {
                EXPECT_FALSE(check_consistency(from, to, path, to_root, to_root));
            }
            path.push_back(Hash{});
            EXPECT_FALSE(check_consistency(from, to, path, from_root, to_root));
        }
        EXPECT_TRUE(consistency_path(log, 0, to).value().empty());
    }
}

RC_GTEST_PROP(MerkleLog, PathsOfLargeLogsHold, ()) {
    const auto count = *rc::gen::inRange<std::uint64_t>(1, 3000);
    const auto index = *rc::gen::inRange<std::uint64_t>(0, count);
    const auto leaves = some_leaves(count);
    const MemoryLog log(leaves);
    const Hash root = log.frontier.root();
    RC_ASSERT(root == naive_root(leaves));
    RC_ASSERT(check_inclusion(leaves[index], index, count, inclusion_path(log, index, count).value(), root));
    const Hash earlier = naive_root(std::span(leaves).first(index + 1));
    RC_ASSERT(check_consistency(index + 1, count, consistency_path(log, index + 1, count).value(), earlier, root));
}

// --- transparency-dev's vectors
// ----------------------------------------------------------------------------------------

/// Some vectors have roots and parts of other lengths, which no value of ours can hold: as a root one is stood for by
/// its hash, as a part of a path it is refused before the check.
std::optional<Hash> hash_of(const boost::json::value& value) {
    const auto bytes = from_base64(std::string_view(value.as_string()));
    if (!bytes || bytes->size() != 32) return std::nullopt;
    Hash hash;
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    return hash;
}

Hash root_of(const boost::json::value& value) {
    return hash_of(value).value_or(crypto::sha256(as_bytes(std::string_view(value.as_string()))));
}

std::optional<std::vector<Hash>> path_of(const boost::json::value& proof) {
    std::vector<Hash> path;
    if (proof.is_null()) return path;
    for (const auto& part : proof.as_array()) {
        const auto hash = hash_of(part);
        if (!hash) return std::nullopt;
        path.push_back(*hash);
    }
    return path;
}

bool inclusion_holds(const boost::json::value& test) {
    const auto path = path_of(test.at("proof"));
    const auto leaf = hash_of(test.at("leafHash"));
    return path && leaf &&
           check_inclusion(*leaf, test.at("leafIdx").to_number<std::uint64_t>(),
                           test.at("treeSize").to_number<std::uint64_t>(), *path, root_of(test.at("root")))
               .has_value();
}

bool consistency_holds(const boost::json::value& test) {
    const auto path = path_of(test.at("proof"));
    return path &&
           check_consistency(test.at("size1").to_number<std::uint64_t>(), test.at("size2").to_number<std::uint64_t>(),
                             *path, root_of(test.at("root1")), root_of(test.at("root2")))
               .has_value();
}

template <class Holds>
void run_vectors(const char* kind, Holds holds, std::size_t at_least) {
    const fs::path root = fs::path(SALUS_SHARED_DATA) / "merkle" / kind;
    if (!fs::exists(root)) GTEST_SKIP() << "no shared vectors on this machine: merkle/" << kind;
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (entry.path().extension() != ".json") continue;
        std::ifstream file(entry.path());
        const auto test = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
        EXPECT_EQ(holds(test), !test.at("wantErr").as_bool()) << entry.path();
        ++count;
    }
    EXPECT_GE(count, at_least);
}

TEST(MerkleLog, InclusionFollowsTheSharedVectors) { run_vectors("inclusion", inclusion_holds, 90); }
TEST(MerkleLog, ConsistencyFollowsTheSharedVectors) { run_vectors("consistency", consistency_holds, 90); }

}  // namespace
}  // namespace salus
