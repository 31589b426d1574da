#pragma once

#include "application/check/check.hpp"

namespace salus::application {

/// What an organisation answers for, beside its records: events of its audit against their roots, and these against
/// the chain, both ways; terms of consents and of broken glass against the commitments on the chain; disclosures
/// against their rows, under the tags that the patients' view keys give, and on past the last one that the vault knows.
/// `audit_log` is its log of the audit contract in the version that `state` is of. Adds to `report`; a table that
/// cannot be read is a finding too
void check_accounts(Vault& vault, const StateReader& state, const LogReader& audit_log, CheckReport& report);

}  // namespace salus::application
