#include "model/cometbft/trust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "model/cometbft/sample_validators.hpp"
#include "model/era_certificates.hpp"

namespace salus::cometbft {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using enum VoteFlag;

std::string why_not(const Status& status) { return status ? "accepted" : status.error().message; }

std::string followed_from(const SampleValidators& trusted, const CometBftCertificate& certificate) {
    auto trust = ValidatorTrust::in(trusted.era());
    return trust ? why_not(trust->follow(certificate)) : trust.error().message;
}

TEST(ValidatorTrust, TheErasOwnValidatorsVouchAtAnyHeight) {
    const SampleValidators four({10, 10, 10, 10});
    for (const std::uint64_t height : {1U, 2U, 1'000'000'000U})
        EXPECT_EQ(followed_from(four, four.certificate(four.header(height))), "accepted") << height;
    EXPECT_EQ(followed_from(four, four.certificate(four.header((std::uint64_t{1} << 63) - 1))), "accepted");
    EXPECT_THAT(followed_from(four, four.certificate(four.header(std::uint64_t{1} << 63))), HasSubstr("no height"));
    EXPECT_THAT(followed_from(four, four.certificate(four.header(0))), HasSubstr("no height"));
}

TEST(ValidatorTrust, MoreThanTwoThirdsOfThePowerAreNeeded) {
    const SampleValidators four({10, 10, 10, 10});
    EXPECT_EQ(followed_from(four, four.certificate(four.header(2), {kCommit, kAbsent})), "accepted");
    EXPECT_THAT(followed_from(four, four.certificate(four.header(2), {kAbsent, kAbsent})),
                HasSubstr("20 of the power of 40, not more than two thirds"));
    const SampleValidators thirds({2, 1});
    EXPECT_THAT(followed_from(thirds, thirds.certificate(thirds.header(2), {kCommit, kAbsent})),
                HasSubstr("2 of the power of 3, not more than two thirds"));
    const SampleValidators more({20001, 9999});
    EXPECT_EQ(followed_from(more, more.certificate(more.header(2), {kCommit, kAbsent})), "accepted");
}

TEST(ValidatorTrust, AVoteForNilIsNotOneForTheBlock) {
    const SampleValidators four({10, 10, 10, 10});
    EXPECT_EQ(followed_from(four, four.certificate(four.header(2), {kNil})), "accepted");
    EXPECT_THAT(followed_from(four, four.certificate(four.header(2), {kNil, kNil})), HasSubstr("20 of the power"));
    // A vote for nil that is passed off as one for the block is of other bytes.
    Commit commit = four.commit(four.header(2), {kCommit, kNil});
    commit.signatures[1].block_id_flag = kCommit;
    EXPECT_THAT(followed_from(four, four.certificate(four.header(2), commit)), HasSubstr("vote 2 does not verify"));
}

/// Changes a good header of height 2 before it is hashed and signed.
std::string with_header(const std::function<void(Header&)>& change) {
    const SampleValidators four({10, 10, 10, 10});
    Header header = four.header(2);
    change(header);
    return followed_from(four, four.certificate(header));
}

TEST(ValidatorTrust, AHeaderIsOfItsChainAndTime) {
    EXPECT_EQ(with_header([](Header&) {}), "accepted");
    EXPECT_THAT(with_header([](Header& h) { h.chain_id = "another"; }), HasSubstr("another chain"));
    EXPECT_THAT(with_header([](Header& h) { h.time.nanos = 1'000'000'000; }), HasSubstr("its header has no time"));
    EXPECT_THAT(with_header([](Header& h) { h.time.seconds = 253'402'300'800; }), HasSubstr("no time"));
    EXPECT_THAT(with_header([](Header& h) { h.validators_hash[0] ^= 1; }), HasSubstr("not the header's"));
    EXPECT_THAT(with_header([](Header& h) { h.chain_id = std::string(51, 'a'); }), HasSubstr("cannot be read"));
}

/// Changes a commit that was good.
std::string with_commit(const std::function<void(Commit&)>& change, const std::vector<VoteFlag>& flags = {}) {
    const SampleValidators four({10, 10, 10, 10});
    const Header header = four.header(2);
    Commit commit = four.commit(header, flags);
    change(commit);
    return followed_from(four, four.certificate(header, commit));
}

TEST(ValidatorTrust, ACommitIsForItsHeader) {
    EXPECT_THAT(with_commit([](Commit& c) { c.height = 3; }), HasSubstr("of another height"));
    EXPECT_THAT(with_commit([](Commit& c) { c.block_id.hash[31] ^= 1; }), HasSubstr("for another header"));
    EXPECT_THAT(with_commit([](Commit& c) { c.block_id.hash.clear(); }), HasSubstr("for another header"));
    EXPECT_THAT(with_commit([](Commit& c) { c.round = std::uint32_t{1} << 31; }), HasSubstr("of no round"));
    EXPECT_THAT(with_commit([](Commit& c) { c.round = 2; }), HasSubstr("does not verify"));
    EXPECT_THAT(with_commit([](Commit& c) { c.block_id.part_set_header.total = 3; }), HasSubstr("does not verify"));
}

TEST(ValidatorTrust, AVoteIsByTheValidatorOfItsPlace) {
    // The advisory GHSA-6jrf-4jv4-r9mw: the address beside a signature is signed by nobody.
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[1] = c.signatures[0]; }), HasSubstr("vote 2 is by another"));
    EXPECT_THAT(with_commit([](Commit& c) { std::swap(c.signatures[2], c.signatures[3]); }),
                HasSubstr("vote 3 is by another"));
    EXPECT_THAT(with_commit([](Commit& c) {
                    c.signatures[1].signature = c.signatures[0].signature;
                    c.signatures[1].timestamp = c.signatures[0].timestamp;
                }),
                HasSubstr("the signature of vote 2 does not verify"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures.pop_back(); }), HasSubstr("one place for each"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures.push_back(c.signatures[0]); }),
                HasSubstr("one place for each"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].validator_address.clear(); }), HasSubstr("by another"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].signature.pop_back(); }), HasSubstr("does not verify"));
}

