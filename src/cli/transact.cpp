#include "cli/transact.hpp"

#include <algorithm>
#include <iterator>

#include "base/encoding.hpp"
#include "cli/chain_state.hpp"
#include "cli/session.hpp"
#include "model/transaction.hpp"

namespace salus::cli {
namespace {

/// Half the window: clocks may differ, and a block may take its time.
constexpr TimeMs kValidMs = kWindowMs / 2;

}  // namespace

Result<Filed> transact(Api& api, const node::OrganisationKeys& keys, Contract contract, Bytes payload, Random& random,
                       const crypto::SigningKey* also) {
    SALUS_TRY(const NodeStatus status, node_status(api));
    TransactionBody body;
    body.network_id = status.network;
    body.sender = {AccountKind::kOrganisation, keys.id()};
    body.valid_until_ms = status.now_ms + kValidMs;
    body.nonce = random.bytes<8>();
    body.contract = contract;
    body.payload = std::move(payload);
    std::vector<const crypto::SigningKey*> signers{&keys.signing};
    if (also != nullptr) signers.push_back(also);
    const Transaction transaction = sign(std::move(body), signers);
    SALUS_TRY(const boost::json::value answer, api.submit(transaction));
    return Filed{to_hex(transaction.id), number_of(answer, "height").value_or(0)};
}

Result<identity::AccountState> account_state(Api& api, const AccountId& id) {
    SALUS_TRY(auto account,
              read_decision<identity::AccountState>(ChainState(api), Contract::kIdentity, identity::account_key(id)));
    if (!account) return fail(ErrorCode::kIdentityNoAccount, "the chain has no account " + to_hex(id));
    return std::move(account->value);
}

std::vector<AccountKey> those_not_in(const std::vector<AccountKey>& keys, const std::vector<AccountKey>& others) {
    std::vector<AccountKey> out;
    std::ranges::copy_if(keys, std::back_inserter(out),
                         [&](const AccountKey& key) { return std::ranges::find(others, key) == others.end(); });
    return out;
}

}  // namespace salus::cli
