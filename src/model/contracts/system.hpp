#pragma once

#include "model/block.hpp"
#include "model/state.hpp"

/// What system transactions leave in the state, under contract 0. Source: docs/protocol.md, "State"
namespace salus::system_state {

/// Table 1, by era: an EraOpened with the hash of its record. That of the first era stands there from the genesis.
Bytes era_key(Era era);
/// Table 2, by validator, engine height and kind: the Fault. One that is reported again changes nothing.
Bytes fault_key(const Fault& fault);

enum class EventKind : std::uint32_t { kEraOpened = 1, kFault = 2, kPowerRemoved = 3 };

}  // namespace salus::system_state