TEST(ValidatorTrust, AVoteHasATimeThatItsValidatorSigned) {
    EXPECT_THAT(with_commit([](Commit& c) { ++c.signatures[0].timestamp.nanos; }), HasSubstr("does not verify"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].timestamp.nanos = 1'000'000'000; }),
                HasSubstr("vote 1 has no time"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].timestamp.seconds = 253'402'300'800; }),
                HasSubstr("vote 1 has no time"));
}

TEST(ValidatorTrust, AnAbsentVoteSaysNothing) {
    const std::vector<VoteFlag> first_absent{kAbsent};
    EXPECT_EQ(with_commit([](Commit&) {}, first_absent), "accepted");
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].timestamp.nanos = 1; }, first_absent),
                HasSubstr("absent vote"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].signature = {1}; }, first_absent),
                HasSubstr("absent vote"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].validator_address = {1}; }, first_absent),
                HasSubstr("absent vote"));
    EXPECT_THAT(with_commit([](Commit& c) { c.signatures[0].block_id_flag = kAbsent; }), HasSubstr("absent vote"));
}

TEST(ValidatorTrust, WhatASetSaysOfItselfBeyondKeysAndPowersMeansNothing) {
    const SampleValidators four({10, 10, 10, 10});
    CometBftCertificate certificate = four.certificate(four.header(2));
    ValidatorSet set = four.set;
    set.proposer = set.validators[2];
    set.proposer->voting_power = 7;
    set.total_voting_power = 1;
    set.validators[0].proposer_priority = static_cast<std::uint64_t>(-25);
    certificate.validators = codec::encode(set);
    EXPECT_EQ(followed_from(four, certificate), "accepted");
    const auto with_set = [&](const std::function<void(ValidatorSet&)>& change) {
        ValidatorSet changed = four.set;
        change(changed);
        certificate.validators = codec::encode(changed);
        return followed_from(four, certificate);
    };
    EXPECT_THAT(with_set([](ValidatorSet& s) { s.validators[0].voting_power = 11; }), HasSubstr("not the header's"));
    EXPECT_THAT(with_set([](ValidatorSet& s) { std::swap(s.validators[0], s.validators[1]); }),
                HasSubstr("not the header's"));
    EXPECT_THAT(with_set([](ValidatorSet& s) { s.validators.clear(); }), HasSubstr("not the header's"));
    EXPECT_THAT(with_set([](ValidatorSet& s) { s.validators[0].address.bytes[0] ^= 1; }),
                HasSubstr("address is not that of its key"));
}

