#include "node/ledger.hpp"

#include <gtest/gtest.h>

#include "model/cometbft/sample_validators.hpp"
#include "model/era.hpp"
#include "node/test_content.hpp"
#include "node/test_node.hpp"
#include "testkit/world.hpp"

namespace salus::node {
namespace {

using consensus::Outcome;
using consensus::Proposal;

class LedgerTest : public ::testing::Test {
protected:
    Bytes envelope(std::uint64_t interval) {
        return world_.envelope({world_.by(world_.net.hospital_a, audit::Payload{audit::FileRoot{interval, {}}})},
                               world_.net.hospital_a.key);
    }
    Outcome finalise(const std::vector<Bytes>& envelopes) {
        Proposal proposal;
        proposal.engine = ++engine_;
        proposal.time_ms = world_.now_ms += 1000;
        proposal.envelopes.assign(envelopes.begin(), envelopes.end());
        return node_.ledger().finalise(proposal);
    }
    Outcome pass(std::uint64_t interval) {
        const Outcome outcome = finalise({envelope(interval)});
        (void)node_.ledger().commit(std::nullopt);
        return outcome;
    }
    Certificate certificate(const Outcome& outcome, Era era = 1) {
        const auto& key = world_.net.operator_key;
        const Bytes vouched = certificate_signed_bytes(world_.net.network, era, outcome.height, outcome.app_hash);
        return {OperatorCertificate{Signer::of(key.public_key()), key.sign(vouched)}};
    }
    EraRecord next_era(const Outcome& parent) {
        EraRecord era = world_.net.genesis.era;
        era.era = 2;
        era.first_height = parent.height + 1;
        era.parent_hash = parent.app_hash;
        era.reason = "a new operator's key";
        for (const testkit::Party* member : {&world_.net.hospital_a, &world_.net.payer, &world_.net.regulator})
            sign_era(era, member->id(), member->key);
        return era;
    }

