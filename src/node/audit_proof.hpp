#pragma once

#include "base/bytes.hpp"
#include "model/evidence.hpp"

namespace salus::node {

/// Whether the bytes may be the proof of an audit event, in the JSON that GET /audit/{number}/proof answers.
bool is_audit_proof(ByteView bytes) noexcept;

/// Checks the whole way with no node at hand: the event under the root of its interval, that under its leaf, the leaf
/// in the organisation's audit log under a certified block. `network` and `checkpoint` as in verify_evidence.
Verdict verify_audit_proof(ByteView bytes, const std::optional<NetworkId>& network,
                           const std::optional<Checkpoint>& checkpoint);

}  // namespace salus::node
