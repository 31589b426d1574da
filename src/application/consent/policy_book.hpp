#pragma once

#include <map>
#include <memory>

#include "application/consent/policy.hpp"
#include "base/mutex.hpp"
#include "network/ledger_service.hpp"

namespace salus::application {

/// The policies that the chain has in force, parsed once. Thread-safe.
class PolicyBook {
public:
    explicit PolicyBook(network::LedgerService& ledger) : ledger_(ledger) {}

    /// The policy of the custodian's jurisdiction in force at `height`, as `view` knows it.
    /// Errors: kForbidden where it is no member; kPolicyMissing where none is in force, or its document is not what the
    /// chain says; those of the ledger
    Result<std::shared_ptr<const Policy>> in_force(const network::LedgerView& view, const AccountId& custodian,
                                                   Height height);

private:
    Result<Bytes> document(const Hash& hash, const Place& published) const;

    network::LedgerService& ledger_;
    Guarded<std::map<Hash, std::shared_ptr<const Policy>>> parsed_;
};

}  // namespace salus::application
