#include "execution/contracts/governance/validators.hpp"

#include <gtest/gtest.h>

#include <map>

#include "model/contracts/system.hpp"
#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using governance::AddValidator;
using governance::Payload;
using governance::Proposal;
using governance::Propose;
using governance::RemoveValidator;
using governance::SetValidatorPower;
using governance::Suspend;
using governance::Vote;
using testkit::Party;

crypto::SigningKey validator_key(std::size_t i) { return testkit::signing_key("validator " + std::to_string(i)); }
Signer signer(const Party& party) { return Signer::of(party.key.public_key()); }

/// One validator for each of the powers, of the members in turn.
testkit::Consortium ordered_by_cometbft(const std::vector<std::uint64_t>& powers, bool limited) {
    return testkit::make_consortium([&](Genesis& genesis) {
        genesis.era.engine = EngineKind::kCometBft;
        genesis.era.chain_id = "salus-test-1";
        genesis.era.validators.clear();
        for (std::size_t i = 0; i < powers.size(); ++i)
            genesis.era.validators.push_back(
                {Signer::of(validator_key(i).public_key()), powers[i], genesis.members[i % 4].admission.account});
        if (!limited) genesis.parameters.push_back({governance::Parameter::kPowerLimit, 0});
    });
}

/// What CometBFT would make of it.
struct EngineSet {
    std::map<Bytes, std::uint64_t> powers;

    explicit EngineSet(const std::vector<Validator>& validators) {
        for (const Validator& one : validators) powers[one.key.public_key] = one.power;
    }
    [[nodiscard]] std::uint64_t total() const {
        std::uint64_t sum = 0;
        for (const auto& [key, power] : powers) sum += power;
        return sum;
    }
    /// Empty, or why CometBFT would refuse it, or a file of certificates not follow. Source: CometBFT 0.39,
    /// types/validator_set.go, updateWithChangeSet
    std::string take(const std::vector<Validator>& updates) {
        const std::uint64_t before = total();
        std::uint64_t comes = 0;
        std::uint64_t goes = 0;
        std::set<Bytes> seen;
        for (const Validator& one : updates) {
            const Bytes& key = one.key.public_key;
            if (key.size() != 32 || !seen.insert(key).second) return "a bad key, or twice";
            if (one.power == 0 && !powers.contains(key)) return "a removal of nobody";
            const std::uint64_t had = powers.contains(key) ? powers.at(key) : 0;
            (one.power > had ? comes : goes) += one.power > had ? one.power - had : had - one.power;
            powers[key] = one.power;
        }
        std::erase_if(powers, [](const auto& one) { return one.second == 0; });
        if (powers.empty()) return "nobody left";
        if (before + comes > (std::uint64_t{1} << 60) - 1) return "too much power";
        // Those of the old who are among the smallest two thirds of the new.
        if (comes + 2 * goes > before) return "the light client would lose the thread";
        return {};
    }
};

