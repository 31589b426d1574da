#pragma once

#include <string>

#include "application/audit/audit_record.hpp"
#include "application/house.hpp"

namespace salus::application {

/// An access as FHIR R4 AuditEvent, in the forms of IHE BALP: PatientRead, Disclosure, authorisation decision,
/// break-glass. `patients`: the ids of the Patient resources of its subjects.
std::string render_audit_event(const AuditRecord& record, const AccountId& observer,
                               const std::vector<std::string>& patients);

/// The ids of the Patient resources of a record's subjects.
Result<std::vector<std::string>> patients_of(const House& house, const AuditRecord& record);

/// A searchset of them.
Result<std::string> audit_bundle(const House& house, const std::vector<AuditRecord>& records);

/// Accounting of disclosures (45 CFR 164.528): date, recipient, description, purpose; one line each, RFC 4180.
std::string accounting_csv(const std::vector<AuditRecord>& records);

}  // namespace salus::application