TEST(ValidatorTrust, ASetHasEachValidatorOnceAndNoMorePowerThanCometBftCounts) {
    SampleValidators twice({10, 10});
    twice.set.validators.push_back(twice.set.validators[0]);
    const SampleValidators two({10, 10});
    EXPECT_THAT(followed_from(two, twice.certificate(twice.header(2))), HasSubstr("stands twice"));
    EXPECT_THAT(followed_from(twice, two.certificate(two.header(2))), HasSubstr("stands twice"));

    const SampleValidators most({kTotalPowerMax - 1, 1});
    EXPECT_EQ(followed_from(most, most.certificate(most.header(2))), "accepted");
    const SampleValidators too_much({kTotalPowerMax, 1});
    EXPECT_THAT(followed_from(too_much, most.certificate(most.header(2))), HasSubstr("more power than CometBFT"));
    EXPECT_THAT(followed_from(most, too_much.certificate(too_much.header(2))), HasSubstr("more power than CometBFT"));
    const SampleValidators overflow({~std::uint64_t{0}, ~std::uint64_t{0}});
    EXPECT_THAT(followed_from(most, overflow.certificate(overflow.header(2))), HasSubstr("more power than CometBFT"));
    const SampleValidators none({5, 0});
    EXPECT_THAT(followed_from(two, none.certificate(none.header(2))), HasSubstr("without power"));
    EXPECT_THAT(followed_from(SampleValidators(std::vector<std::uint64_t>{}), two.certificate(two.header(2))),
                HasSubstr("no validator"));
}

TEST(ValidatorTrust, ASetIsTrustedThatTheHeaderBelowItAnnounced) {
    const SampleValidators old_set({10, 10, 10, 10});
    const SampleValidators new_set({10, 10, 10}, 80);
    auto trust = ValidatorTrust::in(old_set.era());
    ASSERT_TRUE(trust);
    ASSERT_TRUE(trust->follow(old_set.certificate(old_set.header(7, {}, new_set))));
    EXPECT_THAT(why_not(trust->follow(new_set.certificate(new_set.header(9)))),
                HasSubstr("0 of the power of 40 of the validators trusted before"));
    EXPECT_THAT(why_not(trust->follow(old_set.certificate(old_set.header(8)))),
                HasSubstr("not those that the header below announced"));
    EXPECT_TRUE(trust->follow(new_set.certificate(new_set.header(8))));
    EXPECT_THAT(why_not(trust->follow(old_set.certificate(old_set.header(10)))),
                HasSubstr("0 of the power of 30 of the validators trusted before"));
    EXPECT_THAT(why_not(trust->follow(new_set.certificate(new_set.header(8)))), HasSubstr("lies not above"));
    EXPECT_TRUE(trust->follow(new_set.certificate(new_set.header(9))));
}

TEST(ValidatorTrust, OverHeightsBetweenMoreThanOneThirdOfTheTrustedPowerLeads) {
    // Keys 50, 51 and 52 are trusted; of them the new set keeps one with a third, or a little more, of the power.
    const SampleValidators even({1, 1, 1});
    const SampleValidators next({1, 1, 1, 1}, 52);
    EXPECT_THAT(followed_from(even, next.certificate(next.header(5))),
                HasSubstr("1 of the power of 3 of the validators trusted before, not more than one third"));
    SampleValidators heavier({333, 333});
    heavier.add(sample_key(52), 334);
    EXPECT_EQ(followed_from(heavier, next.certificate(next.header(5))), "accepted");
    // It must have voted.
    const auto kept = std::ranges::find(next.set.validators, validator_id(Signer::of(sample_key(52).public_key())),
                                        &Validator::address);
    std::vector<VoteFlag> without(4, kCommit);
    without[static_cast<std::size_t>(kept - next.set.validators.begin())] = kAbsent;
    EXPECT_THAT(followed_from(heavier, next.certificate(next.header(5), without)), HasSubstr("0 of the power of 1000"));
    // At the first height the era's record itself is the announcement.
    EXPECT_THAT(followed_from(heavier, next.certificate(next.header(1))), HasSubstr("announced"));
}