class Validators : public ::testing::Test {
protected:
    void begin(const std::vector<std::uint64_t>& powers, bool limited = true) {
        world = std::make_unique<testkit::World>(ordered_by_cometbft(powers, limited));
        engine = std::make_unique<EngineSet>(world->net.genesis.era.validators);
        for (const Party* member : world->net.members()) nodes.push_back(node("node", *member));
    }
    /// A node that `owner` has registered.
    Party node(const std::string& name, const Party& owner, AccountKind kind = AccountKind::kNode) {
        Party party = testkit::owned(kind, name + " of " + owner.account.name, owner);
        const auto found = world->by(owner, identity::Payload{identity::Found{party.account}}, {&party.key});
        EXPECT_EQ(world->send(found), ErrorCode::kOk);
        return party;
    }
    /// Proposed by one and voted for by two others, in one block; what became of the deciding vote.
    std::vector<ErrorCode> vote(const std::vector<governance::Action>& actions) {
        std::vector<Transaction> transactions;
        for (const auto& action : actions) {
            const Proposal proposal{action, world->now_ms + kHourMs, {++salt_, static_cast<std::uint8_t>(salt_ >> 8)}};
            transactions.push_back(world->by(world->net.hospital_a, Payload{Propose{proposal}}));
            transactions.push_back(world->by(world->net.hospital_b, Payload{Vote{proposal.id(), true}}));
            transactions.push_back(world->by(world->net.regulator, Payload{Vote{proposal.id(), true}}));
        }
        const auto result = world->run(transactions);
        tell_engine(result);
        std::vector<ErrorCode> codes;
        for (std::size_t i = 0; i < transactions.size(); i += 3) {
            codes.push_back(testkit::code_of(result, transactions[i].id));
            if (codes.back() == ErrorCode::kOk) codes.back() = testkit::code_of(result, transactions[i + 2].id);
        }
        return codes;
    }
    ErrorCode vote(const governance::Action& action) { return vote(std::vector{action}).front(); }
    void tell_engine(const BlockResult& result) {
        updates = result.validators;
        EXPECT_EQ(engine->take(updates), "");
        EXPECT_TRUE(std::ranges::is_sorted(updates, {}, &Validator::key));
        std::map<Bytes, std::uint64_t> in_state;
        for (const auto& one : set().validators) in_state[one.key.public_key] = one.power;
        EXPECT_EQ(in_state, engine->powers);
    }
    [[nodiscard]] governance::ValidatorSet set() const {
        return read_decision<governance::ValidatorSet>(world->state(), Contract::kGovernance,
                                                       governance::validator_set_key())
            .value()
            .value()
            .value;
    }
    BlockResult report(const std::vector<std::size_t>& guilty) {
        BlockInput input;
        input.time_ms = world->now_ms;
        for (const std::size_t i : guilty)
            input.faults.push_back({id(i), 1, ++engine_height_, world->now_ms, engine->total()});
        auto result = world->execute(input);
        world->commit(result);
        tell_engine(result);
        return result;
    }
    [[nodiscard]] static ValidatorId id(std::size_t i) {
        return validator_id(Signer::of(validator_key(i).public_key()));
    }
    [[nodiscard]] static Validator update(std::size_t i, std::uint64_t power, const AccountId& organisation) {
        return {Signer::of(validator_key(i).public_key()), power, organisation};
    }

    std::unique_ptr<testkit::World> world;
    std::unique_ptr<EngineSet> engine;
    std::vector<Party> nodes;  ///< one of each member
    std::vector<Validator> updates;

private:
    std::uint8_t salt_ = 0;
    EngineHeight engine_height_ = 0;
};

TEST_F(Validators, TheGenesisHasThoseOfItsEra) {
    begin({3, 2, 2, 3});
    const auto genesis = set();
    ASSERT_EQ(genesis.validators.size(), 4U);
    EXPECT_TRUE(std::ranges::is_sorted(genesis.validators, {}, &governance::ActiveValidator::key));
    EXPECT_EQ(genesis.validators[0].since_ms, world->net.genesis.time_ms);
    EXPECT_EQ(engine->total(), 10U);
}

TEST_F(Validators, ANodeIsVotedInWithAPowerAndOut) {
    begin({5, 6, 6, 6});
    ASSERT_EQ(vote(AddValidator{signer(nodes[0]), 1}), ErrorCode::kOk);
    EXPECT_EQ(updates, (std::vector<Validator>{{signer(nodes[0]), 1, world->net.hospital_a.id()}}));
    const Place place{world->header().height, 2};
    const auto now =
        read_decision<governance::ValidatorSet>(world->state(), Contract::kGovernance, governance::validator_set_key())
            .value()
            .value();
    EXPECT_EQ(now.place, place);
    EXPECT_EQ(now.n, 2U);
    const auto entry = std::ranges::find(now.value.validators, signer(nodes[0]), &governance::ActiveValidator::key);
    EXPECT_EQ(entry->since, place.height);
    EXPECT_EQ(entry->since_ms, world->header().time_ms);

    ASSERT_EQ(vote(SetValidatorPower{validator_id(signer(nodes[0])), 2}), ErrorCode::kOk);
    EXPECT_EQ(updates, (std::vector<Validator>{{signer(nodes[0]), 2, world->net.hospital_a.id()}}));
    ASSERT_EQ(vote(RemoveValidator{validator_id(signer(nodes[0]))}), ErrorCode::kOk);
    EXPECT_EQ(updates, (std::vector<Validator>{{signer(nodes[0]), 0, world->net.hospital_a.id()}}));
    EXPECT_EQ(set().validators.size(), 4U);
}

