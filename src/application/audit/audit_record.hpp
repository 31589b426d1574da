#pragma once

#include "application/audit/audit_log.hpp"

namespace salus::application {

/// As the entry is stored. Strings are cut to what a record holds.
AuditRecord make_record(const AuditEntry& entry, std::uint64_t number, TimeMs time_ms, const Salt& salt);
/// What it was made of.
AuditEntry entry_of(const AuditRecord& record);

}  // namespace salus::application
