#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/strong_types.hpp"
#include "model/codec.hpp"
#include "model/limits.hpp"

/// CometBFT's own messages, as far as a certificate carries them. Its encoder leaves out scalars that are 0 and writes
/// embedded messages always, which is what our codec does: one value has one encoding here too. Its int64 and int32 are
/// unsigned here, a negative one being its two's complement. Source: docs/protocol.md, "Certificate"
namespace salus::cometbft {

inline constexpr std::size_t kHashBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;

struct Version {
    std::uint64_t block = 0;
    std::uint64_t app = 0;

    static constexpr std::string_view kName = "CometBftVersion";
    static constexpr auto kFields =
        codec::table(codec::field<1>("block", &Version::block), codec::field<2>("app", &Version::app));
    bool operator==(const Version&) const = default;
};

struct Timestamp {
    std::uint64_t seconds = 0;
    std::uint32_t nanos = 0;

    static constexpr std::string_view kName = "CometBftTimestamp";
    static constexpr auto kFields =
        codec::table(codec::field<1>("seconds", &Timestamp::seconds), codec::field<2>("nanos", &Timestamp::nanos));
    bool operator==(const Timestamp&) const = default;
};

struct PartSetHeader {
    std::uint32_t total = 0;
    Bytes hash;

    static constexpr std::string_view kName = "CometBftPartSetHeader";
    static constexpr auto kFields = codec::table(codec::field<1>("total", &PartSetHeader::total),
                                                 codec::field<2>("hash", &PartSetHeader::hash, kHashBytes));
    bool operator==(const PartSetHeader&) const = default;
};

struct BlockId {
    Bytes hash;
    PartSetHeader part_set_header;

    static constexpr std::string_view kName = "CometBftBlockId";
    static constexpr auto kFields = codec::table(codec::field<1>("hash", &BlockId::hash, kHashBytes),
                                                 codec::field<2>("part_set_header", &BlockId::part_set_header));
    bool operator==(const BlockId&) const = default;
};

struct Header {
    Version version;
    std::string chain_id;
    std::uint64_t height = 0;
    Timestamp time;
    BlockId last_block_id;
    Bytes last_commit_hash;
    Bytes data_hash;
    Bytes validators_hash;
    Bytes next_validators_hash;
    Bytes consensus_hash;
    Bytes app_hash;  ///< what the application returned for the height below
    Bytes last_results_hash;
    Bytes evidence_hash;
    Bytes proposer_address;

    static constexpr std::string_view kName = "CometBftHeader";
    static constexpr auto kFields =
        codec::table(codec::field<1>("version", &Header::version), codec::field<2>("chain_id", &Header::chain_id, 50),
                     codec::field<3>("height", &Header::height), codec::field<4>("time", &Header::time),
                     codec::field<5>("last_block_id", &Header::last_block_id),
                     codec::field<6>("last_commit_hash", &Header::last_commit_hash, kHashBytes),
                     codec::field<7>("data_hash", &Header::data_hash, kHashBytes),
                     codec::field<8>("validators_hash", &Header::validators_hash, kHashBytes),
                     codec::field<9>("next_validators_hash", &Header::next_validators_hash, kHashBytes),
                     codec::field<10>("consensus_hash", &Header::consensus_hash, kHashBytes),
                     codec::field<11>("app_hash", &Header::app_hash, kHashBytes),
                     codec::field<12>("last_results_hash", &Header::last_results_hash, kHashBytes),
                     codec::field<13>("evidence_hash", &Header::evidence_hash, kHashBytes),
                     codec::field<14>("proposer_address", &Header::proposer_address, ValidatorId::kSize));
    bool operator==(const Header&) const = default;
};

/// What a validator's vote was for.
enum class VoteFlag : std::uint32_t { kAbsent = 1, kCommit = 2, kNil = 3 };
constexpr bool is_known(VoteFlag flag) noexcept { return flag >= VoteFlag::kAbsent && flag <= VoteFlag::kNil; }

struct CommitSig {
    VoteFlag block_id_flag{};
    Bytes validator_address;  ///< not signed: says no more than the place in the list
    Timestamp timestamp;
    Bytes signature;