TEST_F(Validators, TheKeyIsOneOfCometBftsThatAnActiveNodeHolds) {
    begin({2, 3, 3, 3});
    const auto add = [&](const Signer& key) { return vote(AddValidator{key, 1}); };
    Signer shorter = signer(nodes[0]);
    shorter.public_key.pop_back();
    EXPECT_EQ(add(shorter), ErrorCode::kGovernanceValidatorKey);
    Signer small = signer(nodes[0]);
    small.public_key.assign(32, 0);
    EXPECT_EQ(add(small), ErrorCode::kGovernanceValidatorKey) << "of small order";
    EXPECT_EQ(add(Signer::of(testkit::signing_key("stranger").public_key())), ErrorCode::kGovernanceValidatorNode);
    EXPECT_EQ(add(signer(world->net.payer)), ErrorCode::kGovernanceValidatorNode) << "an organisation's own";
    EXPECT_EQ(add(signer(node("pump", world->net.payer, AccountKind::kDevice))), ErrorCode::kGovernanceValidatorNode);
    const identity::SetStatus off{nodes[2].id(), identity::AccountStatus::kSuspended};
    ASSERT_EQ(world->send(world->by(world->net.payer, identity::Payload{off})), ErrorCode::kOk);
    EXPECT_EQ(add(signer(nodes[2])), ErrorCode::kGovernanceValidatorNode);
    ASSERT_EQ(vote(Suspend{world->net.payer.id()}), ErrorCode::kOk);
    EXPECT_EQ(add(signer(node("other", world->net.hospital_a))), ErrorCode::kOk);
    const Party late = testkit::owned(AccountKind::kNode, "late", world->net.payer);
    EXPECT_EQ(add(signer(late)), ErrorCode::kGovernanceValidatorNode) << "of a suspended member";
}

TEST_F(Validators, RefusesDuplicatesAndWhoIsNotThere) {
    begin({3, 3, 3, 3});
    ASSERT_EQ(vote(AddValidator{signer(nodes[0]), 1}), ErrorCode::kOk);
    EXPECT_EQ(vote(AddValidator{signer(nodes[0]), 1}), ErrorCode::kGovernanceValidatorExists);
    EXPECT_EQ(vote(AddValidator{signer(nodes[0]), 2}), ErrorCode::kGovernanceValidatorExists);
    EXPECT_EQ(vote(RemoveValidator{validator_id(signer(nodes[1]))}), ErrorCode::kGovernanceNoValidator);
    EXPECT_EQ(vote(SetValidatorPower{validator_id(signer(nodes[1])), 2}), ErrorCode::kGovernanceNoValidator);
}

TEST_F(Validators, PowerIsNewAndBoundedInAll) {
    constexpr std::uint64_t kQuarter = kVotedPowerMax / 4;
    begin({kQuarter, kQuarter, kQuarter, kQuarter - 1});
    EXPECT_EQ(vote(AddValidator{signer(nodes[3]), 0}), ErrorCode::kGovernanceValidatorPower);
    EXPECT_EQ(vote(AddValidator{signer(nodes[3]), 2}), ErrorCode::kGovernanceValidatorPower);
    EXPECT_EQ(vote(AddValidator{signer(nodes[3]), ~std::uint64_t{0}}), ErrorCode::kGovernanceValidatorPower);
    EXPECT_EQ(vote(SetValidatorPower{id(0), 0}), ErrorCode::kGovernanceValidatorPower);
    EXPECT_EQ(vote(SetValidatorPower{id(0), kQuarter}), ErrorCode::kGovernanceValidatorPower) << "the one it has";
    EXPECT_EQ(vote(SetValidatorPower{id(0), kQuarter + 2}), ErrorCode::kGovernanceValidatorPower);
    EXPECT_EQ(vote(SetValidatorPower{id(0), kQuarter + 1}), ErrorCode::kOk);
    EXPECT_EQ(vote(AddValidator{signer(nodes[3]), 1}), ErrorCode::kGovernanceValidatorPower);
}

TEST_F(Validators, ThereAreAThousandAtMost) {
    begin(std::vector<std::uint64_t>(kMembersMax - 1, 1));
    EXPECT_EQ(vote(AddValidator{signer(nodes[0]), 1}), ErrorCode::kOk);
    EXPECT_EQ(vote(AddValidator{signer(nodes[1]), 1}), ErrorCode::kGovernanceValidatorsFull);
    ASSERT_EQ(vote(RemoveValidator{id(0)}), ErrorCode::kOk);
    EXPECT_EQ(vote(AddValidator{signer(nodes[1]), 1}), ErrorCode::kOk);
}

