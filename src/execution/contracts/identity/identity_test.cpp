#include "execution/contracts/identity/identity.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using governance::Parameter;
using identity::AccountState;
using identity::AccountStatus;
using identity::Found;
using identity::Payload;
using identity::RotateKeys;
using testkit::account_key;
using testkit::Party;

Party with_keys(Party party, std::vector<AccountKey> keys) {
    party.account.keys = std::move(keys);
    return party;
}

class Identity : public ::testing::Test {
protected:
    using Keys = std::vector<const crypto::SigningKey*>;
    ErrorCode by(const Party& party, const Payload& what, const Keys& others = {}) {
        return world.send(world.by(party, what, others));
    }
    ErrorCode found(const Party& sender, const Party& account) {
        return by(sender, Payload{Found{account.account}}, {&account.key});
    }
    ProposalId pass(const governance::Action& action) {
        const governance::Proposal proposal{action, world.now_ms + kHourMs, {}};
        EXPECT_EQ(world.send(world.by(a, governance::Payload{governance::Propose{proposal}})), ErrorCode::kOk);
        for (const Party* voter : {&world.net.payer, &world.net.regulator})
            EXPECT_EQ(world.send(world.by(*voter, governance::Payload{governance::Vote{proposal.id(), true}})),
                      ErrorCode::kOk);
        return proposal.id();
    }
    AccountState account(const AccountId& id) {
        return read_decision<AccountState>(world.state(), Contract::kIdentity, identity::account_key(id))
            .value()
            ->value;
    }
    void wait_for_recovery() {
        world.pass_blocks(governance::parameter_info(Parameter::kRecoveryWaitBlocks).initial);
        world.now_ms += governance::parameter_info(Parameter::kRecoveryWaitMs).initial;
    }
    testkit::World world;
    const Party& a = world.net.hospital_a;
    const Party& b = world.net.hospital_b;
    const Party node = testkit::owned(AccountKind::kNode, "node", a);
    const crypto::SigningKey next = testkit::signing_key("next");
    const crypto::SigningKey third = testkit::signing_key("third");
};

TEST_F(Identity, AnAdmittedOrganisationIsFoundedByAnyMember) {
    const Party newcomer = testkit::organisation("Newcomer");
    EXPECT_EQ(found(b, newcomer), ErrorCode::kIdentityNotAdmitted);
    pass(governance::Admit{newcomer.id(), governance::OrganisationKind::kPharmacy, {}, "DE"});
    ASSERT_EQ(found(b, newcomer), ErrorCode::kOk);
    EXPECT_EQ(account(newcomer.id()), (AccountState{AccountKind::kOrganisation, "Newcomer", std::nullopt,
                                                    AccountStatus::kActive, newcomer.account.keys, false, 0}));
    EXPECT_EQ(found(b, newcomer), ErrorCode::kIdentityExists);
    EXPECT_EQ(world.send(world.by(newcomer, audit::Payload{audit::FileRoot{1, {}}})), ErrorCode::kOk);
}

TEST_F(Identity, NodesAndDevicesAreFoundedByTheirOwner) {
    EXPECT_EQ(found(b, node), ErrorCode::kIdentityOwner);
    EXPECT_EQ(found(a, node), ErrorCode::kOk);
    EXPECT_EQ(found(a, testkit::owned(AccountKind::kDevice, "device", a)), ErrorCode::kOk);
    EXPECT_EQ(found(node, testkit::owned(AccountKind::kDevice, "other", a)), ErrorCode::kIdentitySender);
}

TEST_F(Identity, EveryFoundingSigningKeyMustSign) {
    const Party two = with_keys(testkit::owned(AccountKind::kNode, "two", a), {account_key(next), account_key(third)});
    EXPECT_EQ(by(a, Payload{Found{two.account}}, {&next}), ErrorCode::kIdentityPossession);
    EXPECT_EQ(by(a, Payload{Found{two.account}}, {&next, &third}), ErrorCode::kOk);
}

