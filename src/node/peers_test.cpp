#include "node/peers.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::node {
namespace {

using consensus::PeerStanding;
using governance::Payload;
using testkit::Party;

class Peers : public ::testing::Test {
protected:
    [[nodiscard]] PeerStanding standing(const crypto::SigningKey& key) const {
        return standing_of_peer(world.state(), {world.net.genesis.era}, validator_id(Signer::of(key.public_key())))
            .value();
    }
    void vote(const governance::Action& action) {
        const governance::Proposal proposal{action, world.now_ms + kHourMs, {}};
        ASSERT_EQ(world.send_all({world.by(world.net.hospital_a, Payload{governance::Propose{proposal}}),
                                  world.by(world.net.hospital_b, Payload{governance::Vote{proposal.id(), true}}),
                                  world.by(world.net.regulator, Payload{governance::Vote{proposal.id(), true}})}),
                  ErrorCode::kOk);
    }
    void found(const Party& owner, const Party& party) {
        ASSERT_EQ(world.send(world.by(owner, identity::Payload{identity::Found{party.account}}, {&party.key})),
                  ErrorCode::kOk);
    }
    [[nodiscard]] static testkit::Consortium of_four() {
        return testkit::make_consortium([](Genesis& genesis) {
            genesis.era.engine = EngineKind::kCometBft;
            genesis.era.chain_id = "salus-test-1";
            for (const std::size_t i : {1U, 2U, 3U})
                genesis.era.validators.push_back(
                    {Signer::of(testkit::signing_key("validator " + std::to_string(i)).public_key()), 1,
                     genesis.members[i].admission.account});
        });
    }
    testkit::World world{of_four()};
    const Party node = testkit::owned(AccountKind::kNode, "node", world.net.payer);
    const crypto::SigningKey payers_validator = testkit::signing_key("validator 2");
};

TEST_F(Peers, AValidatorIsAPeerAsLongAsItsOrganisationIsActive) {
    EXPECT_EQ(standing(payers_validator), PeerStanding::kMember);
    vote(governance::RemoveValidator{validator_id(Signer::of(payers_validator.public_key()))});
    EXPECT_EQ(standing(payers_validator), PeerStanding::kMember) << "it may follow";
    vote(governance::Suspend{world.net.payer.id()});
    EXPECT_EQ(standing(payers_validator), PeerStanding::kShutOut);
    EXPECT_EQ(standing(testkit::signing_key("validator 1")), PeerStanding::kMember);
    vote(governance::Reinstate{world.net.payer.id()});
    EXPECT_EQ(standing(payers_validator), PeerStanding::kMember);
}

TEST_F(Peers, AFoundingValidatorsKeyCanBeTakenBackOnceItIsRegisteredAsANode) {
    vote(governance::RemoveValidator{validator_id(Signer::of(payers_validator.public_key()))});
    const Party registered = testkit::owned(AccountKind::kNode, "validator 2", world.net.payer);
    ASSERT_EQ(registered.key.public_key(), payers_validator.public_key());
    found(world.net.payer, registered);
    const identity::SetStatus suspended{registered.id(), identity::AccountStatus::kSuspended};
    ASSERT_EQ(world.send(world.by(world.net.payer, identity::Payload{suspended})), ErrorCode::kOk);
    EXPECT_EQ(standing(payers_validator), PeerStanding::kShutOut);
}

TEST_F(Peers, ANodeIsAPeerFromItsRegistrationUntilItOrItsOwnerIsSuspended) {
    EXPECT_EQ(standing(node.key), PeerStanding::kUnknown);
    found(world.net.payer, node);
    EXPECT_EQ(standing(node.key), PeerStanding::kMember);
    const auto set = [&](identity::AccountStatus status) {
        return world.send(world.by(world.net.payer, identity::Payload{identity::SetStatus{node.id(), status}}));
    };
    ASSERT_EQ(set(identity::AccountStatus::kSuspended), ErrorCode::kOk);
    EXPECT_EQ(standing(node.key), PeerStanding::kShutOut);
    ASSERT_EQ(set(identity::AccountStatus::kActive), ErrorCode::kOk);
    EXPECT_EQ(standing(node.key), PeerStanding::kMember);
    vote(governance::Suspend{world.net.payer.id()});
    EXPECT_EQ(standing(node.key), PeerStanding::kShutOut);
}

TEST_F(Peers, AKeyThatANodeHasNoMoreIsShutOut) {
    found(world.net.payer, node);
    const auto next = testkit::signing_key("next");
    const identity::RotateKeys rotate{node.id(), {testkit::account_key(next)}, {testkit::account_key(node.key)}};
    ASSERT_EQ(world.send(world.by(world.net.payer, identity::Payload{rotate}, {&next})), ErrorCode::kOk);
    EXPECT_EQ(standing(node.key), PeerStanding::kShutOut);
    EXPECT_EQ(standing(next), PeerStanding::kMember);
}

TEST_F(Peers, DevicesAndOrganisationsAreNoPeers) {
    const Party pump = testkit::owned(AccountKind::kDevice, "pump", world.net.payer);
    found(world.net.payer, pump);
    EXPECT_EQ(standing(pump.key), PeerStanding::kUnknown);
    EXPECT_EQ(standing(world.net.payer.key), PeerStanding::kUnknown);
}

}  // namespace
}  // namespace salus::node
