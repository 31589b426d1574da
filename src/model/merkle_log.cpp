#include "model/merkle_log.hpp"

#include <algorithm>
#include <bit>

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace salus {
namespace {

Hash join(const Hash& left, const Hash& right) { return crypto::merkle_node_hash(left, right); }

/// RFC 6962's k: the largest power of two below `n`. Pre: n > 1
std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

/// Root of leaves [begin, end) out of the complete subtrees that they consist of.
/// Pre: begin < end; begin is a multiple of the smallest power of two that is not below end - begin
Result<Hash> range_root(const LogReader& log, std::uint64_t begin, std::uint64_t end) {
    std::vector<Hash> peaks;
    while (begin < end) {
        const auto level = static_cast<unsigned>(std::bit_width(end - begin) - 1);
        SALUS_TRY(const Hash peak, log.node(level, begin >> level));
        peaks.push_back(peak);
        begin += std::uint64_t{1} << level;
    }
    Hash root = peaks.back();
    for (std::size_t i = peaks.size() - 1; i-- > 0;) root = join(peaks[i], root);
    return root;
}

Status invalid(const char* why) { return fail(ErrorCode::kProofInvalid, why); }

}  // namespace

Hash log_root(std::span<const Hash> leaves) {
    if (leaves.empty()) return crypto::sha256({});
    // Pairs level by level, an odd last node rising as it is: the same tree as RFC 6962's split at k.
    std::vector<Hash> level(leaves.begin(), leaves.end());
    while (level.size() > 1) {
        const std::size_t pairs = level.size() / 2;
        for (std::size_t i = 0; i < pairs; ++i) level[i] = join(level[2 * i], level[2 * i + 1]);
        if (level.size() % 2 == 1) level[pairs] = level.back();
        level.resize((level.size() + 1) / 2);
    }
    return level.front();
}

bool LogFrontier::well_formed() const noexcept {
    return peaks.size() == static_cast<std::size_t>(std::popcount(count));
}

void LogFrontier::append(const Hash& leaf_hash) {
    append(leaf_hash, [](unsigned, std::uint64_t, const Hash&) {});
}

void LogFrontier::append(const Hash& leaf_hash,
                         const std::function<void(unsigned level, std::uint64_t index, const Hash&)>& completed) {
    SALUS_CHECK(well_formed());
    Hash node = leaf_hash;
    unsigned level = 0;
    completed(level, count, node);
    while (((count >> level) & 1) == 1) {
        node = join(peaks.back(), node);
        peaks.pop_back();
        ++level;
        completed(level, count >> level, node);
    }
    peaks.push_back(node);
    ++count;
}

Hash LogFrontier::root() const {
    if (peaks.empty()) return crypto::sha256({});
    Hash root = peaks.back();
    for (std::size_t i = peaks.size() - 1; i-- > 0;) root = join(peaks[i], root);
    return root;
}

Result<std::vector<Hash>> inclusion_path(const LogReader& log, std::uint64_t index, std::uint64_t count) {
    SALUS_CHECK(index < count);
    std::vector<Hash> path;
    std::uint64_t begin = 0;
    std::uint64_t end = count;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + split(end - begin);
        const bool left = index < middle;
        SALUS_TRY(const Hash sibling, left ? range_root(log, middle, end) : range_root(log, begin, middle));
        path.push_back(sibling);
        (left ? end : begin) = middle;
    }
    std::ranges::reverse(path);
    return path;
}

std::vector<Hash> inclusion_path(std::span<const Hash> leaves, std::uint64_t index) {
    SALUS_CHECK(index < leaves.size());
    std::vector<Hash> path;
    while (leaves.size() > 1) {
        const std::uint64_t middle = split(leaves.size());
        const bool left = index < middle;
        path.push_back(log_root(left ? leaves.subspan(middle) : leaves.first(middle)));
        leaves = left ? leaves.first(middle) : leaves.subspan(middle);
        if (!left) index -= middle;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

Result<std::vector<Hash>> consistency_path(const LogReader& log, std::uint64_t from, std::uint64_t to) {
    SALUS_CHECK(from <= to);
    std::vector<Hash> path;
    if (from == 0 || from == to) return path;
    std::uint64_t begin = 0;
    std::uint64_t end = to;
    while (from != end) {
        const std::uint64_t middle = begin + split(end - begin);
        const bool left = from <= middle;
        SALUS_TRY(const Hash sibling, left ? range_root(log, middle, end) : range_root(log, begin, middle));
        path.push_back(sibling);
        (left ? end : begin) = middle;
    }
    if (begin != 0) {  // else the verifier has this node: it is the older root
        SALUS_TRY(const Hash shared, range_root(log, begin, end));
        path.push_back(shared);
    }
    std::ranges::reverse(path);
    return path;
}

Status check_inclusion(const Hash& leaf_hash, std::uint64_t index, std::uint64_t count, std::span<const Hash> path,
                       const Hash& root) {
    if (index >= count) return invalid("the index lies behind the end of the log");
    std::uint64_t fn = index;
    std::uint64_t sn = count - 1;
    Hash r = leaf_hash;
    for (const Hash& p : path) {
        if (sn == 0) return invalid("the inclusion path is too long");
        if ((fn & 1) == 1 || fn == sn) {
            r = join(p, r);
            while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
        } else {
            r = join(r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0) return invalid("the inclusion path is too short");
    if (r != root) return invalid("the inclusion path leads to another root");
    return {};
}

Status check_consistency(std::uint64_t from, std::uint64_t to, std::span<const Hash> path, const Hash& from_root,
                         const Hash& to_root) {
    if (from == 0 || from > to) return invalid("consistency leads from a smaller log, not empty, to a larger one");
    if (from == to) {
        if (!path.empty() || from_root != to_root) return invalid("two logs of one size are equal or not consistent");
        return {};
    }
    if (path.empty()) return invalid("the consistency path is too short");
    std::uint64_t fn = from - 1;
    std::uint64_t sn = to - 1;
    while ((fn & 1) == 1) fn >>= 1, sn >>= 1;
    const bool whole = std::has_single_bit(from);  // then the older root itself begins the path
    Hash fr = whole ? from_root : path.front();
    Hash sr = fr;
    for (const Hash& c : whole ? path : path.subspan(1)) {
        if (sn == 0) return invalid("the consistency path is too long");
        if ((fn & 1) == 1 || fn == sn) {
            fr = join(c, fr);
            sr = join(c, sr);
            while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
        } else {
            sr = join(sr, c);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0) return invalid("the consistency path is too short");
    if (fr != from_root || sr != to_root) return invalid("the consistency path leads to other roots");
    return {};
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(LogFrontier)
}  // namespace salus
