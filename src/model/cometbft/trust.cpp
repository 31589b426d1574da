#include "model/cometbft/trust.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace salus::cometbft {
namespace {

constexpr std::uint64_t kHeightMax = (std::uint64_t{1} << 63) - 1;
constexpr std::uint32_t kRoundMax = (std::uint32_t{1} << 31) - 1;
constexpr std::uint32_t kNanosMax = 999'999'999;
/// Seconds from 1970 of the years 1 (which Go calls no time) and 10,000.
constexpr std::int64_t kFirstSecond = -62'135'596'800;
constexpr std::int64_t kEndSecond = 253'402'300'800;
constexpr Timestamp kNoTime{static_cast<std::uint64_t>(kFirstSecond), 0};
constexpr std::size_t kNamesShown = 10;

tl::unexpected<Error> untrusted(std::string why) { return fail(ErrorCode::kCertificateInvalid, std::move(why)); }

bool has_a_year(const Timestamp& time) {
    const auto seconds = static_cast<std::int64_t>(time.seconds);
    return seconds >= kFirstSecond && seconds < kEndSecond && time.nanos <= kNanosMax;
}

ValidatorId address_of(const PublicKey& key) {
    return validator_id({crypto::SignatureSuite::kEd25519, to_bytes(key.ed25519)});
}

/// The messages of a certificate.
struct Opened {
    Header header;
    Commit commit;
    ValidatorSet set;
};

Result<Opened> open(const CometBftCertificate& certificate) {
    const auto read = []<class M>(ByteView bytes, M& message) -> Status {
        auto decoded = codec::decode<M>(bytes);
        if (!decoded) return untrusted("it cannot be read: " + decoded.error().message);
        message = *std::move(decoded);
        return {};
    };
    Opened out;
    SALUS_TRY_STATUS(read(certificate.header, out.header));
    SALUS_TRY_STATUS(read(certificate.commit, out.commit));
    SALUS_TRY_STATUS(read(certificate.validators, out.set));
    return out;
}

/// The power of each key. Errors: kCertificateInvalid for a set that CometBFT does not take
Result<std::map<ByteArray<32>, std::uint64_t>> powers_of(const std::vector<Validator>& validators) {
    std::map<ByteArray<32>, std::uint64_t> powers;
    std::uint64_t total = 0;
    for (const Validator& validator : validators) {
        if (validator.address != address_of(validator.pub_key))
            return untrusted("a validator's address is not that of its key");
        if (!powers.emplace(validator.pub_key.ed25519, validator.voting_power).second)
            return untrusted("a validator stands twice in the set");
        if (validator.voting_power == 0) return untrusted("a validator without power");
        if (validator.voting_power > kTotalPowerMax - total)
            return untrusted("the validators have more power than CometBFT counts");
        total += validator.voting_power;
    }
    if (powers.empty()) return untrusted("there is no validator");
    return powers;
}

std::uint64_t sum(const std::map<ByteArray<32>, std::uint64_t>& powers) {
    std::uint64_t total = 0;
    for (const auto& [key, power] : powers) total += power;
    return total;
}

/// What of header and commit can be seen without a set.
Status check_form(const Opened& opened, const std::string& chain_id) {
    const auto& [header, commit, set] = opened;
    if (header.chain_id != chain_id) return untrusted("it is of another chain than the era");
    if (header.height == 0 || header.height > kHeightMax) return untrusted("its header has no height");
    if (!has_a_year(header.time)) return untrusted("its header has no time");
    if (commit.height != header.height) return untrusted("its commit is of another height than its header");
    if (commit.round > kRoundMax) return untrusted("its commit is of no round");
    if (!equal(commit.block_id.hash, header_hash(header))) return untrusted("its commit is for another header");
    if (!equal(header.validators_hash, validators_hash(set.validators)))
        return untrusted("its validators are not the header's");
    if (commit.signatures.size() != set.validators.size())
        return untrusted("its commit has not one place for each validator");
    return {};
}

bool is_strictly_good(const Commit& commit, const std::string& chain_id, const CommitSig& vote,
                      const Validator& validator) {
    const crypto::PublicKey key{crypto::SignatureSuite::kEd25519, to_bytes(validator.pub_key.ed25519)};
    return crypto::verify(key, vote_sign_bytes(chain_id, commit, vote), vote.signature);
}

/// A vote that is there is by the validator of its place, and good. A bad one is not merely left uncounted: a
/// certificate has no byte that may be another.
Status check_vote(const Opened& opened, std::size_t place) {
    const CommitSig& vote = opened.commit.signatures[place];
    const Validator& validator = opened.set.validators[place];
    if (vote.block_id_flag == VoteFlag::kAbsent) {
        if (!vote.validator_address.empty() || !vote.signature.empty() || vote.timestamp != kNoTime)
            return untrusted("an absent vote says something");
        return {};
    }
    const std::string name = "vote " + std::to_string(place + 1);
    if (!equal(vote.validator_address, validator.address)) return untrusted(name + " is by another validator");
    if (!has_a_year(vote.timestamp)) return untrusted(name + " has no time");
    if (!is_strictly_good(opened.commit, opened.header.chain_id, vote, validator))
        return untrusted("the signature of " + name + " does not verify");
    return {};
}

/// The power, by `powers`, of those who voted for the block.
std::uint64_t power_for(const Opened& opened, const std::map<ByteArray<32>, std::uint64_t>& powers) {
    std::uint64_t power = 0;
    for (std::size_t i = 0; i < opened.commit.signatures.size(); ++i) {
        if (opened.commit.signatures[i].block_id_flag != VoteFlag::kCommit) continue;
        const auto voter = powers.find(opened.set.validators[i].pub_key.ed25519);
        if (voter != powers.end()) power += voter->second;
    }
    return power;
}

std::string share_text(std::uint64_t power, std::uint64_t total) {
    return std::to_string(power) + " of the power of " + std::to_string(total);
}

}  // namespace

