#include "node/peers.hpp"

#include <algorithm>

#include "execution/accounts.hpp"
#include "model/contracts/governance.hpp"

namespace salus::node {
namespace {

/// The organisations that vote, or voted when an era began, with a key of that id.
Result<std::vector<AccountId>> voters(const StateReader& state, const std::vector<EraRecord>& eras,
                                      const ValidatorId& id) {
    std::vector<AccountId> organisations;
    const auto note = [&](const auto& validator) {
        if (validator_id(validator.key) == id) organisations.push_back(validator.organisation);
    };
    for (const EraRecord& era : eras) std::ranges::for_each(era.validators, note);
    SALUS_TRY(const auto set,
              read_decision<governance::ValidatorSet>(state, Contract::kGovernance, governance::validator_set_key()));
    if (set) std::ranges::for_each(set->value.validators, note);
    return organisations;
}

}  // namespace

Result<consensus::PeerStanding> standing_of_peer(const StateReader& state, const std::vector<EraRecord>& eras,
                                                 const ValidatorId& id) {
    execution::Accounts accounts(state);
    SALUS_TRY(const auto node, accounts.node(id));
    if (node == true) return consensus::PeerStanding::kMember;
    // Of a key that is registered, the registration and the votes say all: its owner may have taken it back.
    SALUS_TRY(const auto organisations, voters(state, node ? std::vector<EraRecord>{} : eras, id));
    for (const AccountId& organisation : organisations) {
        SALUS_TRY(const bool active, accounts.is_active(organisation));
        if (active) return consensus::PeerStanding::kMember;
    }
    return node || !organisations.empty() ? consensus::PeerStanding::kShutOut : consensus::PeerStanding::kUnknown;
}

}  // namespace salus::node