TEST(ValidatorTrust, ARefusedCertificateChangesNothing) {
    const SampleValidators four({10, 10, 10, 10});
    auto trust = ValidatorTrust::in(four.era());
    ASSERT_TRUE(trust);
    EXPECT_FALSE(trust->follow(four.certificate(four.header(9), {kAbsent, kAbsent})));
    EXPECT_TRUE(trust->follow(four.certificate(four.header(8))));
}

/// The neutral point is a key to which all zeros are a signature of everything, by ZIP-215 and so for CometBFT.
TEST(ValidatorTrust, ASignatureThatOnlyCometBftTakesDoesNotCount) {
    SampleValidators with_weak({10, 10, 10});
    Validator weak;
    weak.pub_key.ed25519[0] = 1;
    weak.address = validator_id({crypto::SignatureSuite::kEd25519, to_bytes(weak.pub_key.ed25519)});
    weak.voting_power = 9;
    with_weak.set.validators.push_back(weak);
    const Header header = with_weak.header(2);
    Commit commit = with_weak.commit(header, {kCommit, kCommit, kCommit, kAbsent});
    commit.signatures[3] = {kCommit, to_bytes(ByteView(weak.address)), header.time, Bytes(64)};
    commit.signatures[3].signature[0] = 1;
    EXPECT_THAT(followed_from(with_weak, with_weak.certificate(header, commit)),
                HasSubstr("the signature of vote 4 does not verify"));

    // As Salus carries it the vote is absent, and the others suffice, or do not.
    EXPECT_EQ(followed_from(with_weak, make_certificate(header, commit, with_weak.set)), "accepted");
    commit.signatures[0].signature[5] ^= 1;
    EXPECT_THAT(followed_from(with_weak, make_certificate(header, commit, with_weak.set)),
                HasSubstr("20 of the power of 39"));
}

TEST(ValidatorTrust, AnEraHasKeysThatCometBftKnows) {
    EraRecord era = SampleValidators({1, 1}).era();
    EXPECT_TRUE(ValidatorTrust::in(era));
    era.validators[0].key.public_key.pop_back();
    EXPECT_THAT(ValidatorTrust::in(era).error().message, HasSubstr("none that CometBFT has"));
}

/// A block of the era, and the engine's header that carries it.
class CometBftEra : public ::testing::Test {
protected:
    CometBftEra() {
        era = four.era();
        block.height = 5;
        other = block;
        other.time_ms = 1;
    }
    [[nodiscard]] Certificate certificate(const SampleValidators& by, std::uint64_t height,
                                          const Hash& app_hash) const {
        return {by.certificate(by.header(height, app_hash))};
    }

    const SampleValidators four{{10, 10, 10, 10}};
    const SampleValidators strangers{{10, 10, 10}, 80};
    EraRecord era;
    BlockHeader block;
    BlockHeader other;
};

TEST_F(CometBftEra, ACertificateVouchesForTheBlockWhoseHashItsHeaderCarries) {
    EXPECT_EQ(why_not(check_certificate(certificate(four, 9, block.hash()), block, era)), "accepted");
    EXPECT_THAT(why_not(check_certificate(certificate(four, 9, block.hash()), other, era)),
                HasSubstr("its header carries another block than this"));
    EXPECT_THAT(why_not(check_certificate(certificate(strangers, 9, block.hash()), block, era)),
                HasSubstr("0 of the power of 40 of the validators trusted before"));
    EXPECT_EQ(check_certificate(certificate(strangers, 9, block.hash()), block, era).error().code,
              ErrorCode::kCertificateInvalid);
    era.chain_id = "another";
    EXPECT_THAT(why_not(check_certificate(certificate(four, 9, block.hash()), block, era)),
                HasSubstr("another chain than the era"));
}