TEST_F(Validators, NoOrganisationIsVotedMoreThanAThird) {
    begin({2, 2, 2, 2});
    EXPECT_EQ(vote(AddValidator{signer(nodes[0]), 1}), ErrorCode::kOk) << "3 of 9";
    EXPECT_EQ(vote(SetValidatorPower{validator_id(signer(nodes[0])), 2}), ErrorCode::kGovernanceValidatorShare)
        << "4 of 10";
    EXPECT_EQ(vote(RemoveValidator{id(3)}), ErrorCode::kGovernanceValidatorShare) << "3 of 7";
    EXPECT_EQ(vote(SetValidatorPower{id(1), 4}), ErrorCode::kGovernanceValidatorShare) << "4 of 11";
    EXPECT_EQ(vote(SetValidatorPower{id(1), 3}), ErrorCode::kOk) << "3 of 10";
}

TEST_F(Validators, WhoHasMoreThanAThirdFromTheBeginningGetsNoLargerShare) {
    begin({5, 1, 1, 1});
    EXPECT_EQ(vote(SetValidatorPower{id(0), 6}), ErrorCode::kGovernanceValidatorShare);
    EXPECT_EQ(vote(RemoveValidator{id(3)}), ErrorCode::kGovernanceValidatorShare) << "5 of 7 is more than 5 of 8";
    EXPECT_EQ(vote(SetValidatorPower{id(1), 2}), ErrorCode::kOk) << "5 of 9 is less";
    EXPECT_EQ(vote(SetValidatorPower{id(0), 3}), ErrorCode::kOk);
}

TEST_F(Validators, FewOrganisationsShareEqually) {
    begin({2});
    EXPECT_EQ(vote(AddValidator{signer(nodes[1]), 1}), ErrorCode::kOk) << "the one that is there had all";
    EXPECT_EQ(vote(SetValidatorPower{id(0), 3}), ErrorCode::kGovernanceValidatorShare);
    EXPECT_EQ(vote(SetValidatorPower{validator_id(signer(nodes[1])), 2}), ErrorCode::kOk);
    EXPECT_EQ(vote(AddValidator{signer(nodes[2]), 2}), ErrorCode::kOk) << "a third each";
    EXPECT_EQ(vote(RemoveValidator{id(0)}), ErrorCode::kOk);
    EXPECT_EQ(vote(RemoveValidator{validator_id(signer(nodes[1]))}), ErrorCode::kOk);
    EXPECT_EQ(vote(RemoveValidator{validator_id(signer(nodes[2]))}), ErrorCode::kGovernanceLastValidator);
}

TEST_F(Validators, APrivateNetworkDividesThePowerAsItLikes) {
    begin({2, 2, 2, 2}, false);
    EXPECT_EQ(vote(AddValidator{signer(nodes[0]), 2}), ErrorCode::kOk) << "4 of 10";
    EXPECT_EQ(vote(SetValidatorPower{id(0), 5}), ErrorCode::kOk) << "7 of 13";
}

TEST_F(Validators, AThirdOfThePowerMovesInABlockAndNoMore) {
    begin({3, 3, 3, 3}, false);
    EXPECT_EQ(vote(AddValidator{signer(nodes[0]), 5}), ErrorCode::kGovernanceValidatorsMoved);
    EXPECT_EQ(vote({SetValidatorPower{id(0), 4}, SetValidatorPower{id(1), 2}, SetValidatorPower{id(2), 4},
                    SetValidatorPower{id(3), 4}, SetValidatorPower{id(3), 2}}),
              (std::vector{ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kOk}))
        << "4 of 12: what a validator has behind the block counts, not the way there";
    EXPECT_EQ(vote({SetValidatorPower{id(0), 3}, SetValidatorPower{id(2), 3}, SetValidatorPower{id(1), 3},
                    SetValidatorPower{id(3), 4}}),
              (std::vector{ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kGovernanceValidatorsMoved}))
        << "5 of 12";
    EXPECT_EQ(vote(SetValidatorPower{id(3), 4}), ErrorCode::kOk) << "in the next";
}

TEST_F(Validators, WhatIsUndoneInTheSameBlockIsNotTold) {
    begin({3, 3, 3, 3});
    EXPECT_EQ(vote({AddValidator{signer(nodes[0]), 1}, RemoveValidator{validator_id(signer(nodes[0]))}}),
              (std::vector{ErrorCode::kOk, ErrorCode::kOk}));
    EXPECT_TRUE(updates.empty());
}

