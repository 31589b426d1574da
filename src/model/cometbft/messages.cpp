#include "model/cometbft/messages.hpp"

#include "crypto/hash.hpp"
#include "model/merkle_log.hpp"

namespace salus::cometbft {
namespace {

constexpr std::uint8_t kPrecommit = 2;

/// Field keys: (number << 3) | wire type.
constexpr std::uint8_t kVarint1 = 0x08;
constexpr std::uint8_t kBytes1 = 0x0a;
constexpr std::uint8_t kFixed2 = 0x11;
constexpr std::uint8_t kFixed3 = 0x19;
constexpr std::uint8_t kBytes4 = 0x22;
constexpr std::uint8_t kBytes5 = 0x2a;
constexpr std::uint8_t kBytes6 = 0x32;

void append_delimited(Bytes& out, std::uint8_t key, ByteView body) {
    out.push_back(key);
    codec::write_varint(out, body.size());
    append(out, body);
}

void append_sfixed64(Bytes& out, std::uint8_t key, std::uint64_t value) {
    out.push_back(key);
    for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

/// A scalar of the header is hashed as protobuf's StringValue or BytesValue; an empty one as nothing.
Bytes wrapped(ByteView value) {
    Bytes out;
    if (!value.empty()) append_delimited(out, kBytes1, value);
    return out;
}

/// The same as Int64Value.
Bytes wrapped(std::uint64_t value) {
    Bytes out;
    if (value == 0) return out;
    out.push_back(kVarint1);
    codec::write_varint(out, value);
    return out;
}

}  // namespace

Hash header_hash(const Header& header) {
    std::vector<Hash> leaves;
    const auto add = [&](ByteView leaf) { leaves.push_back(crypto::merkle_leaf_hash(leaf)); };
    add(codec::encode(header.version));
    add(wrapped(as_bytes(header.chain_id)));
    add(wrapped(header.height));
    add(codec::encode(header.time));
    add(codec::encode(header.last_block_id));
    for (const Bytes* value : {&header.last_commit_hash, &header.data_hash, &header.validators_hash,
                               &header.next_validators_hash, &header.consensus_hash, &header.app_hash,
                               &header.last_results_hash, &header.evidence_hash, &header.proposer_address})
        add(wrapped(*value));
    return log_root(leaves);
}

Hash validators_hash(const std::vector<Validator>& validators) {
    std::vector<Hash> leaves;
    leaves.reserve(validators.size());
    for (const Validator& validator : validators)
        leaves.push_back(
            crypto::merkle_leaf_hash(codec::encode(SimpleValidator{validator.pub_key, validator.voting_power})));
    return log_root(leaves);
}

Bytes vote_sign_bytes(const std::string& chain_id, const Commit& commit, const CommitSig& vote) {
    Bytes body{kVarint1, kPrecommit};
    if (commit.height != 0) append_sfixed64(body, kFixed2, commit.height);
    if (commit.round != 0) append_sfixed64(body, kFixed3, commit.round);
    if (vote.block_id_flag == VoteFlag::kCommit) append_delimited(body, kBytes4, codec::encode(commit.block_id));
    append_delimited(body, kBytes5, codec::encode(vote.timestamp));
    if (!chain_id.empty()) append_delimited(body, kBytes6, as_bytes(chain_id));
    Bytes out;
    codec::write_varint(out, body.size());
    append(out, body);
    return out;
}

}  // namespace salus::cometbft

namespace salus {
SALUS_DEFINE_CODEC(cometbft::Header)
SALUS_DEFINE_CODEC(cometbft::Commit)
SALUS_DEFINE_CODEC(cometbft::ValidatorSet)
}  // namespace salus
