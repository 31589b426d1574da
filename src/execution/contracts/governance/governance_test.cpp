#include "execution/contracts/governance/governance.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using governance::Admit;
using governance::MemberState;
using governance::MemberStatus;
using governance::OrganisationKind;
using governance::Parameter;
using governance::Payload;
using governance::Proposal;
using governance::ProposalState;
using governance::ProposalStatus;
using governance::Propose;
using governance::SetParameter;
using governance::Suspend;
using governance::Vote;
using testkit::Party;

/// Four members; the threshold of 67 percent needs three.
class Governance : public ::testing::Test {
protected:
    Proposal proposal(const governance::Action& action) { return {action, world.now_ms + kHourMs, {salt_++}}; }
    ErrorCode propose(const Party& party, const Proposal& what) {
        return world.send(world.by(party, Payload{Propose{what}}));
    }
    ErrorCode propose(const governance::Action& action) { return propose(a, proposal(action)); }
    ErrorCode vote(const Party& party, const Proposal& what, bool approve = true) {
        return world.send(world.by(party, Payload{Vote{what.id(), approve}}));
    }
    /// Proposed by the first, approved by the others.
    ErrorCode pass(const governance::Action& action, const std::vector<const Party*>& voters) {
        const Proposal what = proposal(action);
        if (const auto code = propose(*voters.front(), what); code != ErrorCode::kOk) return code;
        for (std::size_t i = 1; i < voters.size(); ++i)
            if (const auto code = vote(*voters[i], what); code != ErrorCode::kOk) return code;
        return status(what) == ProposalStatus::kPassed ? ErrorCode::kOk : ErrorCode::kConflict;
    }
    ProposalStatus status(const Proposal& what) {
        return read_value<ProposalState>(world.state(), Contract::kGovernance, governance::proposal_key(what.id()))
            .value()
            .value()
            .status;
    }
    MemberState member(const AccountId& account) {
        return read_decision<MemberState>(world.state(), Contract::kGovernance, governance::member_key(account))
            .value()
            .value()
            .value;
    }
    std::uint64_t parameter(Parameter which) {
        return read_decision<governance::ParameterState>(world.state(), Contract::kGovernance,
                                                         governance::parameter_key(which))
            .value()
            .value()
            .value.value;
    }
    testkit::World world;
    const Party& a = world.net.hospital_a;
    const Party& b = world.net.hospital_b;
    const Party& payer = world.net.payer;
    const Party& regulator = world.net.regulator;
    const Party newcomer = testkit::organisation("Newcomer");

private:
    std::uint8_t salt_ = 0;
};

TEST_F(Governance, AProposalPassesAtTheThresholdAndIsDoneAtOnce) {
    const Proposal what = proposal(Admit{newcomer.id(), OrganisationKind::kLaboratory, {"L1"}, "AT-9"});
    ASSERT_EQ(propose(a, what), ErrorCode::kOk);
    ASSERT_EQ(vote(b, what), ErrorCode::kOk);
    EXPECT_EQ(status(what), ProposalStatus::kOpen) << "two of four";
    ASSERT_EQ(vote(payer, what), ErrorCode::kOk);
    EXPECT_EQ(status(what), ProposalStatus::kPassed);
    EXPECT_EQ(member(newcomer.id()),
              (MemberState{OrganisationKind::kLaboratory, {"L1"}, "AT-9", MemberStatus::kActive, 0}));
    const auto list =
        read_value<governance::MemberList>(world.state(), Contract::kGovernance, governance::member_list_key());
    EXPECT_EQ(list.value()->accounts.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(list.value()->accounts));
    EXPECT_EQ(vote(regulator, what), ErrorCode::kGovernanceDecided);
}

