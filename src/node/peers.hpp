#pragma once

#include "consensus/port.hpp"
#include "model/state.hpp"

namespace salus::node {

/// Whose node has a key of that id: a validator, or one that an organisation has registered. A key that was registered
/// shuts out as long as nothing that it stands for is active. Pre: `eras` is not empty
/// Errors: those of the reader
Result<consensus::PeerStanding> standing_of_peer(const StateReader& state, const std::vector<EraRecord>& eras,
                                                 const ValidatorId& id);

}  // namespace salus::node
