#include "model/genesis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/sample_chain.hpp"

namespace salus {
namespace {

using ::testing::HasSubstr;

std::string refusal(const Genesis& genesis) {
    const auto parsed = parse_genesis(codec::encode(genesis));
    return parsed ? "accepted" : parsed.error().message;
}

TEST(Genesis, WhatIsWrongIsNamed) {
    const Genesis good = SampleChain().genesis;
    ASSERT_EQ(refusal(good), "accepted");
    const auto refused = [&](const std::function<void(Genesis&)>& change, const char* why) {
        Genesis bad = good;
        change(bad);
        EXPECT_THAT(refusal(bad), HasSubstr(why));
    };
    const auto& own_key = good.members[0].account.keys[0].public_key;
    refused([](Genesis& g) { g.version = 2; }, "unknown version");
    refused([](Genesis& g) { g.name.clear(); }, "no name");
    refused([](Genesis& g) { g.members.clear(); }, "no members");
    refused([](Genesis& g) { g.members[1].account.name = "x"; },
            "member 2 (x): the admitted id is not the account's hash");
    refused([](Genesis& g) { g.members[1] = g.members[0]; }, "member 2 (Hospital A) stands twice");
    refused([](Genesis& g) { g.members[0].account.kind = AccountKind::kNode; }, "is not an organisation");
    refused([](Genesis& g) { g.members[0].admission.jurisdiction.clear(); }, "names no jurisdiction");
    refused([](Genesis& g) { g.era.validators.push_back(g.era.validators[0]); }, "twice");
    refused([](Genesis& g) { g.era.validators.clear(); }, "one operator");
    refused([&](Genesis& g) { g.era.validators[0].key.public_key = own_key; }, "a key has a use already");
    refused([](Genesis& g) { g.era.validators[0].organisation = {}; }, "no member");
    refused([](Genesis& g) { g.era.validators[0].power = 0; }, "without power");
    refused([](Genesis& g) { g.era.validators[0].key.public_key.pop_back(); }, "length of its suite");
    refused([](Genesis& g) { g.era.first_height = 2; }, "the first era");
    refused([](Genesis& g) { g.era.chain_id = "x"; }, "chain id");
    refused([](Genesis& g) { g.parameters = {{governance::Parameter::kThresholdPercent, 50}}; }, "outside 51..100");
    refused([](Genesis& g) { g.parameters = {{governance::Parameter::kThresholdPercent, 101}}; }, "outside 51..100");
    refused([](Genesis& g) { g.parameters.assign(2, {governance::Parameter::kThresholdPercent, 60}); }, "stands twice");
    refused([](Genesis& g) { g.policies.push_back(g.policies[0]); }, "two policies");
    refused([](Genesis& g) { g.policies[0].version = 0; }, "a version from 1");
    EXPECT_EQ(parse_genesis(Bytes{1}).error().code, ErrorCode::kMalformedEncoding);
}

TEST(Genesis, AnAccountHasItsOwnKeysEachOnce) {
    SampleChain chain;
    Genesis genesis = chain.genesis;
    const auto with_keys = [&](std::vector<AccountKey> keys) {
        genesis.members[0].account.keys = std::move(keys);
        genesis.members[0].admission.account = genesis.members[0].account.id();
        genesis.era.validators[0].organisation = genesis.members[0].admission.account;
        return refusal(genesis);
    };
    const AccountKey sign{KeyUse::kSign, 1, Bytes(32, 1)};
    const AccountKey seal{KeyUse::kSeal, 1, Bytes(32, 2)};
    EXPECT_EQ(with_keys({sign, seal}), "accepted");
    EXPECT_THAT(with_keys({seal}), HasSubstr("without a signing key"));
    EXPECT_THAT(with_keys({sign, {KeyUse::kSeal, 1, sign.public_key}}), HasSubstr("a key stands twice"));
    EXPECT_THAT(with_keys({sign, {KeyUse::kSeal, 1, Bytes(31, 2)}}), HasSubstr("wrong length"));
    EXPECT_THAT(with_keys({sign, {KeyUse::kTls, 2, Bytes(32, 2)}}), HasSubstr("does not know"));
    EXPECT_THAT(with_keys({sign, genesis.members[1].account.keys[1]}), HasSubstr("a key has a use already"));
}

TEST(Genesis, ItsNameIsTheHashOfItsBytes) {
    Genesis genesis = SampleChain().genesis;
    const NetworkId before = genesis.network_id();
    EXPECT_EQ(before.bytes, crypto::tagged_hash("salus.genesis.v1", {codec::encode(genesis)}));
    genesis.salt[0] ^= 1;
    EXPECT_NE(genesis.network_id(), before);
}

TEST(Genesis, ItsStateHoldsMembersParametersPoliciesAndTheEra) {
    SampleChain chain;
    chain.genesis.parameters = {{governance::Parameter::kThresholdPercent, 75}};
    MemoryTree tree;
    const auto changes = genesis_state(chain.genesis);
    EXPECT_TRUE(std::ranges::is_sorted(changes, {}, &StateChange::path));
    tree.apply(changes);

    class Reader : public StateReader {
    public:
        explicit Reader(const MemoryTree& tree) : tree_(tree) {}
        Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override {
            return tree_.value(state_path(contract, key));
        }

    private:
        const MemoryTree& tree_;
    } state(tree);

    const auto member =
        read_decision<governance::MemberState>(state, Contract::kGovernance, governance::member_key(chain.b)).value();
    ASSERT_TRUE(member);
    EXPECT_EQ(member->n, 1U);
    EXPECT_EQ(member->value.kind, governance::OrganisationKind::kHospital);
    const auto account =
        read_decision<identity::AccountState>(state, Contract::kIdentity, identity::account_key(chain.b)).value();
    ASSERT_TRUE(account);
    EXPECT_TRUE(account->value.has_signing_key(Signer::of(chain.key_b.public_key())));
    EXPECT_FALSE(account->value.has_signing_key(Signer::of(chain.key_a.public_key())));
    EXPECT_NE(account->value.key_for(KeyUse::kTls), nullptr);
    const auto owner = read_value<identity::KeyOwner>(state, Contract::kIdentity,
                                                      identity::key_owner_key(Signer::of(chain.key_b.public_key())));
    EXPECT_EQ(owner.value()->account, chain.b);
    const auto parameter = [&](governance::Parameter which) {
        return read_decision<governance::ParameterState>(state, Contract::kGovernance, governance::parameter_key(which))
            .value()
            ->value.value;
    };
    EXPECT_EQ(parameter(governance::Parameter::kThresholdPercent), 75U);
    EXPECT_EQ(parameter(governance::Parameter::kAuditIntervalMs), 5000U);
    const auto policy =
        read_decision<disclosure::PolicyState>(state, Contract::kDisclosure, disclosure::policy_key("XX")).value();
    EXPECT_EQ(policy->value.document, crypto::sha256(as_bytes("the policy")));
    const auto list =
        read_value<governance::MemberList>(state, Contract::kGovernance, governance::member_list_key()).value();
    EXPECT_EQ(list->accounts.size(), 3U);
    EXPECT_TRUE(std::ranges::is_sorted(list->accounts));
    const auto era = read_value<EraOpened>(state, Contract::kSystem, system_state::era_key(1)).value();
    EXPECT_EQ(era->record, chain.genesis.era.hash());
}

TEST(Parameters, EachHasItsRowAndBeginsWithinItsBounds) {
    std::uint32_t number = 0;
    for (const auto& info : governance::parameter_table()) {
        EXPECT_EQ(static_cast<std::uint32_t>(info.parameter), ++number);
        EXPECT_LE(info.floor, info.initial);
        EXPECT_LE(info.initial, info.ceiling);
        EXPECT_EQ(governance::parameter_info(info.parameter).name, info.name);
    }
    EXPECT_FALSE(is_known(static_cast<governance::Parameter>(number + 1)));
}

TEST(Account, AnAddressNamesItsKind) {
    const AccountId id{{1, 2, 3}};
    const std::string text = to_address(AccountKind::kOrganisation, id);
    EXPECT_EQ(text.substr(0, 9), "salusorg1");
    EXPECT_EQ(account_from_address(AccountKind::kOrganisation, text).value(), id);
    EXPECT_FALSE(account_from_address(AccountKind::kNode, text));
    EXPECT_FALSE(account_from_address(AccountKind::kOrganisation, text + "q"));
}

}  // namespace
}  // namespace salus