TEST_F(Validators, OfTwoOneMayGoAndOneMayCome) {
    begin({2, 1}, false);
    EXPECT_EQ(vote(RemoveValidator{id(0)}), ErrorCode::kGovernanceValidatorsMoved) << "twice 2 is more than 3";
    EXPECT_EQ(vote(AddValidator{signer(nodes[2]), 4}), ErrorCode::kGovernanceValidatorsMoved);
    EXPECT_EQ(vote(RemoveValidator{id(1)}), ErrorCode::kOk);
    EXPECT_EQ(vote(AddValidator{signer(nodes[2]), 2}), ErrorCode::kOk);
    EXPECT_EQ(vote(RemoveValidator{id(0)}), ErrorCode::kOk);
}

TEST_F(Validators, SuspendingTakesThePowerAndReinstatingDoesNotGiveIt) {
    begin({1, 1, 1, 1});
    const AccountId payer = world->net.payer.id();
    ASSERT_EQ(vote(Suspend{payer}), ErrorCode::kOk);
    EXPECT_EQ(updates, (std::vector<Validator>{update(2, 0, payer)}));
    ASSERT_EQ(vote(governance::Reinstate{payer}), ErrorCode::kOk);
    EXPECT_TRUE(updates.empty());
    EXPECT_EQ(set().validators.size(), 3U);
    EXPECT_EQ(vote(AddValidator{signer(nodes[2]), 1}), ErrorCode::kOk);
}

TEST_F(Validators, WhoHasTooMuchPowerLosesSomeBeforeItIsSuspended) {
    begin({2, 2, 4, 2});
    const AccountId payer = world->net.payer.id();
    EXPECT_EQ(vote(Suspend{payer}), ErrorCode::kGovernanceValidatorsMoved);
    ASSERT_EQ(vote(SetValidatorPower{id(2), 3}), ErrorCode::kOk);
    EXPECT_EQ(vote(Suspend{payer}), ErrorCode::kOk) << "3 of 9; of its shares nobody is asked";
}

TEST_F(Validators, WhoeverEquivocatesLosesItsPowerAndItIsTold) {
    begin({1, 1, 1, 1});
    const AccountId payer = world->net.payer.id();
    const auto result = report({2});
    EXPECT_EQ(updates, (std::vector<Validator>{update(2, 0, payer)}));
    ASSERT_EQ(result.block->events.size(), 1U);
    EXPECT_EQ(result.block->events[0].events,
              (std::vector<Event>{{static_cast<std::uint32_t>(system_state::EventKind::kFault), to_bytes(id(2)), {}},
                                  {static_cast<std::uint32_t>(system_state::EventKind::kPowerRemoved), to_bytes(id(2)),
                                   to_bytes(ByteView(payer))}}));
    EXPECT_TRUE(check_content(*result.block).has_value());
    EXPECT_EQ(vote(AddValidator{signer(nodes[2]), 1}), ErrorCode::kOk) << "the members may vote its node in again";
}

TEST_F(Validators, AFaultOfWhoHasNoPowerIsRecorded) {
    begin({1, 1, 1, 1});
    ASSERT_EQ(report({2}).block->events[0].events.size(), 2U);
    const auto again = report({2, 9});
    EXPECT_EQ(again.block->system.size(), 2U);
    for (const Events& events : again.block->events) EXPECT_EQ(events.events.size(), 1U);
    EXPECT_TRUE(updates.empty());
}

TEST_F(Validators, EvidenceTakesNoMoreThanMayGoAtOnceAndNotTheLast) {
    begin({1, 1, 1, 1});
    report({0, 1, 2});
    EXPECT_EQ(updates.size(), 1U) << "a third at most";
    EXPECT_EQ(set().validators.size(), 3U);
    report({1});
    report({2});
    report({3});
    EXPECT_EQ(set().validators.size(), 1U);
    EXPECT_TRUE(updates.empty());
}

TEST_F(Validators, WhatEvidenceTakesIsCountedWithWhatIsVoted) {
    begin({1, 1, 1, 1}, false);
    const Proposal proposal{AddValidator{signer(nodes[0]), 1}, world->now_ms + kHourMs, {}};
    const std::vector<Transaction> transactions{world->by(world->net.hospital_a, Payload{Propose{proposal}})};
    BlockInput input;
    const Bytes envelope = world->envelope(transactions, world->net.hospital_a.key);
    input.time_ms = world->now_ms;
    input.faults = {{id(3), 1, 1, world->now_ms, 4}};
    input.envelopes = {envelope};
    const auto result = world->execute(input);
    EXPECT_EQ(testkit::code_of(result, transactions[0].id), ErrorCode::kGovernanceValidatorsMoved);
    EXPECT_EQ(result.validators.size(), 1U);
}

