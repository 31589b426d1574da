#pragma once

#include "application/check/check.hpp"

namespace salus::application {

/// What an organisation keeps that the chain says nothing of: bound wallets, referrals, what waits to be filed. Each
/// sealed row opens, each signed one is signed, and what a row says in clear is what it holds. `network` is the
/// chain's. Adds to `report`.
void check_house(Vault& vault, const NetworkId& network, CheckReport& report);

/// What the engine itself finds wrong with the file of a database: a line each, without its content. One that cannot be
/// read is such a line too.
std::vector<std::string> damage_of(Database& database);

}  // namespace salus::application
