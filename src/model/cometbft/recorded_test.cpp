/// What four validators of CometBFT v0.39.4 said: tests/cometbft/README.md tells how it was recorded.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "model/cometbft/trust.hpp"

namespace salus::cometbft {
namespace {

using ::testing::HasSubstr;

template <codec::Message M>
M recorded(const std::string& name) {
    std::ifstream file(std::string(SALUS_SOURCE_DIR "/tests/cometbft/recorded/") + name, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    auto message = codec::decode<M>(as_bytes(bytes));
    EXPECT_TRUE(message) << name << ": " << message.error().to_string();
    return message ? *std::move(message) : M{};
}

CometBftCertificate certificate(const std::string& name) { return recorded<CometBftCertificate>(name); }
Header header_of(const CometBftCertificate& certificate) { return codec::decode<Header>(certificate.header).value(); }
Commit commit_of(const CometBftCertificate& certificate) { return codec::decode<Commit>(certificate.commit).value(); }
ValidatorSet set_of(const CometBftCertificate& certificate) {
    return codec::decode<ValidatorSet>(certificate.validators).value();
}

std::string follow_all(const std::vector<CometBftCertificate>& certificates) {
    auto trust = ValidatorTrust::in(recorded<EraRecord>("era"));
    EXPECT_TRUE(trust);
    for (const CometBftCertificate& one : certificates)
        if (const auto status = trust->follow(one); !status) return status.error().message;
    return "accepted";
}

std::ptrdiff_t votes(const CometBftCertificate& certificate, VoteFlag flag) {
    return std::ranges::count(commit_of(certificate).signatures, flag, &CommitSig::block_id_flag);
}

TEST(RecordedCometBft, ItsHashesAreOurs) {
    for (const char* name : {"all", "nil", "absent", "announced", "changed", "later", "again"}) {
        const CometBftCertificate one = certificate(name);
        EXPECT_EQ(to_bytes(header_hash(header_of(one))), commit_of(one).block_id.hash) << name;
        EXPECT_EQ(to_bytes(validators_hash(set_of(one).validators)), header_of(one).validators_hash) << name;
        EXPECT_EQ(follow_all({one}), "accepted") << name;
    }
}

TEST(RecordedCometBft, AbsentAndNilVotesAreAmongThem) {
    EXPECT_EQ(votes(certificate("all"), VoteFlag::kCommit), 4);
    EXPECT_EQ(votes(certificate("nil"), VoteFlag::kNil), 1);
    EXPECT_EQ(votes(certificate("absent"), VoteFlag::kAbsent), 1);
    EXPECT_THAT(who_voted(certificate("nil")), HasSubstr("3 of 4 validators of CometBFT with 30 of the power of 40"));
}

TEST(RecordedCometBft, AChangeOfValidatorsIsFollowedFromTheHeaderThatAnnouncesIt) {
    const auto announced = certificate("announced");
    const auto changed = certificate("changed");
    EXPECT_EQ(header_of(changed).height, header_of(announced).height + 1);
    EXPECT_NE(header_of(announced).validators_hash, header_of(changed).validators_hash);
    EXPECT_EQ(header_of(announced).next_validators_hash, header_of(changed).validators_hash);
    EXPECT_EQ(set_of(changed).validators.size(), 5U);
    EXPECT_EQ(follow_all({certificate("all"), announced, changed, certificate("later"), certificate("again")}),
              "accepted");
    EXPECT_THAT(follow_all({changed, announced}), HasSubstr("lies not above"));
}

TEST(RecordedCometBft, OurFormOfItIsWhatWasRecorded) {
    for (const char* name : {"nil", "absent"}) {
        const CometBftCertificate one = certificate(name);
        EXPECT_EQ(make_certificate(header_of(one), commit_of(one), set_of(one)), one) << name;
    }
}

TEST(RecordedCometBft, AVoteForNilDoesNotBecomeOneForTheBlock) {
    CometBftCertificate one = certificate("nil");
    Commit commit = commit_of(one);
    std::ranges::find(commit.signatures, VoteFlag::kNil, &CommitSig::block_id_flag)->block_id_flag = VoteFlag::kCommit;
    one.commit = codec::encode(commit);
    EXPECT_THAT(follow_all({one}), HasSubstr("does not verify"));
}

TEST(RecordedCometBft, AnotherChainsHeaderIsRefused) {
    EraRecord era = recorded<EraRecord>("era");
    era.chain_id += "x";
    EXPECT_THAT(ValidatorTrust::in(era)->follow(certificate("all")).error().message, HasSubstr("another chain"));
}

/// All that a single changed bit, or one byte less, makes of `bytes`.
void expect_refused_when_spoilt(const CometBftCertificate& good, Bytes CometBftCertificate::*part) {
    CometBftCertificate bad = good;
    Bytes& bytes = bad.*part;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_NE(follow_all({bad}), "accepted") << "bit " << bit;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    while (!bytes.empty()) {
        bytes.pop_back();
        EXPECT_NE(follow_all({bad}), "accepted") << bytes.size() << " bytes";
    }
}

TEST(RecordedCometBft, NoBitOfACertificateMayBeAnother) {
    for (const char* name : {"all", "nil", "absent", "changed"}) {
        SCOPED_TRACE(name);
        const CometBftCertificate good = certificate(name);
        expect_refused_when_spoilt(good, &CometBftCertificate::header);
        expect_refused_when_spoilt(good, &CometBftCertificate::commit);
        expect_refused_when_spoilt(good, &CometBftCertificate::validators);
    }
}

}  // namespace
}  // namespace salus::cometbft
