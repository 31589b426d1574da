#include "model/genesis.hpp"

#include <algorithm>
#include <set>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/system.hpp"
#include "model/era.hpp"

namespace salus {
namespace {

Status mistake(std::string what) { return fail(ErrorCode::kConfig, "genesis: " + std::move(what)); }

Status check_first_era(const Genesis& genesis) {
    const EraRecord& era = genesis.era;
    if (era.era != 1 || era.first_height != 1 || era.parent_hash != Hash{} || !era.signatures.empty())
        return mistake("the first era has number 1, height 1, no parent and no signatures");
    if (auto status = check_era_form(era); !status) return mistake(status.error().message);
    for (const Validator& validator : era.validators) {
        if (std::ranges::find(genesis.members, validator.organisation, [](const GenesisMember& member) {
                return member.admission.account;
            }) == genesis.members.end())
            return mistake("a validator's organisation is no member");
    }
    return {};
}

/// Each key has one owner and one use: an operator's is none of an account's.
Status check_members(const Genesis& genesis) {
    if (genesis.members.empty()) return mistake("no members");
    std::set<Bytes> keys;
    for (const Validator& validator : genesis.era.validators)
        if (!keys.insert(validator.key.public_key).second) return mistake("a validator's key stands twice");
    std::set<AccountId> accounts;
    for (std::size_t i = 0; i < genesis.members.size(); ++i) {
        const auto& [account, admission] = genesis.members[i];
        const std::string who = "member " + std::to_string(i + 1) + " (" + account.name + ")";
        if (account.kind != AccountKind::kOrganisation) return mistake(who + " is not an organisation");
        if (auto status = check_account(account); !status) return mistake(who + ": " + status.error().message);
        if (admission.account != account.id()) return mistake(who + ": the admitted id is not the account's hash");
        if (!governance::is_jurisdiction(admission.jurisdiction)) return mistake(who + " names no jurisdiction");
        if (!accounts.insert(admission.account).second) return mistake(who + " stands twice");
        for (const AccountKey& key : account.keys)
            if (!keys.insert(key.public_key).second) return mistake(who + ": a key has a use already");
    }
    return {};
}

Status check_parameters(const Genesis& genesis) {
    std::set<governance::Parameter> seen;
    for (const auto& [parameter, value] : genesis.parameters) {
        const auto& info = governance::parameter_info(parameter);
        if (!seen.insert(parameter).second) return mistake("parameter " + std::string(info.name) + " stands twice");
        if (value < info.floor || value > info.ceiling)
            return mistake("parameter " + std::string(info.name) + " lies outside " + std::to_string(info.floor) +
                           ".." + std::to_string(info.ceiling));
    }
    return {};
}

Status check_policies(const Genesis& genesis) {
    std::set<std::string_view> seen;
    for (const GenesisPolicy& policy : genesis.policies) {
        if (!governance::is_jurisdiction(policy.jurisdiction) || policy.version == 0 || policy.document.empty())
            return mistake("a policy has a jurisdiction, a version from 1 and a document");
        if (!seen.insert(policy.jurisdiction).second)
            return mistake("jurisdiction " + policy.jurisdiction + " has two policies");
    }
    return {};
}

/// Collects the values of height 0.
class Founding {
public:
    template <class Value>
    void set(Contract contract, ByteView key, const Value& value) {
        changes_.push_back({state_path(contract, key), codec::encode(value)});
    }
    template <class Value>
    void decide(Contract contract, ByteView key, const Value& value) {
        set(contract, key, DecisionHead{1});
        set(contract, decision_key(key, 1), DecisionEntry{{}, codec::encode(value)});
    }
    std::vector<StateChange> take() {
        std::ranges::sort(changes_, {}, &StateChange::path);
        return std::move(changes_);
    }

private:
    std::vector<StateChange> changes_;
};

void found_member(Founding& state, const GenesisMember& member) {
    const auto& [account, admission] = member;
    state.decide(Contract::kGovernance, governance::member_key(admission.account),
                 governance::MemberState{admission.kind, admission.licences, admission.jurisdiction,
                                         governance::MemberStatus::kActive, 0});
    state.decide(Contract::kIdentity, identity::account_key(admission.account),
                 identity::AccountState{account.kind, account.name, account.owner, identity::AccountStatus::kActive,
                                        account.keys, false});
    for (const AccountKey& key : account.keys)
        if (key.use == KeyUse::kSign)
            state.set(Contract::kIdentity, identity::key_owner_key(signer_of(key)),
                      identity::KeyOwner{admission.account});
}

}  // namespace

NetworkId Genesis::network_id() const { return {crypto::tagged_hash("salus.genesis.v1", {codec::encode(*this)})}; }

Result<Genesis> parse_genesis(ByteView bytes) {
    SALUS_TRY(auto genesis, codec::decode<Genesis>(bytes));
    if (genesis.version != kProtocolVersion) return fail(ErrorCode::kConfig, "genesis: of an unknown version");
    if (genesis.name.empty()) return fail(ErrorCode::kConfig, "genesis: the network has no name");
    SALUS_TRY_STATUS(check_members(genesis));
    SALUS_TRY_STATUS(check_first_era(genesis));
    SALUS_TRY_STATUS(check_parameters(genesis));
    SALUS_TRY_STATUS(check_policies(genesis));
    return genesis;
}

std::vector<StateChange> genesis_state(const Genesis& genesis) {
    Founding state;
    state.set(Contract::kSystem, system_state::era_key(genesis.era.era), EraOpened{genesis.era.hash()});
    governance::MemberList list;
    for (const GenesisMember& member : genesis.members) {
        found_member(state, member);
        list.accounts.push_back(member.admission.account);
    }
    std::ranges::sort(list.accounts);
    state.set(Contract::kGovernance, governance::member_list_key(), list);
    if (genesis.era.engine == EngineKind::kCometBft)
        state.decide(Contract::kGovernance, governance::validator_set_key(),
                     validator_set_of(genesis.era, 0, genesis.time_ms));
    for (const auto& info : governance::parameter_table()) {
        const auto set = std::ranges::find(genesis.parameters, info.parameter, &governance::SetParameter::parameter);
        state.decide(Contract::kGovernance, governance::parameter_key(info.parameter),
                     governance::ParameterState{set == genesis.parameters.end() ? info.initial : set->value});
    }
    for (const GenesisPolicy& policy : genesis.policies)
        state.decide(Contract::kDisclosure, disclosure::policy_key(policy.jurisdiction),
                     disclosure::PolicyState{policy.version, crypto::sha256(policy.document), 0});
    return state.take();
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(Genesis)
}  // namespace salus
