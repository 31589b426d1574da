#pragma once

#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/records.hpp"
#include "model/transaction.hpp"

namespace salus::testkit {

/// A contract with an encoded payload: Action(consent::Payload{consent::Revoke{grant}}).
struct Action {
    Contract contract{};
    Bytes payload;

    Action(Contract contract_in, Bytes payload_in) : contract(contract_in), payload(std::move(payload_in)) {}
    Action(const governance::Payload& what) : Action(Contract::kGovernance, codec::encode(what)) {}
    Action(const identity::Payload& what) : Action(Contract::kIdentity, codec::encode(what)) {}
    Action(const records::Payload& what) : Action(Contract::kRecords, codec::encode(what)) {}
    Action(const consent::Payload& what) : Action(Contract::kConsent, codec::encode(what)) {}
    Action(const disclosure::Payload& what) : Action(Contract::kDisclosure, codec::encode(what)) {}
    Action(const audit::Payload& what) : Action(Contract::kAudit, codec::encode(what)) {}
};

/// Pre: `nonce` differs from that of any other transaction of the same content
Transaction make_transaction(const NetworkId& network, const Sender& sender,
                             const std::vector<const crypto::SigningKey*>& keys, const Action& action,
                             TimeMs valid_until_ms, std::uint64_t nonce);

Bytes make_envelope(const std::vector<Transaction>& transactions, const crypto::SigningKey& member,
                    std::uint64_t sequence = 0);

}  // namespace salus::testkit
