#pragma once

#include <functional>
#include <span>
#include <vector>

#include "model/codec.hpp"

/// RFC 6962 (RFC 9162, section 2.1) trees over leaf *hashes*: whoever has leaf bytes hashes them with 0x00 in front.
namespace salus {

/// Root over all of `leaves`; SHA-256 of nothing where there are none.
Hash log_root(std::span<const Hash> leaves);

/// An append-only log's size and the roots of its perfect subtrees, largest first: enough to append and to give the
/// root.
struct LogFrontier {
    std::uint64_t count = 0;
    std::vector<Hash> peaks;  ///< one for each bit of count

    static constexpr std::string_view kName = "LogFrontier";
    static constexpr auto kFields =
        codec::table(codec::field<1>("count", &LogFrontier::count), codec::field<2>("peaks", &LogFrontier::peaks, 64));
    bool operator==(const LogFrontier&) const = default;

    /// Whether there are as many peaks as count has bits: what a decoder cannot see.
    [[nodiscard]] bool well_formed() const noexcept;
    void append(const Hash& leaf_hash);
    /// Appends and tells every node that became complete: level (0 the leaf), index on that level, hash.
    void append(const Hash& leaf_hash,
                const std::function<void(unsigned level, std::uint64_t index, const Hash&)>& completed);
    [[nodiscard]] Hash root() const;
};

/// Read access to the complete nodes of a stored log.
class LogReader {
public:
    virtual ~LogReader() = default;
    /// The root of leaves [index << level, (index + 1) << level). Errors: kIo, kCorrupt, kNotFound
    virtual Result<Hash> node(unsigned level, std::uint64_t index) const = 0;
};

/// RFC 6962 section 2.1.1: the audit path of leaf `index` in the log's first `count` leaves.
/// Pre: index < count
Result<std::vector<Hash>> inclusion_path(const LogReader& log, std::uint64_t index, std::uint64_t count);
/// The same among leaf hashes in memory. Pre: index < leaves.size()
std::vector<Hash> inclusion_path(std::span<const Hash> leaves, std::uint64_t index);
/// RFC 6962 section 2.1.2: from the first `from` leaves to the first `to`. Pre: from <= to
Result<std::vector<Hash>> consistency_path(const LogReader& log, std::uint64_t from, std::uint64_t to);

/// Errors: kProofInvalid. Source: RFC 9162, sections 2.1.3.2 and 2.1.4.2
Status check_inclusion(const Hash& leaf_hash, std::uint64_t index, std::uint64_t count, std::span<const Hash> path,
                       const Hash& root);
Status check_consistency(std::uint64_t from, std::uint64_t to, std::span<const Hash> path, const Hash& from_root,
                         const Hash& to_root);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(LogFrontier)
}  // namespace salus
