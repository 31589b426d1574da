#include "testkit/invariants.hpp"

#include <algorithm>

#include "base/encoding.hpp"

/// The frame, and governance; the other contracts stand in invariants_contracts.cpp.
namespace salus::testkit {

using governance::MemberStatus;
using governance::OrganisationKind;
using governance::Parameter;
using governance::ProposalState;
using governance::ProposalStatus;

Invariants::Invariants(const World& world) : state_(world.state()), state_root_(world.header().state_root) {
    for (const GenesisMember& member : world.net.genesis.members) {
        const AccountId id = member.account.id();
        power_.members[id] =
            decision<governance::MemberState>(Contract::kGovernance, governance::member_key(id))->value;
        for (const AccountKey& key : member.account.keys)
            if (key.use == KeyUse::kSign) keys_[signer_of(key)] = to_hex(id);
    }
    for (const auto& info : governance::parameter_table()) power_.parameters[info.parameter] = info.initial;
    for (const auto& set : world.net.genesis.parameters) power_.parameters[set.parameter] = set.value;
}

void Invariants::expect(bool holds, const std::string& otherwise) {
    if (!holds) violations_.push_back("block " + std::to_string(place_.height) + ": " + otherwise);
}

template <class Payload>
void Invariants::judge_payload() {
    const auto payload = codec::decode<Payload>(body_.payload);
    expect(payload.has_value(), "a payload that does not decode was executed");
    if (payload) std::visit([this](const auto& action) { this->judge(action); }, payload->action);
}

void Invariants::check(const execution::BlockResult& result) {
    changes_.clear();
    if (result.block) {
        const Block& block = *result.block;
        now_ms_ = block.header.time_ms;
        place_ = {block.header.height, 0};
        expect(check_content(block).has_value(), "counts and roots of the header are not those of the content");
        const Receipt& receipt = block.receipts.at(0);
        expect(ids_.insert(receipt.id).second, "an id stands twice in the chain");
        body_ = codec::decode<TransactionBody>(codec::decode<SignedTransaction>(block.transactions.at(0)).value().body)
                    .value();
        if (receipt.code == 0) {
            check_sender();
            switch (body_.contract) {
                case Contract::kGovernance:
                    judge_payload<governance::Payload>();
                    break;
                case Contract::kIdentity:
                    judge_payload<identity::Payload>();
                    break;
                case Contract::kRecords:
                    judge_payload<records::Payload>();
                    break;
                case Contract::kConsent:
                    judge_payload<consent::Payload>();
                    break;
                case Contract::kDisclosure:
                    judge_payload<disclosure::Payload>();
                    break;
                default:
                    judge_payload<audit::Payload>();
            }
        } else {
            expect(block.events.at(0).events.empty(), "a failed transaction has events");
        }
    }
    std::map<Hash, Bytes> made;
    for (const StateChange& change : result.changes) {
        expect(change.value.has_value(), "a value of the state was removed");
        made[change.path] = change.value.value_or(Bytes{});
    }
    expect(made == changes_, "the state changed otherwise than the transaction's rule says");
    expect(!made.empty() || result.tree.root == state_root_, "the root changed and the state did not");
    state_root_ = result.tree.root;
    state_.apply(result.changes, result.tree);
    expect_power();
}

/// What succeeded was sent by one who might, and signed by a key that was its own.
void Invariants::check_sender() {
    const auto signed_by_own = [this](const std::vector<Signer>& own) {
        return std::ranges::any_of(own,
                                   [this](const Signer& key) { return std::ranges::count(body_.signers, key) > 0; });
    };
    sender_ = body_.sender.id;
    if (body_.sender.kind == AccountKind::kGrant) {
        const auto grant = decision<consent::GrantState>(Contract::kConsent, consent::grant_key({sender_.bytes}));
        expect(grant && grant->value.control_key && body_.signers == std::vector{*grant->value.control_key},
               "a grant acted without its control key");
        return;
    }
    expect(body_.sender.kind == AccountKind::kOrganisation, "a node or device acted as an organisation");
    const auto account = decision<identity::AccountState>(Contract::kIdentity, identity::account_key(sender_));
    std::vector<Signer> own;
    if (account)
        for (const AccountKey& key : account->value.keys)
            if (key.use == KeyUse::kSign) own.push_back(signer_of(key));
    expect(signed_by_own(own), "somebody acted without a key of the sender");
    const auto payload = codec::decode<identity::Payload>(body_.payload);
    const bool stops = body_.contract == Contract::kIdentity && payload &&
                       std::holds_alternative<identity::StopRecovery>(payload->action);
    const auto member = power_.members.find(sender_);
    expect(member != power_.members.end() && (stops || member->second.status == MemberStatus::kActive),
           "one that is no active member acted");
}

bool Invariants::counted(const governance::MemberState& member) const {
    return member.status == MemberStatus::kActive || now_ms_ - member.suspended_ms < 30ULL * 24 * 3'600'000;
}

std::uint64_t Invariants::voices(const std::vector<AccountId>& voters) const {
    const std::set<AccountId> once(voters.begin(), voters.end());
    return static_cast<std::uint64_t>(std::ranges::count_if(once, [this](const AccountId& voter) {
        const auto member = power_.members.find(voter);
        return member != power_.members.end() && member->second.status == MemberStatus::kActive;
    }));
}

namespace {

std::uint64_t percent(const governance::Action& action, std::uint64_t in_force) {
    const auto* set = std::get_if<governance::SetParameter>(&action);
    const bool threshold = set != nullptr && set->parameter == Parameter::kThresholdPercent;
    return threshold ? std::max(set->value, in_force) : in_force;
}

}  // namespace

bool Invariants::passes(const ProposalState& state) const {
    const governance::Action& action = state.proposal.action;
    const auto all = std::ranges::count_if(power_.members, [this](const auto& one) { return counted(one.second); });
    const std::uint64_t needed =
        percent(action, power_.parameters.at(Parameter::kThresholdPercent)) * static_cast<std::uint64_t>(all);
    if (100 * voices(state.approvals) < needed) return false;

    const auto is_regulator = [this](const AccountId& account) {
        const auto member = power_.members.find(account);
        return member != power_.members.end() && member->second.kind == OrganisationKind::kRegulator;
    };
    bool touches = false;
    if (power_.parameters.at(Parameter::kRegulatorConsent) == 1) {
        if (const auto* admit = std::get_if<governance::Admit>(&action))
            touches = admit->kind == OrganisationKind::kRegulator;
        if (const auto* suspend = std::get_if<governance::Suspend>(&action)) touches = is_regulator(suspend->account);
        if (const auto* recover = std::get_if<governance::RecoverOrganisation>(&action))
            touches = is_regulator(recover->account);
    }
    if (const auto* set = std::get_if<governance::SetParameter>(&action))
        touches = set->parameter == Parameter::kRegulatorConsent;
    const auto regulators = [&](const std::vector<AccountId>* among) {
        return std::ranges::any_of(power_.members, [&](const auto& one) {
            return one.second.kind == OrganisationKind::kRegulator && counted(one.second) &&
                   (among == nullptr || (voices({one.first}) == 1 && std::ranges::count(*among, one.first) > 0));
        });
    };
    return !touches || !regulators(nullptr) || regulators(&state.approvals);
}

bool Invariants::fails(const ProposalState& state) const {
    const auto all = static_cast<std::uint64_t>(
        std::ranges::count_if(power_.members, [this](const auto& one) { return counted(one.second); }));
    return 100 * (all - voices(state.rejections)) <
           percent(state.proposal.action, power_.parameters.at(Parameter::kThresholdPercent)) * all;
}

void Invariants::count(ProposalState state) {
    const bool passed = passes(state);
    if (passed || fails(state)) {
        state.status = passed ? ProposalStatus::kPassed : ProposalStatus::kRejected;
        state.decided = place_;
        state.decided_ms = now_ms_;
    }
    put(Contract::kGovernance, governance::proposal_key(state.proposal.id()), state);
    if (passed) execute(state);
}

void Invariants::execute(const ProposalState& state) {
    const auto decide_member = [this](const AccountId& account, const governance::MemberState& member) {
        power_.members[account] = member;
        decide(Contract::kGovernance, governance::member_key(account), member);
    };
    if (const auto* admit = std::get_if<governance::Admit>(&state.proposal.action)) {
        expect(!power_.members.contains(admit->account), "a member was admitted again");
        decide_member(admit->account, {admit->kind, admit->licences, admit->jurisdiction, MemberStatus::kActive, 0});
        governance::MemberList list;
        for (const auto& [account, member] : power_.members) list.accounts.push_back(account);
        put(Contract::kGovernance, governance::member_list_key(), list);
    } else if (const auto* suspend = std::get_if<governance::Suspend>(&state.proposal.action)) {
        auto member = power_.members.at(suspend->account);
        expect(member.status == MemberStatus::kActive, "a suspended member was suspended");
        member.status = MemberStatus::kSuspended;
        member.suspended_ms = now_ms_;
        decide_member(suspend->account, member);
    } else if (const auto* reinstate = std::get_if<governance::Reinstate>(&state.proposal.action)) {
        auto member = power_.members.at(reinstate->account);
        expect(member.status == MemberStatus::kSuspended, "an active member was reinstated");
        member.status = MemberStatus::kActive;
        member.suspended_ms = 0;
        decide_member(reinstate->account, member);
    } else if (const auto* set = std::get_if<governance::SetParameter>(&state.proposal.action)) {
        power_.parameters[set->parameter] = set->value;
        decide(Contract::kGovernance, governance::parameter_key(set->parameter),
               governance::ParameterState{set->value});
    } else if (const auto* recover = std::get_if<governance::RecoverOrganisation>(&state.proposal.action)) {
        expect(power_.members.contains(recover->account), "one that is no member is to be recovered");
        put(Contract::kGovernance, governance::newest_recovery_key(recover->account),
            governance::NewestRecovery{state.proposal.id()});
    }
}

void Invariants::judge(const governance::Propose& propose) {
    const ProposalId id = propose.proposal.id();
    expect(!value<ProposalState>(Contract::kGovernance, governance::proposal_key(id)), "a proposal was made twice");
    expect(propose.proposal.expires_ms > now_ms_, "a proposal had expired when it was made");
    governance::OpenProposals open;
    const Bytes key = governance::open_proposals_key(sender_);
    const auto listed = value<governance::OpenProposals>(Contract::kGovernance, key);
    for (const ProposalId& other : listed ? listed->proposals : std::vector<ProposalId>{}) {
        const auto state = value<ProposalState>(Contract::kGovernance, governance::proposal_key(other));
        if (state->status == ProposalStatus::kOpen && state->proposal.expires_ms > now_ms_)
            open.proposals.push_back(other);
    }
    open.proposals.push_back(id);
    expect(open.proposals.size() <= 8, "an organisation has too many open proposals");
    put(Contract::kGovernance, key, open);
    count({propose.proposal, ProposalStatus::kOpen, {sender_}, {}, {}, 0});
}

void Invariants::judge(const governance::Vote& vote) {
    auto state = value<ProposalState>(Contract::kGovernance, governance::proposal_key(vote.proposal));
    expect(state && state->status == ProposalStatus::kOpen && state->proposal.expires_ms > now_ms_,
           "a vote on what is not open");
    if (!state) return;
    expect(std::ranges::count(state->approvals, sender_) + std::ranges::count(state->rejections, sender_) == 0,
           "a member voted twice");
    auto& votes = vote.approve ? state->approvals : state->rejections;
    votes.push_back(sender_);
    std::ranges::sort(votes);
    count(*state);
}

/// What the state says of everybody's power is what votes have made it, and its sum is whole.
void Invariants::expect_power() {
    Power now;
    const auto list = value<governance::MemberList>(Contract::kGovernance, governance::member_list_key());
    for (const AccountId& account : list->accounts)
        now.members[account] =
            decision<governance::MemberState>(Contract::kGovernance, governance::member_key(account))->value;
    for (const auto& info : governance::parameter_table()) {
        const auto set =
            decision<governance::ParameterState>(Contract::kGovernance, governance::parameter_key(info.parameter));
        const std::uint64_t in_force = set ? set->value.value : info.initial;
        now.parameters[info.parameter] = in_force;
        expect(in_force >= info.floor && in_force <= info.ceiling, "a parameter lies outside its bounds");
    }
    expect(now.members.size() == list->accounts.size(), "a member is listed twice");
    expect(now == power_, "the members or parameters are not what was voted");
    expect(std::ranges::any_of(now.members, [](const auto& one) { return one.second.status == MemberStatus::kActive; }),
           "no member is active");
}

}  // namespace salus::testkit
