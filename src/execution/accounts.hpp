#pragma once

#include <map>

#include "model/contracts/identity.hpp"
#include "model/transaction.hpp"

namespace salus::execution {

/// A sender that may send, at its place in the block order.
struct Standing {
    std::optional<AccountId> organisation;  ///< active, that answers for it; a grant and a suspended one have none
    std::uint32_t own_signers = 0;          ///< bit i: signer i is an active signing key of the sender
};

/// Who may send and who may carry, as the state says. Remembers the accounts it has met until told to forget.
class Accounts {
public:
    /// Pre: `state` outlives it
    explicit Accounts(const StateReader& state) : state_(state) {}

    /// Nothing where the sender may not send `body` in a block of that time, or none of its signers is an active
    /// signing key of it.
    ///
    /// An organisation is active while governance counts it an active member and it has an account; a node or device
    /// while it and its owner are, and it was founded or confirmed since its owner was last recovered. A suspended
    /// organisation may stop its own recovery and do nothing else; a grant's wallet may revoke it, alone, while it is
    /// active and has not ended: that succeeds, so that a grant brings one transaction in its life.
    /// Errors: those of the reader
    Result<std::optional<Standing>> sender(const TransactionBody& body, TimeMs time_ms);

    /// The organisation that answers for an envelope under that key: an active signing key of an active organisation or
    /// node. Nothing for any other key.
    Result<std::optional<AccountId>> carrier(const Signer& key);

    /// Whether the account is active, as above. Errors: those of the reader
    Result<bool> is_active(const AccountId& id);
    /// Whether a node is active, and signs with a key of that id; nothing where none ever did. Errors: those of the
    /// reader
    Result<std::optional<bool>> node(const ValidatorId& id);

    /// Governance or identity has written: ask the state again.
    void forget() { known_.clear(); }

private:
    struct Known {
        identity::AccountState account;
        AccountId organisation;
        bool active = false;
    };
    /// nullptr where there is no such account. Valid until forget().
    Result<const Known*> find(const AccountId& id);
    Result<bool> active(const AccountId& id, const identity::AccountState& account);
    Result<std::optional<Standing>> grant(const TransactionBody& body, TimeMs time_ms);

    const StateReader& state_;
    std::map<AccountId, std::optional<Known>> known_;
};

}  // namespace salus::execution