TEST_F(Identity, AccountsHaveANameASigningKeyAndKeysOfTheRightLength) {
    Party wrong = testkit::owned(AccountKind::kNode, "wrong", a);
    wrong.account.keys.erase(wrong.account.keys.begin());
    EXPECT_EQ(by(a, Payload{Found{wrong.account}}), ErrorCode::kIdentityAccount);
    wrong.account.keys = {account_key(wrong.key), account_key(wrong.key)};
    EXPECT_EQ(found(a, wrong), ErrorCode::kIdentityAccount);
    wrong.account.keys = {account_key(wrong.key), {KeyUse::kSeal, 1, Bytes(31)}};
    EXPECT_EQ(found(a, wrong), ErrorCode::kIdentityAccount);
    wrong.account.keys.pop_back();
    wrong.account.name.clear();
    EXPECT_EQ(found(a, wrong), ErrorCode::kIdentityAccount);
    wrong.account.name = "right";
    EXPECT_EQ(found(a, wrong), ErrorCode::kOk);
}

TEST_F(Identity, AKeyBelongsToOneAccountForEver) {
    const Party thief = with_keys(testkit::owned(AccountKind::kNode, "thief", a), {account_key(b.key)});
    EXPECT_EQ(by(a, Payload{Found{thief.account}}, {&b.key}), ErrorCode::kIdentityKeyUsed);
    ASSERT_EQ(by(b, Payload{RotateKeys{b.id(), {account_key(next)}, {account_key(b.key)}}}, {&next}), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{Found{thief.account}}, {&b.key}), ErrorCode::kIdentityKeyUsed) << "retired is used";
    EXPECT_EQ(world.send(world.transaction(b.sender(), {&next, &b.key},
                                           Payload{RotateKeys{b.id(), {account_key(b.key)}, {}}})),
              ErrorCode::kIdentityKeyUsed);
}

TEST_F(Identity, RotationAddsWhatHasSignedAndRetiresWhatIsThere) {
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {account_key(next)}, {}}}), ErrorCode::kIdentityPossession);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {}, {account_key(next)}}}), ErrorCode::kIdentityKeyUnknown);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {}, {}}}), ErrorCode::kIdentityNoChange);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {account_key(next), account_key(next)}, {}}}, {&next}),
              ErrorCode::kIdentityKeyUsed);
    ASSERT_EQ(by(a, Payload{RotateKeys{a.id(), {account_key(next)}, {}}}, {&next}), ErrorCode::kOk);
    EXPECT_EQ(account(a.id()).keys.size(), 3U);
}

TEST_F(Identity, TheLastSigningKeyStays) {
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {}, {account_key(a.key)}}}), ErrorCode::kIdentityLastKey);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {account_key(next)}, {account_key(a.key)}}}, {&next}), ErrorCode::kOk);
}

TEST_F(Identity, AnAccountHasSixteenKeysAtMost) {
    const auto seals = [](std::size_t from, std::size_t count) {
        std::vector<AccountKey> keys;
        for (std::size_t i = from; i < from + count; ++i)
            keys.push_back({KeyUse::kSeal, 1, to_bytes(ByteView(testkit::hash_of(std::to_string(i))))});
        return keys;
    };
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), seals(0, 15), {}}}), ErrorCode::kIdentityKeyCount);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), seals(0, 14), {}}}), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), seals(14, 1), {account_key(a.key)}}}), ErrorCode::kIdentityLastKey);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), seals(14, 1), seals(0, 1)}}), ErrorCode::kOk);
}

TEST_F(Identity, AnOwnerRotatesWhatItOwnsAndNobodyElse) {
    ASSERT_EQ(found(a, node), ErrorCode::kOk);
    const Payload rotate{RotateKeys{node.id(), {account_key(next)}, {account_key(node.key)}}};
    EXPECT_EQ(by(b, rotate, {&next}), ErrorCode::kIdentityOwner);
    EXPECT_EQ(by(a, rotate, {&next}), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{RotateKeys{b.id(), {account_key(third)}, {}}}, {&third}), ErrorCode::kIdentityOwner);
    EXPECT_EQ(by(a, Payload{RotateKeys{testkit::id_of<AccountId>("none"), {account_key(third)}, {}}}, {&third}),
              ErrorCode::kIdentityNoAccount);
}