TEST_F(CometBftEra, ChangesOfValidatorsLeadToWhoVouches) {
    const std::vector<CometBftCertificate> changes{four.certificate(four.header(7, {}, strangers)),
                                                   strangers.certificate(strangers.header(8))};
    const Certificate good = certificate(strangers, 20, block.hash());
    EXPECT_EQ(why_not(check_certificate(good, block, era, changes)), "accepted");
    EXPECT_THAT(why_not(check_certificate(good, block, era, std::span(changes).first(1))), HasSubstr("trusted before"));
    EXPECT_THAT(why_not(check_certificate(good, block, era, std::span(changes).last(1))),
                StartsWith("a change of validators: its votes have 0"));
    EXPECT_THAT(why_not(check_certificate(certificate(four, 20, block.hash()), block, era, changes)),
                HasSubstr("0 of the power of 30 of the validators trusted before"))
        << "the set is stale";
    EXPECT_THAT(why_not(check_certificate(certificate(strangers, 8, block.hash()), block, era, changes)),
                HasSubstr("lies not above"));
}

TEST_F(CometBftEra, ManyBlocksAreCheckedByWhatThoseBeforeMadeKnown) {
    EraCertificates certificates(era);
    EXPECT_EQ(why_not(certificates.check({four.certificate(four.header(7, block.hash(), strangers))}, block)),
              "accepted");
    EXPECT_EQ(why_not(certificates.check(certificate(strangers, 8, other.hash()), other)), "accepted");
    EXPECT_THAT(why_not(certificates.check(certificate(four, 10, other.hash()), other)), HasSubstr("trusted before"));
}

TEST_F(CometBftEra, WhatWasFollowedBeforeIsResumedAndEachChangeHasAName) {
    EraCertificates certificates(era);
    const Hash at_first = certificates.validators().value();
    ASSERT_TRUE(certificates.follow(four.certificate(four.header(6))));
    EXPECT_EQ(certificates.validators().value(), at_first);
    ASSERT_TRUE(certificates.follow(four.certificate(four.header(7, {}, strangers))));
    const Hash announced = certificates.validators().value();
    EXPECT_NE(announced, at_first);
    ASSERT_TRUE(certificates.follow(strangers.certificate(strangers.header(8))));
    EXPECT_NE(certificates.validators().value(), announced);

    EraCertificates later(era);
    ASSERT_TRUE(later.resume(strangers.certificate(strangers.header(8))));
    EXPECT_EQ(later.validators().value(), certificates.validators().value());
    EXPECT_EQ(why_not(later.check(certificate(strangers, 20, block.hash()), block)), "accepted");
    EXPECT_THAT(why_not(later.check(certificate(four, 22, block.hash()), block)), HasSubstr("trusted before"));
    EXPECT_EQ(later.resume({}).error().code, ErrorCode::kCertificateInvalid);
    EXPECT_EQ(EraCertificates(SampleChain().era).validators().value(), Hash{});
}

TEST_F(CometBftEra, AnEmbeddedEraHasNoChangesOfValidators) {
    SampleChain chain;
    const std::vector<CometBftCertificate> changes{four.certificate(four.header(7))};
    const BlockHeader header = chain.add_block({chain.filler()}).header;
    EXPECT_THAT(why_not(check_certificate(chain.certificates[0], header, chain.era, changes)),
                HasSubstr("in an era of CometBFT only"));
}

TEST_F(CometBftEra, WhoVouchedIsSaidByNameAndPower) {
    const Certificate three{four.certificate(four.header(9), {kNil})};
    const std::string said = who_vouches(three);
    EXPECT_THAT(said, StartsWith("3 of 4 validators of CometBFT with 30 of the power of 40: "));
    EXPECT_EQ(std::ranges::count(said, ','), 2);
    const SampleValidators many(std::vector<std::uint64_t>(13, 1));
    EXPECT_THAT(who_vouches({many.certificate(many.header(9))}), HasSubstr(" and 3 more"));
}

}  // namespace
}  // namespace salus::cometbft
