#pragma once

#include "cli/api.hpp"
#include "cli/command.hpp"
#include "model/contracts/identity.hpp"
#include "node/organisation_keys.hpp"

namespace salus::cli {

/// What became of a transaction that a command sent.
struct Filed {
    std::string id;  ///< hex
    std::uint64_t height = 0;
};

/// Signs `payload` as the organisation, for the time that the node says, sends it and waits for its block. `also` signs
/// beside it: a key that has to show that it is held.
/// Errors: those of Api::submit
Result<Filed> transact(Api& api, const node::OrganisationKeys& keys, Contract contract, Bytes payload, Random& random,
                       const crypto::SigningKey* also = nullptr);

/// An account as the chain has it now. Errors: kIdentityNoAccount, and those of Api::call
Result<identity::AccountState> account_state(Api& api, const AccountId& id);

/// Those of `keys` that do not stand in `others`.
std::vector<AccountKey> those_not_in(const std::vector<AccountKey>& keys, const std::vector<AccountKey>& others);

}  // namespace salus::cli