TEST_F(Identity, StatusIsSetByTheOwnerAndChangesSomething) {
    ASSERT_EQ(found(a, node), ErrorCode::kOk);
    EXPECT_EQ(by(b, Payload{identity::SetStatus{node.id(), AccountStatus::kSuspended}}), ErrorCode::kIdentityOwner);
    EXPECT_EQ(by(a, Payload{identity::SetStatus{a.id(), AccountStatus::kSuspended}}), ErrorCode::kIdentityOwner);
    EXPECT_EQ(by(a, Payload{identity::SetStatus{node.id(), AccountStatus::kActive}}), ErrorCode::kIdentityNoChange);
    EXPECT_EQ(by(a, Payload{identity::SetStatus{node.id(), AccountStatus::kSuspended}}), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{identity::SetStatus{node.id(), AccountStatus::kActive}}), ErrorCode::kOk);
}

TEST_F(Identity, ARecoveryWaitsForItsHoursAndItsBlocks) {
    const auto proposal = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    const TimeMs decided_ms = world.header().time_ms;
    const Payload recover{identity::Recover{proposal}};
    const TimeMs wait_ms = governance::parameter_info(Parameter::kRecoveryWaitMs).initial;
    world.now_ms = decided_ms + wait_ms;
    EXPECT_EQ(by(a, recover, {&next}), ErrorCode::kIdentityWaiting) << "the hours have passed, the blocks have not";
    world.pass_blocks(governance::parameter_info(Parameter::kRecoveryWaitBlocks).initial - 2);
    EXPECT_EQ(by(a, recover), ErrorCode::kIdentityPossession) << "the last of the waiting period's blocks";
    EXPECT_EQ(by(a, recover, {&next}), ErrorCode::kOk);
    EXPECT_EQ(by(a, recover, {&next}), ErrorCode::kIdentityRecoveryOver);
    EXPECT_EQ(by(b, Payload{RotateKeys{}}), ErrorCode::kInadmissibleSender) << "the old key is gone";
    EXPECT_EQ(account(b.id()).keys, std::vector{account_key(next)}) << "a thief had the sealing key too";
    EXPECT_EQ(account(b.id()).recoveries, 1U);
}

TEST_F(Identity, WhatARecoveredOrganisationOwnsWaitsToBeConfirmed) {
    const Party owned = testkit::owned(AccountKind::kNode, "node of b", b);
    ASSERT_EQ(found(b, owned), ErrorCode::kOk);
    const testkit::Action something = audit::Payload{audit::FileRoot{1, {}}};
    ASSERT_EQ(world.send(world.by(owned, something)), ErrorCode::kAuditSender) << "it may send";
    const auto proposal = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    wait_for_recovery();
    ASSERT_EQ(by(a, Payload{identity::Recover{proposal}}, {&next}), ErrorCode::kOk);
    EXPECT_EQ(world.send(world.by(owned, something)), ErrorCode::kInadmissibleSender);
    const auto by_next = [&](const Payload& what, Keys keys = {}) {
        keys.push_back(&next);
        return world.send(world.transaction(b.sender(), keys, what));
    };
    const Payload confirm{identity::SetStatus{owned.id(), AccountStatus::kActive}};
    EXPECT_EQ(by_next(confirm), ErrorCode::kOk);
    EXPECT_EQ(by_next(confirm), ErrorCode::kIdentityNoChange);
    EXPECT_EQ(world.send(world.by(owned, something)), ErrorCode::kAuditSender) << "it may send again";
    const Party later = testkit::owned(AccountKind::kNode, "later node of b", b);
    EXPECT_EQ(by_next(Payload{Found{later.account}}, {&later.key}), ErrorCode::kOk);
    EXPECT_EQ(world.send(world.by(later, something)), ErrorCode::kAuditSender) << "founded since";
}

TEST_F(Identity, NamingAKeyForSealingTakesItFromNobody) {
    const Party newcomer = testkit::organisation("Newcomer");
    const auto seal = [](const Bytes& key) { return AccountKey{KeyUse::kSeal, 1, key}; };
    ASSERT_EQ(by(a, Payload{RotateKeys{a.id(),
                                       {seal(next.public_key().bytes), seal(newcomer.key.public_key().bytes),
                                        newcomer.account.keys[1]},
                                       {}}}),
              ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{RotateKeys{a.id(), {seal(next.public_key().bytes)}, {}}}), ErrorCode::kIdentityKeyUsed)
        << "the account has it";
    const auto proposal = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    wait_for_recovery();
    EXPECT_EQ(by(a, Payload{identity::Recover{proposal}}, {&next}), ErrorCode::kOk);
    pass(governance::Admit{newcomer.id(), governance::OrganisationKind::kPharmacy, {}, "DE"});
    EXPECT_EQ(found(a, newcomer), ErrorCode::kOk);
}

