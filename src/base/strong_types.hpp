#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace salus {

/// Number of a Salus block, from 1. 0 stands for the genesis state.
using Height = std::uint64_t;
/// Number of a consensus engine's own block; several may pass without a Salus block.
using EngineHeight = std::uint64_t;
/// Number of an era, from 1.
using Era = std::uint64_t;
/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
using TimeMs = std::uint64_t;

/// An account: an organisation, a node, a device; for a grant that sends its own revocation, the grant's id.
using AccountId = Id<struct AccountIdTag, 16>;
using GrantId = Id<struct GrantIdTag, 16>;
using BreakGlassId = Id<struct BreakGlassIdTag, 16>;
/// A patient of one custodian. Random, never on the chain.
using SubjectId = Id<struct SubjectIdTag, 16>;
/// SHA-256("salus.tx.v1" || body)
using TxId = Id<struct TxIdTag, 32>;
/// SHA-256("salus.genesis.v1" || genesis bytes)
using NetworkId = Id<struct NetworkIdTag, 32>;
/// SHA-256("salus.proposal.v1" || proposal bytes)
using ProposalId = Id<struct ProposalIdTag, 32>;
/// First 20 bytes of SHA-256(public key), as CometBFT names its validators.
using ValidatorId = Id<struct ValidatorIdTag, 20>;

}  // namespace salus
