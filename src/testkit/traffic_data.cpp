#include <algorithm>

#include "testkit/traffic.hpp"

/// Traffic: records, consent, disclosure and audit.
namespace salus::testkit {

Transaction Traffic::records() {
    const FoundingAccount& party = any_organisation();
    const auto log = value<LogFrontier>(Contract::kRecords, records::log_key(party.id()));
    salus::records::Append append{log ? log->count : 0, {}, {}};
    if (chance(10)) append.first_index += 16;
    append.leaves.resize(32 * (chance(95) ? 16 * (1 + random_.below(2)) : random_.below(20)));
    random_.fill(append.leaves);
    if (chance(50)) salus::append(append.superseded, hash_of(std::to_string(random_.below(1000))));
    return by(party, salus::records::Payload{append});
}

/// The newest that is at that custodian; nullptr where none is among the last.
const Traffic::Grant* Traffic::grant_of(const AccountId& custodian) {
    for (int tries = 6; tries > 0; --tries) {
        const Grant& grant = recent(grants_, 20);
        const auto state = decided<salus::consent::GrantState>(Contract::kConsent, salus::consent::grant_key(grant.id));
        if (state && state->custodian == custodian) return &grant;
    }
    return nullptr;
}

Transaction Traffic::consent() {
    using namespace salus::consent;
    const FoundingAccount& party = any_organisation();
    if (chance(35)) {
        const Grant* own = chance(85) ? grant_of(party.id()) : nullptr;
        const Grant& grant = own != nullptr ? *own : any(grants_);
        const Payload revoke{Revoke{grant.id}};
        if (grant.wallet == nullptr || chance(40)) return by(party, revoke);
        const Sender itself{AccountKind::kGrant, AccountId{(chance(95) ? grant : any(grants_)).id.bytes}};
        return signed_by(itself, {grant.wallet}, revoke);
    }
    if (chance(95)) grants_.push_back({random_.id<GrantId>(), nullptr});
    Grant& grant = grants_.back();
    Create create{grant.id, std::nullopt, random_.bytes<32>(), (now_ms_ / kHourMs + random_.below(4)) * kHourMs};
    if (chance(3)) ++create.not_after_ms;
    if (chance(50)) return by(party, Payload{create});
    const crypto::SigningKey* used = any(grants_).wallet;
    const crypto::SigningKey* wallet = used != nullptr && chance(10) ? used : &new_key();
    create.control_key = Signer::of(wallet->public_key());
    grant.wallet = wallet;
    return by(party, Payload{create}, chance(95) ? Keys{wallet} : Keys{});
}

Transaction Traffic::disclosure() {
    using namespace salus::disclosure;
    const FoundingAccount& party = any_organisation();
    switch (random_.below(8)) {
        case 0: {
            for (auto proposal = proposals_.rbegin(); proposal != proposals_.rend(); ++proposal) {
                const auto* adopted = std::get_if<governance::AdoptPolicy>(&proposal->action);
                if (adopted == nullptr || chance(10)) continue;
                const auto state =
                    value<governance::ProposalState>(Contract::kGovernance, governance::proposal_key(proposal->id()));
                if (chance(90) && (!state || state->status != governance::ProposalStatus::kPassed)) continue;
                const std::uint64_t version = adopted->version + (chance(90) ? 0 : 1);
                return by(party, Payload{PublishPolicy{proposal->id(), to_bytes("policy " + std::to_string(version))}});
            }
            return by(party, Payload{PublishPolicy{any(proposals_).id(), {}}});
        }
        case 1: {
            if (chance(95)) openings_.push_back(random_.id<BreakGlassId>());
            TimeMs opened = now_ms_ - random_.below(2 * kBreakGlassMs);
            if (chance(5)) opened += kBreakGlassMs;
            return by(party, Payload{BreakGlass{openings_.back(), random_.bytes<32>(),
                                                opened + random_.below(kBreakGlassMs + kHourMs), opened}});
        }
        case 2:
        case 3: {
            const BreakGlassId which = recent(openings_, 6);
            const auto state = decided<BreakGlassState>(Contract::kDisclosure, break_glass_key(which));
            const auto filer = std::ranges::find_if(
                organisations_, [&](const FoundingAccount& one) { return state && one.id() == state->custodian; });
            const bool own = filer != organisations_.end() && chance(80);
            return by(own ? *filer : party, Payload{Review{which, random_.bytes<32>()}});
        }
        default:
            break;
    }
    if (chance(95)) tags_.push_back(random_.bytes<32>());
    File file{any(tags_), std::nullopt, 1, random_.bytes<32>(), chance(10) ? random_.below(9) : 0};
    if (chance(80)) file.tag = tags_.back();
    const auto newest = decided<PolicyState>(Contract::kDisclosure, policy_key(std::string(kJurisdiction)));
    if (file.intent_height == 0 && chance(90)) file.policy_version = newest->version;
    if (const Grant* cited = chance(90) ? grant_of(party.id()) : &any(grants_); cited != nullptr && chance(60))
        file.grant = cited->id;
    return by(party, Payload{file});
}

Transaction Traffic::audit() {
    using namespace salus::audit;
    const FoundingAccount& party = any_organisation();
    const auto state = value<AuditState>(Contract::kAudit, audit_key(party.id()));
    const std::uint64_t interval = (state ? state->interval : 0) + (chance(90) ? 1 + random_.below(3) : 0);
    return by(party, Payload{FileRoot{interval, random_.bytes<32>()}});
}

}  // namespace salus::testkit
