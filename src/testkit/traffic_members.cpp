#include <algorithm>

#include "crypto/hash.hpp"
#include "testkit/traffic.hpp"

/// Traffic: what members decide together, and who they are.
namespace salus::testkit {
namespace {

constexpr std::size_t kNewestProposals = 6;  ///< that most votes are for

}  // namespace

/// Mostly one that may send.
const FoundingAccount& Traffic::any_organisation() {
    for (int tries = 8; tries > 0; --tries) {
        const FoundingAccount& one = any(organisations_);
        if (chance(3) || (is(one, governance::MemberStatus::kActive) &&
                          value<DecisionHead>(Contract::kIdentity, identity::account_key(one.id()))))
            return one;
    }
    return any(organisations_);
}

bool Traffic::is(const FoundingAccount& organisation, governance::MemberStatus status) const {
    const auto member =
        decided<governance::MemberState>(Contract::kGovernance, governance::member_key(organisation.id()));
    return member && member->status == status;
}

const FoundingAccount& Traffic::any_owned_by(const FoundingAccount& owner) {
    for (int tries = 4; tries > 0; --tries)
        if (const FoundingAccount& one = any(owned_); one.owner == owner.id()) return one;
    return any(owned_);
}

/// What may be voted on: now and then something that could not be done.
governance::Action Traffic::decision() {
    using namespace salus::governance;
    const AccountId target = any(organisations_).id();
    const auto suspended = std::ranges::find_if(
        organisations_, [this](const FoundingAccount& one) { return is(one, MemberStatus::kSuspended); });
    const bool all_well = suspended == organisations_.end();
    switch (random_.below(12)) {
        case 0:
        case 1:
        case 2:
        case 8:
            if (all_well || chance(15)) return Suspend{target};
            return Reinstate{chance(90) ? suspended->id() : target};
        case 3:
            return Admit{organisations_[4 + random_.below(organisations_.size() - 4)].id(),
                         OrganisationKind::kOther,
                         {},
                         chance(90) ? "DE" : "d"};
        case 4:
        case 5: {
            const auto table = parameter_table();
            const ParameterInfo& info = any(table);
            const bool vote = info.parameter == Parameter::kThresholdPercent;
            const std::uint64_t above = random_.below(vote ? 20 : info.floor + 2);
            return SetParameter{info.parameter,
                                chance(90) ? std::min(info.floor + above, info.ceiling) : info.ceiling + 1};
        }
        case 6:
        case 7:
            return RecoverOrganisation{target,
                                       Signer::of((chance(90) ? new_key() : key_of(any_organisation())).public_key())};
        default: {
            const auto newest = decided<salus::disclosure::PolicyState>(
                Contract::kDisclosure, salus::disclosure::policy_key(std::string(kJurisdiction)));
            const std::uint64_t version = newest->version + random_.below(3);
            return AdoptPolicy{std::string(kJurisdiction), version,
                               crypto::sha256(to_bytes("policy " + std::to_string(version))), random_.below(100)};
        }
    }
}

/// Mostly one that has not voted on it.
const FoundingAccount& Traffic::voter(const ProposalId& proposal) {
    const auto state = value<governance::ProposalState>(Contract::kGovernance, governance::proposal_key(proposal));
    for (int tries = 6; tries > 0; --tries) {
        const FoundingAccount& one = any_organisation();
        const AccountId id = one.id();
        if (!state || chance(10) ||
            std::ranges::count(state->approvals, id) + std::ranges::count(state->rejections, id) == 0)
            return one;
    }
    return any_organisation();
}

Transaction Traffic::governance() {
    using namespace salus::governance;
    if (chance(80)) {
        ProposalId what = any(proposals_).id();
        for (int tries = 4; tries > 0; --tries) {
            const ProposalId one = recent(proposals_, kNewestProposals).id();
            const auto state = value<ProposalState>(Contract::kGovernance, proposal_key(one));
            if (state && state->status == ProposalStatus::kOpen && state->proposal.expires_ms > now_ms_) what = one;
        }
        const FoundingAccount& sender = voter(what);
        return by(sender, Payload{Vote{what, chance(92)}});
    }
    const TimeMs end =
        chance(95) ? now_ms_ + 1 + random_.below(chance(80) ? kHourMs / 12 : kHourMs) : now_ms_ - random_.below(10);
    proposals_.push_back({decision(), end, random_.bytes<8>()});
    return by(any_organisation(), Payload{Propose{proposals_.back()}});
}

Transaction Traffic::found() {
    using namespace salus::identity;
    if (chance(40)) {
        const FoundingAccount& newcomer = organisations_[4 + random_.below(organisations_.size() - 4)];
        return by(any_organisation(), Payload{Found{newcomer}}, {&keys_.at(newcomer.keys.front().public_key)});
    }
    const FoundingAccount& sender = any_organisation();
    if (chance(70)) {
        Party made = organisation("owned " + std::to_string(owned_.size()) + " " + std::to_string(random_.next()));
        made.account.kind = chance(50) ? AccountKind::kNode : AccountKind::kDevice;
        made.account.owner = chance(90) ? sender.id() : any(organisations_).id();
        owned_.push_back(adopt(made));
    }
    const FoundingAccount& made = owned_.back();
    return by(sender, Payload{Found{made}}, chance(95) ? Keys{&keys_.at(made.keys.front().public_key)} : Keys{});
}

Transaction Traffic::rotate(const FoundingAccount& sender, const FoundingAccount& target) {
    using namespace salus::identity;
    const auto state = decided<AccountState>(Contract::kIdentity, salus::identity::account_key(target.id()));
    RotateKeys what{target.id(), {}, {}};
    Keys others;
    if (chance(75)) {
        const auto& added = chance(90) ? new_key() : key_of(any_organisation());
        what.add.push_back(testkit::account_key(added));
        if (chance(95)) others.push_back(&added);
    }
    if (chance(20)) {
        const auto sealing = random_.bytes<32>();
        what.add.push_back({KeyUse::kSeal, 1, to_bytes(ByteView(sealing))});
    }
    if (state && chance(state->keys.size() > 4 ? 90 : 40)) what.retire.push_back(any(state->keys));
    return by(sender, Payload{what}, others);
}

/// Or stops one.
Transaction Traffic::recover() {
    using namespace salus::identity;
    const std::size_t first = random_.below(organisations_.size());
    for (std::size_t i = 0; i < organisations_.size(); ++i) {
        const FoundingAccount& account = organisations_[(first + i) % organisations_.size()];
        const auto newest =
            value<governance::NewestRecovery>(Contract::kGovernance, governance::newest_recovery_key(account.id()));
        if (!newest || (chance(70) && value<RecoveryState>(Contract::kIdentity, recovery_key(newest->proposal))))
            continue;
        if (chance(20)) return by(chance(80) ? account : any_organisation(), Payload{StopRecovery{newest->proposal}});
        const auto decided_by = std::ranges::find(proposals_, newest->proposal, &governance::Proposal::id);
        const auto& what = std::get<governance::RecoverOrganisation>(decided_by->action);
        return by(any_organisation(), Payload{Recover{newest->proposal}}, {&keys_.at(what.new_key.public_key)});
    }
    const ProposalId other = any(proposals_).id();
    const FoundingAccount& sender = any_organisation();
    return by(sender, chance(50) ? Payload{Recover{other}} : Payload{StopRecovery{other}});
}

Transaction Traffic::identity() {
    using namespace salus::identity;
    const FoundingAccount& sender = any_organisation();
    switch (random_.below(8)) {
        case 0:
        case 1:
            return found();
        case 2:
            return rotate(sender, sender);
        case 3:
            return rotate(sender, any_owned_by(sender));
        case 4:
            return rotate(sender, any_organisation());
        case 5:
            return by(sender, Payload{SetStatus{any_owned_by(sender).id(),
                                                chance(50) ? AccountStatus::kSuspended : AccountStatus::kActive}});
        default:
            return recover();
    }
}

}  // namespace salus::testkit
