#pragma once

#include <map>

#include "model/contracts/identity.hpp"
#include "model/transaction.hpp"

namespace salus::execution {

/// A sender that may send, at its place in the block order.
struct Standing {
    std::optional<AccountId> organisation;  ///< that answers for it; an object has none
    std::uint32_t own_signers = 0;          ///< bit i: signer i is an active signing key of the sender
};

/// Who may send and who may carry, as the state says. Remembers the accounts it has met until told to forget.
class Accounts {
public:
    /// Pre: `state` outlives it
    explicit Accounts(const StateReader& state) : state_(state) {}

    /// Nothing where the sender is not active, or none of `signers` is an active signing key of it.
    ///
    /// An organisation is active while governance counts it an active member and it has an account; a node or device
    /// while it and its owner are. A grant is there as long as it has a control key: its wallet may revoke while the
    /// custodian is suspended, and learns by receipt that it was revoked before. Errors: those of the reader
    Result<std::optional<Standing>> sender(const Sender& sender, const std::vector<Signer>& signers);

    /// The organisation that answers for an envelope under that key: an active signing key of an active organisation or
    /// node. Nothing for any other key.
    Result<std::optional<AccountId>> carrier(const Signer& key);

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
    Result<std::optional<Standing>> grant(const AccountId& id, const std::vector<Signer>& signers);

    const StateReader& state_;
    std::map<AccountId, std::optional<Known>> known_;
};

}  // namespace salus::execution
