#pragma once

#include "network/ledger_service.hpp"
#include "network/router.hpp"

namespace salus::network {

/// Evidence of the transaction that the route's {id} names. Errors: kUsage, kNotFound
Result<transport::HttpResponse> transaction_proof(const LedgerService& ledger, const Request& request);

}  // namespace salus::network