TEST_F(Identity, OneRecoveryOfAnAccountIsOpenTheNewest) {
    const auto first = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    const auto second = pass(governance::RecoverOrganisation{b.id(), Signer::of(third.public_key())});
    EXPECT_EQ(by(b, Payload{identity::StopRecovery{first}}), ErrorCode::kIdentityRecoveryOver);
    wait_for_recovery();
    EXPECT_EQ(by(a, Payload{identity::Recover{first}}, {&next}), ErrorCode::kIdentityRecoveryOver);
    EXPECT_EQ(by(b, Payload{identity::StopRecovery{second}}), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{identity::Recover{first}}, {&next}), ErrorCode::kIdentityRecoveryOver)
        << "the stop is of all that had passed";
    EXPECT_EQ(by(a, Payload{identity::Recover{second}}, {&third}), ErrorCode::kIdentityRecoveryOver);
}

TEST_F(Identity, ASuspendedOrganisationMayStopItsRecoveryAndNothingElse) {
    const auto proposal = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    pass(governance::Suspend{b.id()});
    EXPECT_EQ(by(b, Payload{RotateKeys{b.id(), {account_key(third)}, {}}}, {&third}), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(world.send(world.by(b, audit::Payload{audit::FileRoot{1, {}}})), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(by(b, Payload{identity::StopRecovery{proposal}}), ErrorCode::kOk);
}

TEST_F(Identity, ARecoveryThatNobodyExecutesEnds) {
    const auto recover = [&](TimeMs after_wait_ms) {
        const auto proposal = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
        const TimeMs decided_ms = world.header().time_ms;
        world.pass_blocks(governance::parameter_info(Parameter::kRecoveryWaitBlocks).initial);
        world.now_ms = decided_ms + governance::parameter_info(Parameter::kRecoveryWaitMs).initial + after_wait_ms;
        return by(a, Payload{identity::Recover{proposal}}, {&next});
    };
    EXPECT_EQ(recover(kRecoveryOpenMs), ErrorCode::kIdentityRecoveryOver);
    EXPECT_EQ(recover(kRecoveryOpenMs - 1), ErrorCode::kOk);
}

TEST_F(Identity, BlocksAloneDoNotEndAWaitingPeriod) {
    const auto proposal = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    world.pass_blocks(governance::parameter_info(Parameter::kRecoveryWaitBlocks).initial);
    EXPECT_EQ(by(a, Payload{identity::Recover{proposal}}, {&next}), ErrorCode::kIdentityWaiting);
}

TEST_F(Identity, OnlyAVotedRecoveryIsExecuted) {
    const auto other = pass(governance::Suspend{b.id()});
    EXPECT_EQ(by(a, Payload{identity::Recover{other}}, {&next}), ErrorCode::kIdentityNoRecovery);
    const governance::Proposal open{
        governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())}, world.now_ms + kHourMs, {}};
    ASSERT_EQ(world.send(world.by(a, governance::Payload{governance::Propose{open}})), ErrorCode::kOk);
    EXPECT_EQ(by(a, Payload{identity::Recover{open.id()}}, {&next}), ErrorCode::kIdentityNoRecovery);
}

TEST_F(Identity, TheOldKeyStopsARecoveryOnce) {
    const auto first = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    EXPECT_EQ(by(a, Payload{identity::StopRecovery{first}}), ErrorCode::kIdentityOwner);
    EXPECT_EQ(by(b, Payload{identity::StopRecovery{first}}), ErrorCode::kOk);
    wait_for_recovery();
    EXPECT_EQ(by(a, Payload{identity::Recover{first}}, {&next}), ErrorCode::kIdentityRecoveryOver);
    const auto second = pass(governance::RecoverOrganisation{b.id(), Signer::of(next.public_key())});
    EXPECT_EQ(by(b, Payload{identity::StopRecovery{second}}), ErrorCode::kIdentityStopUsed);
    wait_for_recovery();
    EXPECT_EQ(by(a, Payload{identity::Recover{second}}, {&next}), ErrorCode::kOk);
    EXPECT_FALSE(account(b.id()).recovery_stopped) << "the new key has stopped nothing yet";
}

}  // namespace
}  // namespace salus::execution
