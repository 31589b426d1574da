#include <algorithm>

#include "base/encoding.hpp"

#include "crypto/hash.hpp"
#include "testkit/invariants.hpp"

/// Invariants: identity, records, consent, disclosure and audit.
namespace salus::testkit {

using identity::AccountState;
using identity::AccountStatus;

void Invariants::expect_signed(const Signer& key) {
    expect(std::ranges::count(body_.signers, key) == 1, "a key was taken whose holder has not signed");
}

void Invariants::claim(const AccountKey& key, const AccountId& account, AccountKind kind) {
    if (key.use != KeyUse::kSign) return;
    const Signer signer = signer_of(key);
    expect_signed(signer);
    expect(keys_.emplace(signer, to_hex(account)).second, "a key that was used has another use");
    put(Contract::kIdentity, identity::key_owner_key(signer), identity::KeyOwner{account});
    if (kind == AccountKind::kNode)
        put(Contract::kIdentity, identity::node_key_key(validator_id(signer)), identity::NodeKey{account});
}

void Invariants::judge(const identity::Found& found) {
    const AccountId id = found.account.id();
    expect(!value<DecisionHead>(Contract::kIdentity, identity::account_key(id)), "an account was founded twice");
    AccountState state{found.account.kind,
                       found.account.name,
                       found.account.owner,
                       AccountStatus::kActive,
                       found.account.keys,
                       false,
                       0};
    if (found.account.kind == AccountKind::kOrganisation) {
        const auto member = power_.members.find(id);
        expect(member != power_.members.end() && member->second.status == governance::MemberStatus::kActive,
               "an organisation was founded that is no active member");
    } else {
        expect(found.account.owner == sender_, "an account was founded for another owner");
        state.recoveries =
            decision<AccountState>(Contract::kIdentity, identity::account_key(sender_))->value.recoveries;
    }
    for (const AccountKey& key : found.account.keys) claim(key, id, found.account.kind);
    decide(Contract::kIdentity, identity::account_key(id), state);
}

void Invariants::judge(const identity::RotateKeys& rotate) {
    const Bytes key = identity::account_key(rotate.account);
    auto account = decision<AccountState>(Contract::kIdentity, key);
    expect(account && (rotate.account == sender_ || account->value.owner == sender_),
           "keys were rotated by one who does not own the account");
    if (!account) return;
    for (const AccountKey& retired : rotate.retire)
        expect(std::erase(account->value.keys, retired) == 1, "a key was retired that was not there");
    for (const AccountKey& added : rotate.add) {
        claim(added, rotate.account, account->value.kind);
        account->value.keys.push_back(added);
    }
    expect(account->value.key_for(KeyUse::kSign) != nullptr && account->value.keys.size() <= 16,
           "an account has no signing key, or too many keys");
    decide(Contract::kIdentity, key, account->value);
}

void Invariants::judge(const identity::SetStatus& set) {
    const Bytes key = identity::account_key(set.account);
    auto account = decision<AccountState>(Contract::kIdentity, key);
    expect(account && account->value.owner == sender_, "a status was set by one who does not own the account");
    if (!account) return;
    if (set.status == AccountStatus::kActive)
        account->value.recoveries =
            decision<AccountState>(Contract::kIdentity, identity::account_key(sender_))->value.recoveries;
    account->value.status = set.status;
    decide(Contract::kIdentity, key, account->value);
}

governance::RecoverOrganisation Invariants::open_recovery(const ProposalId& proposal,
                                                          governance::ProposalState& resolution) {
    const auto state = value<governance::ProposalState>(Contract::kGovernance, governance::proposal_key(proposal));
    const auto* recover = state ? std::get_if<governance::RecoverOrganisation>(&state->proposal.action) : nullptr;
    expect(recover != nullptr && state->status == governance::ProposalStatus::kPassed,
           "a recovery was executed or stopped that no vote decided");
    if (recover == nullptr) return {};
    resolution = *state;
    expect(!value<identity::RecoveryState>(Contract::kIdentity, identity::recovery_key(proposal)),
           "a recovery was executed or stopped twice");
    const auto newest =
        value<governance::NewestRecovery>(Contract::kGovernance, governance::newest_recovery_key(recover->account));
    expect(newest && newest->proposal == proposal, "a recovery was executed that another has replaced");
    return *recover;
}

void Invariants::judge(const identity::Recover& recover) {
    governance::ProposalState resolution;
    const auto what = open_recovery(recover.proposal, resolution);
    const TimeMs waited_ms = now_ms_ - resolution.decided_ms;
    expect(waited_ms >= power_.parameters.at(governance::Parameter::kRecoveryWaitMs) &&
               place_.height - resolution.decided.height >=
                   power_.parameters.at(governance::Parameter::kRecoveryWaitBlocks),
           "a recovery did not wait");
    const Bytes key = identity::account_key(what.account);
    auto account = decision<AccountState>(Contract::kIdentity, key);
    if (!account) return expect(false, "an account was recovered that is not there");
    account->value.keys = {{KeyUse::kSign, static_cast<std::uint32_t>(what.new_key.suite), what.new_key.public_key}};
    account->value.recovery_stopped = false;
    ++account->value.recoveries;
    claim(account->value.keys[0], what.account, AccountKind::kOrganisation);
    decide(Contract::kIdentity, key, account->value);
    put(Contract::kIdentity, identity::recovery_key(recover.proposal), identity::RecoveryState{true, false});
}

void Invariants::judge(const identity::StopRecovery& stop) {
    governance::ProposalState resolution;
    expect(open_recovery(stop.proposal, resolution).account == sender_, "another's recovery was stopped");
    const Bytes key = identity::account_key(sender_);
    auto account = decision<AccountState>(Contract::kIdentity, key);
    expect(account && !account->value.recovery_stopped, "an organisation stopped a recovery twice");
    if (!account) return;
    account->value.recovery_stopped = true;
    decide(Contract::kIdentity, key, account->value);
    put(Contract::kIdentity, identity::recovery_key(stop.proposal), identity::RecoveryState{false, true});
}

namespace {

/// The log that holds `leaves`, built anew: it shares nothing with one that was appended to.
LogFrontier frontier_of(const std::vector<Hash>& leaves) {
    LogFrontier frontier;
    frontier.count = leaves.size();
    std::size_t begin = 0;
    for (unsigned bit = 64; bit-- > 0;) {
        const std::uint64_t size = std::uint64_t{1} << bit;
        if ((frontier.count & size) == 0) continue;
        frontier.peaks.push_back(log_root(std::span(leaves).subspan(begin, size)));
        begin += size;
    }
    return frontier;
}

}  // namespace

void Invariants::judge(const records::Append& append) {
    std::vector<Hash>& log = records_[sender_];
    expect(append.first_index == log.size(), "an append does not begin at the end of its log");
    expect(append.leaves.size() % 512 == 0 && !append.leaves.empty(), "an append that is not padded");
    for (std::size_t at = 0; at + 32 <= append.leaves.size(); at += 32)
        std::copy_n(append.leaves.begin() + static_cast<std::ptrdiff_t>(at), 32, log.emplace_back().begin());
    put(Contract::kRecords, records::log_key(sender_), frontier_of(log));
    for (std::size_t at = 0; at + 32 <= append.superseded.size(); at += 32) {
        Hash nullifier{};
        std::copy_n(append.superseded.begin() + static_cast<std::ptrdiff_t>(at), 32, nullifier.begin());
        const Bytes key = records::superseded_key(sender_, nullifier);
        expect(!value<Place>(Contract::kRecords, key) && !changes_.contains(state_path(Contract::kRecords, key)),
               "a version was superseded twice");
        put(Contract::kRecords, key, place_);
    }
}

void Invariants::judge(const audit::FileRoot& root) {
    const Bytes key = audit::audit_key(sender_);
    const auto before = value<audit::AuditState>(Contract::kAudit, key);
    expect(root.interval > (before ? before->interval : 0), "an audit interval that does not rise");
    audits_[sender_].push_back(root.leaf);
    put(Contract::kAudit, key, audit::AuditState{root.interval, frontier_of(audits_[sender_])});
}

void Invariants::judge(const consent::Create& create) {
    const Bytes key = consent::grant_key(create.grant);
    expect(!value<DecisionHead>(Contract::kConsent, key), "a grant was created twice");
    expect(create.not_after_ms > now_ms_ && create.not_after_ms % 3'600'000 == 0, "a grant has ended, or at no hour");
    if (create.control_key) {
        expect_signed(*create.control_key);
        expect(keys_.emplace(*create.control_key, to_hex(create.grant)).second, "a key that was used has another use");
        put(Contract::kConsent, consent::control_key_key(*create.control_key), consent::ControlKeyState{create.grant});
    }
    const auto by = create.control_key ? consent::AttestedBy::kWallet : consent::AttestedBy::kCustodian;
    decide(Contract::kConsent, key,
           consent::GrantState{sender_, create.control_key, create.terms, create.not_after_ms, by,
                               consent::GrantStatus::kActive});
}

void Invariants::judge(const consent::Revoke& revoke) {
    const Bytes key = consent::grant_key(revoke.grant);
    auto grant = decision<consent::GrantState>(Contract::kConsent, key);
    const bool itself = body_.sender.kind == AccountKind::kGrant && sender_.bytes == revoke.grant.bytes;
    expect(grant && (itself || (body_.sender.kind == AccountKind::kOrganisation && grant->value.custodian == sender_)),
           "a grant was revoked by a stranger");
    expect(grant && grant->n == 1 && grant->value.status == consent::GrantStatus::kActive,
           "a grant was revoked that was not active");
    if (!grant) return;
    grant->value.status = consent::GrantStatus::kRevoked;
    decide(Contract::kConsent, key, grant->value);
}

void Invariants::judge(const disclosure::File& file) {
    const Bytes key = disclosure::row_key(sender_, file.tag);
    expect(!value<disclosure::RowState>(Contract::kDisclosure, key), "a tag was taken twice");
    const bool late = file.intent_height != 0;
    const Height decided_at = late ? file.intent_height : place_.height;
    expect(!late || file.intent_height < place_.height, "a row's intent lies ahead");
    if (file.grant) {
        const auto grant =
            decision_behind<consent::GrantState>(Contract::kConsent, consent::grant_key(*file.grant), decided_at);
        expect(grant && grant->value.custodian == sender_ && grant->value.status == consent::GrantStatus::kActive &&
                   (late || now_ms_ < grant->value.not_after_ms),
               "a row cites a grant that is not the sender's, or was not in force");
    }
    const auto& jurisdiction = power_.members.at(sender_).jurisdiction;
    auto policy = decision<disclosure::PolicyState>(Contract::kDisclosure, disclosure::policy_key(jurisdiction));
    while (policy && policy->value.in_force > decided_at && policy->n > 1)
        policy = read_decision_at<disclosure::PolicyState>(state_, Contract::kDisclosure,
                                                           disclosure::policy_key(jurisdiction), policy->n - 1)
                     .value();
    expect(policy && policy->value.in_force <= decided_at && policy->value.version == file.policy_version,
           "a row names a policy that was not in force");
    put(Contract::kDisclosure, key,
        disclosure::RowState{sender_, file.grant, file.policy_version, file.manifest, file.intent_height, place_});
}

void Invariants::judge(const disclosure::BreakGlass& glass) {
    const Bytes key = disclosure::break_glass_key(glass.opening);
    expect(!value<DecisionHead>(Contract::kDisclosure, key), "an opening was filed twice");
    expect(glass.opened_ms <= now_ms_ && glass.until_ms > glass.opened_ms &&
               glass.until_ms - glass.opened_ms <= 4 * 3'600'000,
           "glass was broken in the future, or for too long");
    decide(Contract::kDisclosure, key,
           disclosure::BreakGlassState{sender_, glass.commitment, glass.opened_ms, glass.until_ms,
                                       glass.opened_ms + 72 * 3'600'000, disclosure::BreakGlassStatus::kAwaitingReview,
                                       std::nullopt});
}

void Invariants::judge(const disclosure::Review& review) {
    const Bytes key = disclosure::break_glass_key(review.opening);
    auto opening = decision<disclosure::BreakGlassState>(Contract::kDisclosure, key);
    expect(opening && opening->n == 1 && opening->value.custodian == sender_,
           "an opening was reviewed twice, or by one who did not file it");
    if (!opening) return;
    opening->value.status = disclosure::BreakGlassStatus::kReviewed;
    opening->value.finding = review.finding;
    decide(Contract::kDisclosure, key, opening->value);
}

void Invariants::judge(const disclosure::PublishPolicy& publish) {
    const auto state =
        value<governance::ProposalState>(Contract::kGovernance, governance::proposal_key(publish.proposal));
    const auto* adopted = state ? std::get_if<governance::AdoptPolicy>(&state->proposal.action) : nullptr;
    expect(adopted != nullptr && state->status == governance::ProposalStatus::kPassed &&
               adopted->document == crypto::sha256(publish.document),
           "a policy was published that no vote adopted");
    if (adopted == nullptr) return;
    const Bytes key = disclosure::policy_key(adopted->jurisdiction);
    const auto newest = decision<disclosure::PolicyState>(Contract::kDisclosure, key);
    expect(!newest || newest->value.version < adopted->version, "a policy's version does not rise");
    decide(
        Contract::kDisclosure, key,
        disclosure::PolicyState{adopted->version, adopted->document, std::max(adopted->in_force, place_.height + 1)});
}

}  // namespace salus::testkit
