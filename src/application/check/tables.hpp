#pragma once

#include <string_view>

/// Every table of a vault, by who holds it to the chain or to what is sealed in it. A test compares this with the
/// tables that there are, so that a new one is not forgotten.
namespace salus::application {

/// check_vault
inline constexpr std::string_view kRecordTables[] = {"versions", "bodies",   "resources", "tokens", "pads",
                                                     "strays",   "subjects", "requests",  "appends"};
/// check_accounts
inline constexpr std::string_view kAccountTables[] = {"audit_events", "audit_subjects", "audit_roots", "consents",
                                                      "openings",     "disclosures",    "view_keys"};
/// check_house
inline constexpr std::string_view kHouseTables[] = {"bindings", "referrals", "outbox"};
/// Whoever opens the vault: names and keys in vault_meta, versions of the tables in schema_versions, how many commits
/// were synced in commits.
inline constexpr std::string_view kOpeningTables[] = {"vault_meta", "schema_versions", "commits"};

}  // namespace salus::application
