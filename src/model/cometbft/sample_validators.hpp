#pragma once

#include <algorithm>

#include "model/cometbft/trust.hpp"
#include "model/sample_chain.hpp"

namespace salus::cometbft {

/// For tests: validators whose keys are known, and headers that they vouch for.
class SampleValidators {
public:
    static constexpr const char* kChain = "sample-chain";

    /// One of each power, by the keys from `first_seed` on.
    explicit SampleValidators(const std::vector<std::uint64_t>& powers, std::uint8_t first_seed = 50) {
        for (const std::uint64_t power : powers) add(sample_key(first_seed++), power);
    }

    void add(const crypto::SigningKey& key, std::uint64_t power) {
        Validator validator;
        std::ranges::copy(key.public_key().bytes, validator.pub_key.ed25519.begin());
        validator.address = validator_id(Signer::of(key.public_key()));
        validator.voting_power = power;
        keys_.insert_or_assign(validator.address, crypto::SigningKey::from_seed(key.seed()));
        set.validators.push_back(validator);
        std::ranges::sort(set.validators, [](const Validator& a, const Validator& b) {
            return a.voting_power != b.voting_power ? a.voting_power > b.voting_power : a.address < b.address;
        });
    }

    [[nodiscard]] EraRecord era() const {
        EraRecord record;
        record.engine = EngineKind::kCometBft;
        record.chain_id = kChain;
        for (const Validator& validator : set.validators)
            record.validators.push_back({{crypto::SignatureSuite::kEd25519, to_bytes(validator.pub_key.ed25519)},
                                         validator.voting_power,
                                         AccountId{}});
        std::ranges::reverse(record.validators);  // a record's order says nothing
        return record;
    }

    /// A header of these validators, above which those of `next` follow.
    [[nodiscard]] Header header(std::uint64_t height, const Hash& app_hash, const SampleValidators& next) const {
        Header header;
        header.version = {11, 1};
        header.chain_id = kChain;
        header.height = height;
        header.time = {1'767'225'600 + height % 1000, 5};
        header.last_block_id = {Bytes(32, 7), {1, Bytes(32, 8)}};
        header.validators_hash = to_bytes(validators_hash(set.validators));
        header.next_validators_hash = to_bytes(validators_hash(next.set.validators));
        header.app_hash = to_bytes(app_hash);
        header.proposer_address = to_bytes(ByteView(set.validators.front().address));
        return header;
    }
    [[nodiscard]] Header header(std::uint64_t height, const Hash& app_hash = {}) const {
        return header(height, app_hash, *this);
    }

    /// Votes by flag, in the set's order; COMMIT where `flags` ends.
    [[nodiscard]] Commit commit(const Header& header, const std::vector<VoteFlag>& flags = {}) const {
        Commit commit{header.height, 1, {to_bytes(header_hash(header)), {2, Bytes(32, 9)}}, {}};
        for (std::size_t i = 0; i < set.validators.size(); ++i) {
            CommitSig& vote = commit.signatures.emplace_back();
            vote.block_id_flag = i < flags.size() ? flags[i] : VoteFlag::kCommit;
            if (vote.block_id_flag == VoteFlag::kAbsent) {
                vote.timestamp.seconds = static_cast<std::uint64_t>(-62'135'596'800);
                continue;
            }
            vote.timestamp = {header.time.seconds + 1, static_cast<std::uint32_t>(i)};
            vote.validator_address = to_bytes(ByteView(set.validators[i].address));
            vote.signature = sign(i, commit, vote);
        }
        return commit;
    }
    [[nodiscard]] Bytes sign(std::size_t place, const Commit& commit, const CommitSig& vote) const {
        return keys_.at(set.validators[place].address).sign(vote_sign_bytes(kChain, commit, vote));
    }

    [[nodiscard]] CometBftCertificate certificate(const Header& header, const Commit& commit) const {
        return {codec::encode(header), codec::encode(commit), codec::encode(set)};
    }
    [[nodiscard]] CometBftCertificate certificate(const Header& header, const std::vector<VoteFlag>& flags = {}) const {
        return certificate(header, commit(header, flags));
    }

    ValidatorSet set;

private:
    std::map<ValidatorId, crypto::SigningKey> keys_;
};

}  // namespace salus::cometbft