TEST_F(Validators, AnEraBeginsWithThoseOfItsRecord) {
    begin({1, 1, 1, 1});
    EraRecord era = world->net.genesis.era;
    era.era = 2;
    era.validators = {update(7, 5, world->net.payer.id())};
    BlockInput input;
    input.time_ms = world->now_ms;
    input.opens_era = era;
    input.faults = {{id(7), 1, 1, world->now_ms, 4}};
    auto result = world->execute(input);
    EXPECT_TRUE(result.validators.empty()) << "CometBFT is told of them when it begins";
    EXPECT_EQ(result.engine_block_bytes, kEngineBlockBytesMax);
    world->commit(result);
    ASSERT_EQ(set().validators.size(), 1U) << "the fault of the last is recorded only";
    EXPECT_EQ(set().era, 2U);

    era.era = 3;
    era.engine = EngineKind::kEmbedded;
    era.chain_id.clear();
    input.opens_era = era;
    input.faults.clear();
    input.time_ms = world->now_ms;
    result = world->execute(input);
    world->commit(result);
    EXPECT_TRUE(set().validators.empty());
    EXPECT_TRUE(result.validators.empty());
    EXPECT_EQ(world->send(
                  world->by(world->net.payer, Payload{Propose{{RemoveValidator{id(7)}, world->now_ms + kHourMs, {}}}})),
              ErrorCode::kGovernanceNoValidators);
}

TEST_F(Validators, AnOperatorsNetworkHasNone) {
    world = std::make_unique<testkit::World>();
    const auto propose = [&](const governance::Action& action) {
        return world->send(world->by(world->net.hospital_a, Payload{Propose{{action, world->now_ms + kHourMs, {}}}}));
    };
    EXPECT_EQ(propose(AddValidator{Signer::of(validator_key(0).public_key()), 1}), ErrorCode::kGovernanceNoValidators);
    EXPECT_EQ(propose(SetValidatorPower{id(0), 1}), ErrorCode::kGovernanceNoValidators);
    EXPECT_EQ(propose(RemoveValidator{id(0)}), ErrorCode::kGovernanceNoValidators);
    EXPECT_EQ(propose(Suspend{world->net.payer.id()}), ErrorCode::kOk);
}

TEST_F(Validators, CometBftIsToldOfTheSizeOfItsBlocksWhenItChanges) {
    begin({1, 1, 1, 1});
    using governance::Parameter;
    const Proposal proposal{
        governance::SetParameter{Parameter::kEngineBlockBytes, 2'000'000}, world->now_ms + kHourMs, {}};
    EXPECT_FALSE(world->run({world->by(world->net.hospital_a, Payload{Propose{proposal}})}).engine_block_bytes);
    EXPECT_FALSE(world->run({world->by(world->net.hospital_b, Payload{Vote{proposal.id(), true}})}).engine_block_bytes);
    EXPECT_EQ(world->run({world->by(world->net.payer, Payload{Vote{proposal.id(), true}})}).engine_block_bytes,
              2'000'000U);
    EXPECT_FALSE(world->run({world->by(world->net.payer, audit::Payload{audit::FileRoot{1, {}}})}).engine_block_bytes);
}

/// tell_engine holds each block to CometBFT's rules.
TEST_F(Validators, CometBftTakesWhateverIsVoted) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(seed);
        testing::SeededRandom random(seed);
        nodes.clear();
        std::vector<std::uint64_t> powers(1 + random.below(5));
        for (auto& power : powers) power = 1 + random.below(4);
        begin(powers, random.below(2) == 0);
        std::size_t done = 0;
        for (int block = 0; block < 30; ++block) {
            if (random.below(5) == 0) {
                report({random.below(powers.size())});
                continue;
            }
            std::vector<governance::Action> actions;
            for (std::uint64_t left = 1 + random.below(2); left > 0; --left) {
                const auto now = set().validators;
                const auto& one = now[random.below(now.size())];
                if (const auto choice = random.below(4); choice == 0)
                    actions.push_back(RemoveValidator{validator_id(one.key)});
                else if (choice == 1)
                    actions.push_back(SetValidatorPower{validator_id(one.key), random.below(6)});
                else
                    actions.push_back(AddValidator{signer(nodes[random.below(nodes.size())]), random.below(4)});
            }
            for (const ErrorCode code : vote(actions)) done += code == ErrorCode::kOk ? 1 : 0;
        }
        EXPECT_GT(done, 0U);
    }
}

}  // namespace
}  // namespace salus::execution
