#pragma once

#include "execution/state_access.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"

namespace salus::execution {

/// A proposal that passed, and where.
struct Resolution {
    governance::Action action;
    Place decided;
    TimeMs decided_ms = 0;
};

/// What contracts may know of one another's state: they never include one another. Every answer counts as a read.
/// Errors of all: Refusal::kLimit, and the reader's
class Facts {
public:
    explicit Facts(StateAccess& state) : state_(state) {}

    /// governance: a member, active or suspended
    Result<std::optional<governance::MemberState>> member(const AccountId& organisation) const;
    /// governance: the parameter's value now
    Result<std::uint64_t> parameter(governance::Parameter parameter) const;
    /// governance: nothing where no such proposal was made, or it has not passed
    Result<std::optional<Resolution>> resolution(const ProposalId& proposal) const;
    /// governance: the newest recovery of an account that has passed
    Result<std::optional<ProposalId>> newest_recovery(const AccountId& account) const;
    /// identity: an account's keys and status
    Result<std::optional<identity::AccountState>> account(const AccountId& account) const;
    /// identity: whose signing key it is or was
    Result<std::optional<AccountId>> key_owner(const Signer& key) const;
    /// identity, consent: whether the key signs or has signed for an account, or controls a grant
    Result<bool> key_taken(const Signer& key) const;
    /// consent: a grant as it stood behind block `height`, or stands now where that is this block
    Result<std::optional<consent::GrantState>> grant(const GrantId& grant, Height height) const;

private:
    StateAccess& state_;
};

}  // namespace salus::execution