    testkit::World world_;
    MemoryNode node_{world_.net.genesis_bytes, 1};
    EngineHeight engine_ = 0;
};

TEST_F(LedgerTest, BeginsAtTheGenesis) {
    const auto tip = node_.ledger().tip();
    EXPECT_EQ(tip.era, 1U);
    EXPECT_EQ(tip.engine, 0U);
    EXPECT_EQ(tip.height, 0U);
    EXPECT_EQ(tip.app_hash, world_.net.network.bytes);
    EXPECT_EQ(tip.time_ms, world_.net.genesis.time_ms);
    EXPECT_EQ(node_.ledger().certified_version().certificate, std::nullopt);
}

TEST_F(LedgerTest, ShowsNothingOfABlockBeforeItIsCommitted) {
    const Outcome outcome = finalise({envelope(1)});
    EXPECT_TRUE(outcome.made_block);
    EXPECT_EQ(outcome.height, 1U);
    EXPECT_EQ(node_.ledger().tip().height, 0U);
    EXPECT_EQ(node_.store().view()->tip().header.height, 0U);
    const auto tip = node_.ledger().commit(std::nullopt);
    EXPECT_EQ(tip.height, 1U);
    EXPECT_EQ(tip.app_hash, outcome.app_hash);
    EXPECT_EQ(node_.ledger().durable()->tip().hash, outcome.app_hash);
}

TEST_F(LedgerTest, ExecutesOnABlockThatIsNotWrittenYet) {
    finalise({envelope(1)});
    const Outcome second = finalise({envelope(1), envelope(2)});  // the first of these fails: its interval is taken
    EXPECT_EQ(second.height, 2U);
    (void)node_.ledger().commit(std::nullopt);
    const Outcome third = finalise({envelope(2)});
    (void)node_.ledger().commit(std::nullopt);
    (void)node_.ledger().commit(std::nullopt);
    const Block block = node_.store().block(2).value();
    EXPECT_EQ(block.receipts.at(0).code, static_cast<std::uint32_t>(ErrorCode::kAuditInterval));
    EXPECT_EQ(block.receipts.at(1).code, 0U);
    EXPECT_EQ(node_.store().block(3).value().receipts.at(0).code,
              static_cast<std::uint32_t>(ErrorCode::kAuditInterval));
    EXPECT_EQ(third.height, 3U);
}

TEST_F(LedgerTest, AnEngineBlockWithoutTransactionsMakesNoBlock) {
    const Outcome first = pass(1);
    const Outcome none = finalise({});
    EXPECT_FALSE(none.made_block);
    EXPECT_EQ(none.app_hash, first.app_hash);
    const auto tip = node_.ledger().commit(std::nullopt);
    EXPECT_EQ(tip.engine, 2U);
    EXPECT_EQ(tip.height, 1U);
    EXPECT_EQ(tip.time_ms, world_.now_ms);
}

TEST_F(LedgerTest, RefusesAnIdThatItTookBeforeItWasStartedAgain) {
    const Bytes once = envelope(1);
    finalise({once});
    (void)node_.ledger().commit(std::nullopt);
    node_.crash();
    EXPECT_EQ(node_.ledger().check(once).error().code, ErrorCode::kInadmissibleReplay);
    EXPECT_FALSE(finalise({once}).made_block);
}

TEST_F(LedgerTest, AfterAStartKnowsTheIdsOfAllBlocksInTheWindow) {
    std::vector<std::pair<TxId, TimeMs>> taken;
    for (std::uint64_t interval = 1; interval <= 9; ++interval) {
        const auto transaction = world_.by(world_.net.hospital_a, audit::Payload{audit::FileRoot{interval, {}}});
        taken.emplace_back(transaction.id, transaction.body.valid_until_ms);
        finalise({world_.envelope({transaction}, world_.net.hospital_a.key)});
        (void)node_.ledger().commit(std::nullopt);
        world_.now_ms += 29'000;
    }
    node_.crash();
    const auto version = node_.ledger().durable();
    const TimeMs tip_ms = version->tip().header.time_ms;
    std::size_t kept = 0;
    for (const auto& [id, valid_until_ms] : taken) {
        const bool counts = valid_until_ms > tip_ms;
        EXPECT_EQ(version->replay->contains(id, valid_until_ms), counts);
        if (counts) ++kept;
    }
    EXPECT_EQ(version->replay->size(), kept);
    EXPECT_GT(kept, 1U);
    EXPECT_LT(kept, taken.size());
}

TEST_F(LedgerTest, AProcessWhoseSyncFailedIsGone) {
    finalise({envelope(1)});
    node_.fail_after(1);
    EXPECT_THROW((void)node_.ledger().commit(std::nullopt), testing::ProcessDied);
    EXPECT_EQ(node_.ledger().tip().height, 0U) << "nothing of the block was shown";
}

TEST_F(LedgerTest, ACertificateMayComeWithTheBlockOrLaterButMustBeGood) {
    const Outcome first = pass(1);
    const Outcome second = pass(2);
    EXPECT_EQ(node_.ledger().certified_version().view->tip().header.height, 0U);
    EXPECT_EQ(node_.ledger().certified(1, certificate(second)).error().code, ErrorCode::kCertificateInvalid);
    EXPECT_EQ(node_.ledger().certified(3, certificate(second)).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(node_.ledger().certified(0, certificate(second)).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(node_.ledger().certified(2, certificate(second)));
    ASSERT_TRUE(node_.ledger().certified(1, certificate(first)));
    EXPECT_EQ(node_.ledger().certified_version().view->tip().header.height, 2U);
    EXPECT_EQ(node_.ledger().certified_version().certificate, certificate(second));

    const Outcome third = finalise({envelope(3)});
    (void)node_.ledger().commit(certificate(third));
    EXPECT_EQ(node_.ledger().certified_version().view->tip().header.height, 3U);
    node_.crash();
    EXPECT_EQ(node_.ledger().certified_version().certificate, certificate(third));
}

TEST_F(LedgerTest, AfterAStartTheNewestCertifiedBlockIsShownThoughYoungerOnesStand) {
    const Outcome first = pass(1);
    ASSERT_TRUE(node_.ledger().certified(1, certificate(first)));
    for (std::uint64_t i = 2; i < 25; ++i) pass(i);
    node_.crash();
    EXPECT_EQ(node_.ledger().certified_version().view->tip().header.height, 1U);
    ASSERT_TRUE(node_.ledger().certified(1, certificate(first)));
}

TEST_F(LedgerTest, CertifiesABlockThatIsLongPast) {
    const Outcome first = pass(1);
    for (std::uint64_t i = 2; i < 25; ++i) pass(i);
    ASSERT_TRUE(node_.ledger().certified(1, certificate(first)));
    const auto version = node_.ledger().certified_version();
    EXPECT_EQ(version.view->tip().header, node_.store().header(1).value());
}

TEST_F(LedgerTest, OpensAnEraThatContinuesItsHistory) {
    const Outcome first = pass(1);
    const EraRecord era = next_era(first);
    EraRecord wrong = era;
    wrong.first_height = 3;
    EXPECT_EQ(node_.ledger().begin(wrong).error().code, ErrorCode::kConflict);
    wrong = era;
    wrong.parent_hash[0] ^= 1;
    EXPECT_EQ(node_.ledger().begin(wrong).error().code, ErrorCode::kConflict);
    wrong = era;
    wrong.era = 3;
    EXPECT_EQ(node_.ledger().begin(wrong).error().code, ErrorCode::kConflict);
    wrong = era;
    wrong.signatures.pop_back();
    EXPECT_EQ(node_.ledger().begin(wrong).error().code, ErrorCode::kCertificateInvalid) << "two of four are too few";
    wrong.signatures.clear();
    EXPECT_EQ(node_.ledger().begin(wrong).error().code, ErrorCode::kCertificateInvalid);
    EXPECT_TRUE(node_.ledger().begin(world_.net.genesis.era)) << "the one it stands in";

    ASSERT_TRUE(node_.ledger().begin(era));
    ASSERT_TRUE(node_.ledger().begin(era)) << "repeatable until its first commit";
    EXPECT_EQ(node_.ledger().tip().era, 1U);
    const Outcome opened = finalise({});
    EXPECT_TRUE(opened.made_block);
    (void)node_.ledger().commit(std::nullopt);
    EXPECT_EQ(node_.ledger().tip().era, 2U);
    EXPECT_EQ(node_.ledger().eras(), (std::vector<EraRecord>{world_.net.genesis.era, era}));
    EXPECT_EQ(std::get<EraOpened>(node_.store().block(2).value().system.at(0).what).record, era.hash());
    EXPECT_TRUE(node_.ledger().certified(2, certificate(opened, 2)));
    EXPECT_EQ(node_.ledger().begin(world_.net.genesis.era).error().code, ErrorCode::kConflict);
    node_.crash();
    EXPECT_TRUE(node_.ledger().begin(era));
}

TEST_F(LedgerTest, KeepsWhichCertificatesChangedTheValidators) {
    using cometbft::SampleValidators;
    const SampleValidators first({10, 10, 10, 10});
    const SampleValidators second({10, 10, 10}, 80);
    EraRecord era = next_era(pass(1));
    era.engine = EngineKind::kCometBft;
    era.chain_id = SampleValidators::kChain;
    era.validators = first.era().validators;
    for (Validator& validator : era.validators) validator.organisation = world_.net.hospital_a.id();
    for (const testkit::Party* member : {&world_.net.hospital_a, &world_.net.payer, &world_.net.regulator})
        sign_era(era, member->id(), member->key);
    ASSERT_TRUE(node_.ledger().begin(era));
    std::vector<Hash> made(2);
    made.push_back(finalise({}).app_hash);
    (void)node_.ledger().commit(std::nullopt);
    while (made.size() < 6) made.push_back(pass(made.size()).app_hash);

    const auto by = [&](const SampleValidators& validators, std::uint64_t engine, const SampleValidators& next,
                        Height height) {
        return validators.certificate(validators.header(engine, made[height], next));
    };
    const auto announcing = by(first, 11, second, 2);
    const auto changed = by(second, 12, second, 3);
    auto& ledger = node_.ledger();
    EXPECT_EQ(ledger.certified(3, {changed}).error().code, ErrorCode::kCertificateInvalid) << "nothing leads there";
    ASSERT_TRUE(ledger.certified(2, {announcing}));
    EXPECT_EQ(ledger.certified(3, {by(first, 12, first, 3)}).error().code, ErrorCode::kCertificateInvalid);
    ASSERT_TRUE(ledger.certified(3, {changed}));
    ASSERT_TRUE(ledger.certified(2, {announcing})) << "repeatable";
    node_.crash();
    ASSERT_TRUE(node_.ledger().certified(2, {announcing}));
    ASSERT_TRUE(node_.ledger().certified(3, {changed}));
    ASSERT_TRUE(node_.ledger().certified(5, {by(second, 41, second, 5)}));
    ASSERT_TRUE(node_.ledger().certified(4, {by(second, 31, second, 4)})) << "in any order";
    EXPECT_EQ(node_.ledger().certified(5, {by(first, 42, first, 5)}).error().code, ErrorCode::kCertificateInvalid);
    EXPECT_EQ(node_.ledger().validator_changes(2, 5).value(), (std::vector{announcing, changed}));
    EXPECT_EQ(node_.ledger().validator_changes(2, 3).value(), std::vector{announcing});
    EXPECT_TRUE(node_.ledger().validator_changes(1, 5).value().empty());
}

TEST_F(LedgerTest, AnEraThatWasBegunDoesNotOpenUnderAnEngineOfTheOneInForce) {
    const EraRecord era = next_era(pass(1));
    ASSERT_TRUE(node_.ledger().begin(era));
    ASSERT_TRUE(node_.ledger().begin(world_.net.genesis.era));
    EXPECT_FALSE(finalise({}).made_block);
    EXPECT_EQ(node_.ledger().commit(std::nullopt).era, 1U);
    ASSERT_TRUE(node_.ledger().begin(era));
    EXPECT_TRUE(finalise({}).made_block);
    EXPECT_EQ(node_.ledger().commit(std::nullopt).era, 2U);
}

TEST_F(LedgerTest, ChoosesWhatIsWorthOrderingAndFits) {
    node_.clock.set_wall_ms(world_.now_ms);
    const Bytes good = envelope(1);
    Bytes bad = envelope(2);
    bad.back() ^= 1;
    const Bytes other = envelope(3);
    const std::vector<ByteView> all{bad, good, other};
    EXPECT_EQ(node_.ledger().choose(all, world_.now_ms, 1'000'000), (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(node_.ledger().choose(all, world_.now_ms, good.size()), (std::vector<std::size_t>{1}));
    EXPECT_EQ(node_.ledger().choose(all, world_.now_ms - 10'000, 1'000'000).size(), 2U);
    EXPECT_TRUE(node_.ledger().choose(all, world_.now_ms - 10'001, 1'000'000).empty()) << "time stood still";
}

TEST_F(LedgerTest, WhatDoesNotFitBesideOthersComesFirstInTheNextBlock) {
    const auto large = [&](std::size_t leaves) {
        records::Append what;
        what.leaves.resize(32 * leaves);
        return world_.envelope({world_.by(world_.net.hospital_a, records::Payload{what})}, world_.net.hospital_a.key);
    };
    const Bytes first = large(16);
    const Bytes second = large(160);
    const Bytes third = large(16);
    const std::vector<ByteView> all{second, first, second, third};
    EXPECT_EQ(node_.ledger().choose(all, world_.now_ms, second.size() - 1), std::vector<std::size_t>({1, 3}))
        << "what fits no block holds up nothing";
    const std::vector<ByteView> rest{first, second, third};
    EXPECT_EQ(node_.ledger().choose(rest, world_.now_ms, second.size() + first.size() - 1), std::vector<std::size_t>{0})
        << "the third does not overtake the second";
}

TEST_F(LedgerTest, ChoosesNoMoreForAnybodyThanItsShareOfABlock) {
    const auto append = [&](const testkit::Party& sender, const testkit::Party& carrier) {
        records::Append what;
        what.leaves.resize(32 * 16 * 1000);
        return world_.envelope({world_.by(sender, records::Payload{what})}, carrier.key);
    };
    const auto& net = world_.net;
    const std::vector<Bytes> envelopes{append(net.hospital_a, net.hospital_a), append(net.hospital_a, net.hospital_b),
                                       append(net.hospital_a, net.payer), append(net.hospital_a, net.hospital_a),
                                       append(net.hospital_b, net.hospital_a)};
    const std::vector<ByteView> all(envelopes.begin(), envelopes.end());
    EXPECT_EQ(node_.ledger().choose(all, world_.now_ms, kBlockBytesMax), (std::vector<std::size_t>{0, 1, 2, 4}))
        << "a fourth of 512,000 bytes and some exceeds two million, whoever carries it";

    const std::vector<Transaction> copied{world_.by(net.hospital_a, audit::Payload{audit::FileRoot{1, {}}})};
    const auto [small, big] = std::pair(world_.envelope(copied, net.hospital_a.key), envelopes[0]);
    const Bytes copies = world_.envelope(std::vector<Transaction>(2700, copied.front()), net.payer.key);
    const std::vector<ByteView> beside{copies, copies, copies, copies, small, big};
    EXPECT_EQ(node_.ledger().choose(beside, world_.now_ms, kBlockBytesMax).size(), 6U) << "it counts once";
}

TEST_F(LedgerTest, KnowsWhoMayTakePart) {
    EXPECT_TRUE(node_.ledger().member(Signer::of(world_.net.payer.key.public_key())));
    EXPECT_FALSE(node_.ledger().member(Signer::of(testkit::signing_key("nobody").public_key())));
}

TEST(LedgerOfValidators, TellsTheEngineWhatABlockChangesOfIt) {
    const auto key = [](const std::string& name) { return Signer::of(testkit::signing_key(name).public_key()); };
    testkit::World world(testkit::make_consortium([&](Genesis& genesis) {
        genesis.era.engine = EngineKind::kCometBft;
        genesis.era.chain_id = "salus-test-1";
        for (const std::size_t i : {1U, 2U, 3U})
            genesis.era.validators.push_back(
                {key("validator " + std::to_string(i)), 1, genesis.members[i].admission.account});
    }));
    MemoryNode node(world.net.genesis_bytes, 1);
    const governance::Proposal proposal{
        governance::SetParameter{governance::Parameter::kEngineBlockBytes, 2'000'000}, world.now_ms + kHourMs, {}};
    using governance::Payload;
    const Bytes envelope =
        world.envelope({world.by(world.net.hospital_a, Payload{governance::Propose{proposal}}),
                        world.by(world.net.hospital_b, Payload{governance::Vote{proposal.id(), true}}),
                        world.by(world.net.payer, Payload{governance::Vote{proposal.id(), true}})},
                       world.net.hospital_a.key);
    Proposal first;
    first.engine = 1;
    first.time_ms = world.now_ms;
    first.envelopes = {envelope};
    first.faults = {{validator_id(key("validator 3")), 1, 1, world.now_ms, 4}};
    const Outcome outcome = node.ledger().finalise(first);
    ASSERT_EQ(outcome.validators.size(), 1U);
    EXPECT_EQ(outcome.validators[0].key, key("validator 3"));
    EXPECT_EQ(outcome.validators[0].power, 0U);
    ASSERT_TRUE(outcome.params);
    EXPECT_EQ(outcome.params->block_bytes_max, 2'000'000U);
    EXPECT_EQ(outcome.params->app_version, kProtocolVersion);
    (void)node.ledger().commit(std::nullopt);
    EXPECT_EQ(node.ledger().peer(validator_id(key("validator 3"))), consensus::PeerStanding::kMember)
        << "its organisation is active";
    EXPECT_EQ(node.ledger().peer(validator_id(key("stranger"))), consensus::PeerStanding::kUnknown);

    Proposal second;
    second.engine = 2;
    second.time_ms = world.now_ms;
    const Outcome empty = node.ledger().finalise(second);
    EXPECT_TRUE(empty.validators.empty());
    EXPECT_FALSE(empty.params);
}

}  // namespace
}  // namespace salus::node
