#pragma once

#include <string>

#include "base/strong_types.hpp"
#include "crypto/secret.hpp"
#include "model/codec.hpp"

/// The leaf of a custodian's log that stands for one version of one resource. Source: docs/protocol.md, "Leaf"
namespace salus {

enum class RecordOp : std::uint32_t { kCreate = 1, kUpdate = 2, kDelete = 3, kError = 4, kLink = 5, kCopy = 6 };
constexpr bool is_known(RecordOp op) noexcept { return op >= RecordOp::kCreate && op <= RecordOp::kCopy; }

inline constexpr std::uint32_t kDigestSha256 = 1;  ///< SHA-256 of the stored bytes

using Salt = ByteArray<16>;

/// What a leaf says, for whoever may know it.
struct LeafContent {
    Salt salt{};
    AccountId custodian;
    std::string type;  ///< FHIR resource type
    std::string id;    ///< FHIR logical id
    std::uint64_t version = 0;
    RecordOp op{};
    TimeMs written_ms = 0;
    Hash origin{};  ///< of a copy: its leaf there; else 32 zeros
    std::uint32_t digest_suite = kDigestSha256;
    Hash digest{};

    static constexpr std::string_view kName = "LeafContent";
    static constexpr auto kFields = codec::table(
        codec::field<1>("salt", &LeafContent::salt), codec::field<2>("custodian", &LeafContent::custodian),
        codec::field<3>("type", &LeafContent::type, 64), codec::field<4>("id", &LeafContent::id, 64),
        codec::field<5>("version", &LeafContent::version), codec::field<6>("op", &LeafContent::op),
        codec::field<7>("written_ms", &LeafContent::written_ms), codec::field<8>("origin", &LeafContent::origin),
        codec::field<9>("digest_suite", &LeafContent::digest_suite), codec::field<10>("digest", &LeafContent::digest));
    bool operator==(const LeafContent&) const = default;

    /// SHA-256("salus.record.v1" || salt || each of the rest as u32 length || bytes, integers as big-endian u64, op and
    /// digest suite as u32)
    [[nodiscard]] Hash hash() const;
};

/// Where the leaf stands in its subject's chain; opened to the patient and an auditor only.
struct LeafChain {
    Salt salt{};
    std::uint64_t seq = 0;  ///< from 0
    Hash previous{};        ///< this subject's previous leaf, or 32 zeros

    static constexpr std::string_view kName = "LeafChain";
    static constexpr auto kFields =
        codec::table(codec::field<1>("salt", &LeafChain::salt), codec::field<2>("seq", &LeafChain::seq),
                     codec::field<3>("previous", &LeafChain::previous));
    bool operator==(const LeafChain&) const = default;

    /// SHA-256("salus.chain.v1" || salt || u64 seq || previous)
    [[nodiscard]] Hash hash() const;
};

/// SHA-256(0x00 || content || chain): the leaf hash of RFC 6962 over the two hashes.
Hash leaf_hash(const Hash& content, const Hash& chain);

/// A leaf that stands for nothing: SHA-256(0x00 || SHA-256("salus.pad.v1" || salt) || random).
Hash pad_leaf(const Salt& salt, const ByteArray<32>& random);

/// What tells that a version was replaced: HKDF-SHA256(key = salt of that version, info "salus.superseded.v1"), 32
/// bytes.
Hash superseded_nullifier(const Salt& salt);

/// A leaf as it is handed to a reader: the content opened, the chain closed.
struct LeafOpening {
    LeafContent content;
    Hash chain{};
    std::uint64_t index = 0;  ///< in the custodian's log

    static constexpr std::string_view kName = "LeafOpening";
    static constexpr auto kFields =
        codec::table(codec::field<1>("content", &LeafOpening::content), codec::field<2>("chain", &LeafOpening::chain),
                     codec::field<3>("index", &LeafOpening::index));
    bool operator==(const LeafOpening&) const = default;
    [[nodiscard]] Hash leaf() const { return leaf_hash(content.hash(), chain); }
};

}  // namespace salus
