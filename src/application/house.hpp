#pragma once

#include "application/audit/audit_log.hpp"
#include "application/outbox/outbox.hpp"
#include "application/vault/vault.hpp"
#include "crypto/hpke.hpp"
#include "network/ledger_service.hpp"

namespace salus::application {

/// One organisation's house: what its services stand on. Everything outlives them and is thread-safe.
struct House {
    NetworkId network_id;
    AccountId organisation;
    Vault& vault;
    Outbox& outbox;
    network::LedgerService& ledger;
    AuditSink& audit;
    const crypto::SigningKey& signing_key;
    const crypto::SealingKey& sealing_key;
    Random& random;
    /// While a rotation is not finished: others seal to it until then. Else nullptr
    const crypto::SealingKey* old_sealing_key = nullptr;

    [[nodiscard]] Database& database() const { return vault.database(); }
    /// By which data is released.
    [[nodiscard]] TimeMs now_ms() const { return ledger.decision_time_ms(); }

    /// Seals evidence that is kept for the legal term. `what` says what it is, `name` which one.
    Result<Bytes> seal(std::string_view what, ByteView name, ByteView plaintext) const;
    Result<Bytes> unseal(std::string_view what, ByteView name, ByteView sealed) const;
};

}  // namespace salus::application