TEST_F(Governance, AProposalThatCanPassNoMoreIsRejected) {
    const Proposal what = proposal(Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"});
    ASSERT_EQ(propose(a, what), ErrorCode::kOk);
    ASSERT_EQ(vote(b, what, false), ErrorCode::kOk);
    EXPECT_EQ(status(what), ProposalStatus::kOpen) << "three could still approve";
    ASSERT_EQ(vote(payer, what, false), ErrorCode::kOk);
    EXPECT_EQ(status(what), ProposalStatus::kRejected);
    EXPECT_EQ(vote(regulator, what), ErrorCode::kGovernanceDecided);
}

TEST_F(Governance, AMemberVotesOnceAndProposingIsAVote) {
    const Proposal what = proposal(Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"});
    ASSERT_EQ(propose(a, what), ErrorCode::kOk);
    EXPECT_EQ(propose(b, what), ErrorCode::kGovernanceProposalExists);
    EXPECT_EQ(vote(a, what), ErrorCode::kGovernanceVoted);
    ASSERT_EQ(vote(b, what, false), ErrorCode::kOk);
    EXPECT_EQ(vote(b, what), ErrorCode::kGovernanceVoted);
}

TEST_F(Governance, AVoteBindsTheProposalsEveryByte) {
    Proposal what = proposal(Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"});
    ASSERT_EQ(propose(a, what), ErrorCode::kOk);
    std::get<Admit>(what.action).kind = OrganisationKind::kRegulator;
    EXPECT_EQ(vote(b, what), ErrorCode::kGovernanceNoProposal);
}

TEST_F(Governance, ProposalsExpire) {
    const Proposal what = proposal(Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"});
    ASSERT_EQ(propose(a, what), ErrorCode::kOk);
    world.now_ms = what.expires_ms - 1;
    EXPECT_EQ(vote(b, what), ErrorCode::kOk);
    world.now_ms = what.expires_ms;
    EXPECT_EQ(vote(payer, what), ErrorCode::kGovernanceExpired);
}

TEST_F(Governance, AProposalsEndLiesWithinItsLifetime) {
    const governance::Action action = Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"};
    const TimeMs lifetime = governance::parameter_info(Parameter::kProposalLifetimeMs).initial;
    EXPECT_EQ(propose(a, {action, world.now_ms, {}}), ErrorCode::kGovernanceExpiry);
    EXPECT_EQ(propose(a, {action, world.now_ms + lifetime + 1, {}}), ErrorCode::kGovernanceExpiry);
    EXPECT_EQ(propose(a, {action, world.now_ms + lifetime, {}}), ErrorCode::kOk);
    EXPECT_EQ(propose(a, {action, world.now_ms + 1, {}}), ErrorCode::kOk);
}

TEST_F(Governance, AdmissionNeedsANewMemberAndAJurisdiction) {
    EXPECT_EQ(propose(Admit{b.id(), OrganisationKind::kOther, {}, "DE"}), ErrorCode::kGovernanceMemberExists);
    for (const char* wrong : {"", "D", "de", "DE-", "DE-abc", "DE-ABCD", "D1", "DE_BY"})
        EXPECT_EQ(propose(Admit{newcomer.id(), OrganisationKind::kOther, {}, wrong}),
                  ErrorCode::kGovernanceJurisdiction)
            << wrong;
    for (const char* right : {"DE", "DE-B", "US-CA", "FR-75C"})
        EXPECT_EQ(propose(Admit{newcomer.id(), OrganisationKind::kOther, {}, right}), ErrorCode::kOk) << right;
}

TEST_F(Governance, SuspendingAndReinstatingNeedTheOtherStatus) {
    EXPECT_EQ(propose(Suspend{newcomer.id()}), ErrorCode::kGovernanceNoMember);
    EXPECT_EQ(propose(governance::Reinstate{b.id()}), ErrorCode::kGovernanceMemberStatus);
    ASSERT_EQ(pass(Suspend{b.id()}, {&a, &payer, &regulator}), ErrorCode::kOk);
    EXPECT_EQ(member(b.id()).status, MemberStatus::kSuspended);
    EXPECT_EQ(member(b.id()).suspended_ms, world.header().time_ms);
    EXPECT_EQ(propose(Suspend{b.id()}), ErrorCode::kGovernanceMemberStatus);
    ASSERT_EQ(pass(governance::Reinstate{b.id()}, {&a, &payer, &regulator}), ErrorCode::kOk);
    EXPECT_EQ(member(b.id()).status, MemberStatus::kActive);
}

TEST_F(Governance, ASuspendedMemberIsCountedForThirtyDays) {
    ASSERT_EQ(pass(Suspend{b.id()}, {&a, &payer, &regulator}), ErrorCode::kOk);
    const TimeMs suspended = world.header().time_ms;
    const governance::Action action = Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"};
    world.now_ms = suspended + kSuspendedCountsMs - 2000;
    EXPECT_EQ(pass(action, {&a, &payer}), ErrorCode::kConflict) << "two of four are too few";
    world.now_ms = suspended + kSuspendedCountsMs;
    ASSERT_EQ(pass(SetParameter{Parameter::kThresholdPercent, 60}, {&a, &payer, &regulator}), ErrorCode::kOk);
    EXPECT_EQ(pass(action, {&a, &payer}), ErrorCode::kOk) << "two of three are 66 percent";
}

TEST_F(Governance, TheVotesOfAMemberThatIsSuspendedDoNotCount) {
    const Proposal what = proposal(Admit{newcomer.id(), OrganisationKind::kOther, {}, "DE"});
    ASSERT_EQ(propose(b, what), ErrorCode::kOk);
    ASSERT_EQ(pass(Suspend{b.id()}, {&a, &payer, &regulator}), ErrorCode::kOk);
    ASSERT_EQ(vote(a, what), ErrorCode::kOk);
    ASSERT_EQ(vote(payer, what), ErrorCode::kOk);
    EXPECT_EQ(status(what), ProposalStatus::kOpen);
    ASSERT_EQ(vote(regulator, what), ErrorCode::kOk);
    EXPECT_EQ(status(what), ProposalStatus::kPassed);
}

TEST_F(Governance, TheLastActiveMemberCannotBeSuspended) {
    world.lifetime_ms = 1;
    ASSERT_EQ(pass(SetParameter{Parameter::kThresholdPercent, 51}, {&a, &b, &payer}), ErrorCode::kOk);
    ASSERT_EQ(pass(Suspend{payer.id()}, {&a, &b, &regulator}), ErrorCode::kOk);
    ASSERT_EQ(pass(Suspend{regulator.id()}, {&a, &b, &regulator}), ErrorCode::kOk);
    world.now_ms += kSuspendedCountsMs;
    ASSERT_EQ(pass(Suspend{b.id()}, {&a, &b}), ErrorCode::kOk);
    EXPECT_EQ(propose(Suspend{a.id()}), ErrorCode::kGovernanceLastMember);
    for (std::size_t i = 0; i < kOpenProposalsMax; ++i)
        ASSERT_EQ(propose(SetParameter{Parameter::kThresholdPercent, 52}), ErrorCode::kOk);
    EXPECT_EQ(propose(Suspend{a.id()}), ErrorCode::kGovernanceProposalsFull) << "members are counted last";
}

TEST_F(Governance, WhatCanBeDoneNoMoreFailsTheDecidingVote) {
    const governance::Action action = Suspend{b.id()};
    const Proposal one = proposal(action);
    const Proposal two = proposal(action);
    for (const Proposal& what : {one, two}) {
        ASSERT_EQ(propose(a, what), ErrorCode::kOk);
        ASSERT_EQ(vote(payer, what), ErrorCode::kOk);
    }
    ASSERT_EQ(vote(regulator, one), ErrorCode::kOk);
    EXPECT_EQ(vote(regulator, two), ErrorCode::kGovernanceMemberStatus);
    EXPECT_EQ(status(two), ProposalStatus::kOpen);
}

TEST_F(Governance, AnOrganisationHasSoManyOpenProposalsAndNotOneMore) {
    const governance::Action action = Suspend{payer.id()};
    std::vector<Proposal> open;
    for (std::size_t i = 0; i < kOpenProposalsMax; ++i) {
        open.push_back(proposal(action));
        ASSERT_EQ(propose(a, open.back()), ErrorCode::kOk);
    }
    EXPECT_EQ(propose(a, proposal(action)), ErrorCode::kGovernanceProposalsFull);
    EXPECT_EQ(propose(a, proposal(governance::Reinstate{b.id()})), ErrorCode::kGovernanceMemberStatus)
        << "what cannot be done is told first";
    EXPECT_EQ(propose(b, proposal(action)), ErrorCode::kOk) << "another's are counted for themselves";
    ASSERT_EQ(vote(b, open[0], false), ErrorCode::kOk);
    ASSERT_EQ(vote(regulator, open[0], false), ErrorCode::kOk);
    ASSERT_EQ(status(open[0]), ProposalStatus::kRejected);
    EXPECT_EQ(propose(a, proposal(action)), ErrorCode::kOk) << "one was decided";
    EXPECT_EQ(propose(a, proposal(action)), ErrorCode::kGovernanceProposalsFull);
    world.now_ms = open[1].expires_ms - 1;
    EXPECT_EQ(propose(a, proposal(action)), ErrorCode::kGovernanceProposalsFull);
    world.now_ms = open[1].expires_ms;
    EXPECT_EQ(propose(a, proposal(action)), ErrorCode::kOk) << "one has expired";
}

TEST_F(Governance, ParametersHaveAFloorAndACeiling) {
    for (const auto& info : governance::parameter_table()) {
        world.now_ms += kHourMs;  // what was proposed before has expired
        if (info.floor > 0) {
            EXPECT_EQ(propose(SetParameter{info.parameter, info.floor - 1}), ErrorCode::kGovernanceParameterRange);
        }
        EXPECT_EQ(propose(SetParameter{info.parameter, info.ceiling + 1}), ErrorCode::kGovernanceParameterRange);
        EXPECT_EQ(propose(SetParameter{info.parameter, info.floor}), ErrorCode::kOk);
        EXPECT_EQ(propose(SetParameter{info.parameter, info.ceiling}), ErrorCode::kOk);
    }
}

TEST_F(Governance, AChangeOfTheThresholdNeedsTheLargerOfOldAndNew) {
    EXPECT_EQ(pass(SetParameter{Parameter::kThresholdPercent, 100}, {&a, &b, &payer}), ErrorCode::kConflict);
    EXPECT_EQ(pass(SetParameter{Parameter::kThresholdPercent, 100}, {&a, &b, &payer, &regulator}), ErrorCode::kOk);
    EXPECT_EQ(pass(SetParameter{Parameter::kThresholdPercent, 51}, {&a, &b, &payer}), ErrorCode::kConflict);
    EXPECT_EQ(pass(SetParameter{Parameter::kThresholdPercent, 51}, {&a, &b, &payer, &regulator}), ErrorCode::kOk);
    EXPECT_EQ(parameter(Parameter::kThresholdPercent), 51U);
}

TEST_F(Governance, TheRegulatorsRightsNeedARegulatorsVote) {
    const Admit puppet{newcomer.id(), OrganisationKind::kRegulator, {}, "DE"};
    const governance::RecoverOrganisation seize{regulator.id(), Signer::of(testkit::signing_key("ours").public_key())};
    const governance::Action rule = SetParameter{Parameter::kRegulatorConsent, 0};
    const std::vector<governance::Action> actions{Suspend{regulator.id()}, puppet, seize, rule};
    for (const auto& action : actions) EXPECT_EQ(pass(action, {&a, &b, &payer}), ErrorCode::kConflict);
    EXPECT_EQ(pass(rule, {&a, &b, &regulator}), ErrorCode::kOk);
    EXPECT_EQ(pass(SetParameter{Parameter::kRegulatorConsent, 1}, {&a, &b, &payer}), ErrorCode::kConflict)
        << "the rule itself always";
    EXPECT_EQ(pass(puppet, {&a, &b, &payer}), ErrorCode::kOk) << "it was given up";
}

TEST_F(Governance, WithoutARegulatorThereIsNothingToProtect) {
    ASSERT_EQ(pass(Suspend{regulator.id()}, {&a, &b, &regulator}), ErrorCode::kOk);
    const governance::Action action = SetParameter{Parameter::kRegulatorConsent, 0};
    EXPECT_EQ(pass(action, {&a, &b, &payer}), ErrorCode::kConflict) << "it is counted for thirty days";
    world.now_ms += kSuspendedCountsMs;
    EXPECT_EQ(pass(action, {&a, &b, &payer}), ErrorCode::kOk);
}

TEST_F(Governance, ARecoverysKeyIsNewAndWellFormed) {
    const auto key = Signer::of(testkit::signing_key("rescued").public_key());
    EXPECT_EQ(propose(governance::RecoverOrganisation{newcomer.id(), key}), ErrorCode::kGovernanceNoMember);
    EXPECT_EQ(propose(governance::RecoverOrganisation{b.id(), Signer::of(a.key.public_key())}),
              ErrorCode::kGovernanceKey);
    Signer wrong = key;
    wrong.public_key.pop_back();
    EXPECT_EQ(propose(governance::RecoverOrganisation{b.id(), wrong}), ErrorCode::kGovernanceKey);
    EXPECT_EQ(propose(governance::RecoverOrganisation{b.id(), key}), ErrorCode::kOk);
}

TEST_F(Governance, PoliciesCountFromOne) {
    EXPECT_EQ(propose(governance::AdoptPolicy{"DE", 0, {}, 1}), ErrorCode::kGovernancePolicyVersion);
    EXPECT_EQ(propose(governance::AdoptPolicy{"de", 1, {}, 1}), ErrorCode::kGovernanceJurisdiction);
    EXPECT_EQ(propose(governance::AdoptPolicy{"DE", 1, {}, 1}), ErrorCode::kOk);
}

TEST_F(Governance, OnlyOrganisationsTakePart) {
    const Party node = testkit::owned(AccountKind::kNode, "node", a);
    ASSERT_EQ(world.send(world.by(a, identity::Payload{identity::Found{node.account}}, {&node.key})), ErrorCode::kOk);
    EXPECT_EQ(propose(node, proposal(Suspend{b.id()})), ErrorCode::kGovernanceSender);
}

/// As many as fit the limit of reads of a transaction.
TEST(GovernanceLimits, AThousandMembersCanDecide) {
    testkit::World world(testkit::make_consortium([&](Genesis& genesis) {
        while (genesis.members.size() < kMembersMax) {
            const Party party = testkit::organisation("member " + std::to_string(genesis.members.size()));
            genesis.members.push_back({party.account, {party.id(), OrganisationKind::kOther, {}, "DE"}});
        }
    }));
    const Party& a = world.net.hospital_a;
    const auto propose = [&](const governance::Action& action) {
        return world.send(world.by(a, Payload{Propose{{action, world.now_ms + kHourMs, {}}}}));
    };
    EXPECT_EQ(propose(Suspend{world.net.payer.id()}), ErrorCode::kOk);
    EXPECT_EQ(propose(Admit{testkit::organisation("one more").id(), OrganisationKind::kOther, {}, "DE"}),
              ErrorCode::kGovernanceMembersFull);
}

}  // namespace
}  // namespace salus::execution