Result<ValidatorTrust> ValidatorTrust::in(const EraRecord& era) {
    std::vector<Validator> validators;
    for (const salus::Validator& named : era.validators) {
        Validator& validator = validators.emplace_back();
        if (named.key.suite != crypto::SignatureSuite::kEd25519 ||
            named.key.public_key.size() != validator.pub_key.ed25519.size())
            return untrusted("a validator's key is none that CometBFT has");
        std::ranges::copy(named.key.public_key, validator.pub_key.ed25519.begin());
        validator.address = validator_id(named.key);
        validator.voting_power = named.power;
    }
    // The order of CometBFT, which its hash is over.
    std::ranges::sort(validators, [](const Validator& a, const Validator& b) {
        return a.voting_power != b.voting_power ? a.voting_power > b.voting_power : a.address < b.address;
    });
    ValidatorTrust trust;
    SALUS_TRY(trust.powers_, powers_of(validators));
    trust.total_power_ = sum(trust.powers_);
    trust.chain_id_ = era.chain_id;
    trust.validators_hash_ = validators_hash(validators);
    trust.next_validators_hash_ = to_bytes(trust.validators_hash_);
    return trust;
}

Status ValidatorTrust::accept(const CometBftCertificate& certificate, const Hash* app_hash) {
    SALUS_TRY(const Opened opened, open(certificate));
    SALUS_TRY_STATUS(check_form(opened, chain_id_));
    const Header& header = opened.header;
    if (app_hash != nullptr && !equal(header.app_hash, *app_hash))
        return untrusted("its header carries another block than this");
    if (header.height <= height_) return untrusted("its header lies not above the one that was trusted before");
    const bool adjacent = header.height == height_ + 1;
    if (adjacent && !equal(header.validators_hash, next_validators_hash_))
        return untrusted("its validators are not those that the header below announced");

    SALUS_TRY(Powers powers, powers_of(opened.set.validators));
    for (std::size_t place = 0; place < opened.commit.signatures.size(); ++place)
        SALUS_TRY_STATUS(check_vote(opened, place));
    // No sum overflows: totals are below 2^60.
    const std::uint64_t total = sum(powers);
    const std::uint64_t voted = power_for(opened, powers);
    if (3 * voted <= 2 * total)
        return untrusted("its votes have " + share_text(voted, total) + ", not more than two thirds");
    const std::uint64_t trusted = power_for(opened, powers_);
    if (!adjacent && 3 * trusted <= total_power_)
        return untrusted("its votes have " + share_text(trusted, total_power_) +
                         " of the validators trusted before, not more than one third");
    adopt(header, opened.set, std::move(powers));
    return {};
}

void ValidatorTrust::adopt(const Header& header, const ValidatorSet& set, Powers powers) {
    height_ = header.height;
    total_power_ = sum(powers);
    powers_ = std::move(powers);
    validators_hash_ = validators_hash(set.validators);
    next_validators_hash_ = header.next_validators_hash;
}

Status ValidatorTrust::resume(const CometBftCertificate& certificate) {
    SALUS_TRY(const Opened opened, open(certificate));
    SALUS_TRY(Powers powers, powers_of(opened.set.validators));
    adopt(opened.header, opened.set, std::move(powers));
    return {};
}

Hash ValidatorTrust::validators() const {
    return crypto::Sha256().update(validators_hash_).update(next_validators_hash_).finish();
}

Status ValidatorTrust::follow(const CometBftCertificate& certificate) { return accept(certificate, nullptr); }

Status ValidatorTrust::follow(const CometBftCertificate& certificate, const Hash& app_hash) {
    return accept(certificate, &app_hash);
}

CometBftCertificate make_certificate(const Header& header, Commit commit, ValidatorSet validators) {
    for (std::size_t i = 0; i < std::min(commit.signatures.size(), validators.validators.size()); ++i) {
        CommitSig& vote = commit.signatures[i];
        if (vote.block_id_flag != VoteFlag::kAbsent &&
            !is_strictly_good(commit, header.chain_id, vote, validators.validators[i]))
            vote = {VoteFlag::kAbsent, {}, kNoTime, {}};
    }
    for (Validator& validator : validators.validators) validator.proposer_priority = 0;
    validators.proposer.reset();
    validators.total_voting_power = 0;
    return {codec::encode(header), codec::encode(commit), codec::encode(validators)};
}

std::string who_voted(const CometBftCertificate& certificate) {
    const auto opened = open(certificate);
    if (!opened || opened->commit.signatures.size() != opened->set.validators.size()) return "nobody";
    std::uint64_t power = 0;
    std::uint64_t total = 0;
    std::size_t count = 0;
    std::string names;
    for (std::size_t i = 0; i < opened->set.validators.size(); ++i) {
        const Validator& validator = opened->set.validators[i];
        total += validator.voting_power;
        if (opened->commit.signatures[i].block_id_flag != VoteFlag::kCommit) continue;
        power += validator.voting_power;
        if (++count <= kNamesShown)
            names += (count == 1 ? "" : ", ") + to_hex(ByteView(validator.address).first(8)) + "..";
    }
    if (count > kNamesShown) names += " and " + std::to_string(count - kNamesShown) + " more";
    return std::to_string(count) + " of " + std::to_string(opened->set.validators.size()) +
           " validators of CometBFT with " + share_text(power, total) + ": " + names;
}

}  // namespace salus::cometbft