    static constexpr std::string_view kName = "CometBftCommitSig";
    static constexpr auto kFields =
        codec::table(codec::field<1>("block_id_flag", &CommitSig::block_id_flag),
                     codec::field<2>("validator_address", &CommitSig::validator_address, ValidatorId::kSize),
                     codec::field<3>("timestamp", &CommitSig::timestamp),
                     codec::field<4>("signature", &CommitSig::signature, kSignatureBytes));
    bool operator==(const CommitSig&) const = default;
};

struct Commit {
    std::uint64_t height = 0;
    std::uint32_t round = 0;
    BlockId block_id;
    std::vector<CommitSig> signatures;  ///< one for each validator of the set, in its order

    static constexpr std::string_view kName = "CometBftCommit";
    static constexpr auto kFields =
        codec::table(codec::field<1>("height", &Commit::height), codec::field<2>("round", &Commit::round),
                     codec::field<3>("block_id", &Commit::block_id),
                     codec::field<4>("signatures", &Commit::signatures, kMembersMax));
    bool operator==(const Commit&) const = default;
};

struct PublicKey {
    ByteArray<32> ed25519{};

    static constexpr std::string_view kName = "CometBftPublicKey";
    static constexpr auto kFields = codec::table(codec::field<1>("ed25519", &PublicKey::ed25519));
    bool operator==(const PublicKey&) const = default;
};

struct Validator {
    ValidatorId address;
    PublicKey pub_key;
    std::uint64_t voting_power = 0;
    std::uint64_t proposer_priority = 0;  ///< read, and means nothing here

    static constexpr std::string_view kName = "CometBftValidator";
    static constexpr auto kFields =
        codec::table(codec::field<1>("address", &Validator::address), codec::field<2>("pub_key", &Validator::pub_key),
                     codec::field<3>("voting_power", &Validator::voting_power),
                     codec::field<4>("proposer_priority", &Validator::proposer_priority));
    bool operator==(const Validator&) const = default;
};

struct ValidatorSet {
    std::vector<Validator> validators;     ///< by power, the highest first; then by address
    std::optional<Validator> proposer;     ///< read, and means nothing here
    std::uint64_t total_voting_power = 0;  ///< read, and means nothing here: the sum is taken

    static constexpr std::string_view kName = "CometBftValidatorSet";
    static constexpr auto kFields =
        codec::table(codec::field<1>("validators", &ValidatorSet::validators, kMembersMax),
                     codec::field<2>("proposer", &ValidatorSet::proposer),
                     codec::field<3>("total_voting_power", &ValidatorSet::total_voting_power));
    bool operator==(const ValidatorSet&) const = default;
};

/// Of a set's hash: what of a validator is hashed.
struct SimpleValidator {
    PublicKey pub_key;
    std::uint64_t voting_power = 0;

    static constexpr std::string_view kName = "CometBftSimpleValidator";
    static constexpr auto kFields = codec::table(codec::field<1>("pub_key", &SimpleValidator::pub_key),
                                                 codec::field<2>("voting_power", &SimpleValidator::voting_power));
    bool operator==(const SimpleValidator&) const = default;
};

/// RFC 6962 root over the fourteen fields.
Hash header_hash(const Header& header);
/// RFC 6962 root over the SimpleValidators, in the order given.
Hash validators_hash(const std::vector<Validator>& validators);
/// What validator of `vote` signed: CometBFT's CanonicalVote of a precommit, with its length in front.
/// Pre: the vote is not absent
Bytes vote_sign_bytes(const std::string& chain_id, const Commit& commit, const CommitSig& vote);

}  // namespace salus::cometbft

namespace salus {
SALUS_DECLARE_CODEC(cometbft::Header)
SALUS_DECLARE_CODEC(cometbft::Commit)
SALUS_DECLARE_CODEC(cometbft::ValidatorSet)
}  // namespace salus
