#pragma once

#include <string>

#include "application/audit/journal.hpp"
#include "application/reading/rows.hpp"
#include "transport/http.hpp"

namespace salus::application {

/// An access as FHIR R4 AuditEvent, in the forms of IHE BALP: PatientRead, Disclosure, authorisation decision,
/// break-glass. `patients`: the ids of the Patient resources of its subjects.
std::string render_audit_event(const AuditRecord& record, const AccountId& observer,
                               const std::vector<std::string>& patients);

/// The ids of the Patient resources of a record's subjects.
Result<std::vector<std::string>> patients_of(const House& house, const AuditRecord& record);

/// A searchset of one page. `next`: the link to the page after it, empty on the last.
Result<std::string> audit_bundle(const House& house, const JournalPage& page, std::string_view next);
/// To the page after that of `request`; empty where there is none.
std::string next_link(const transport::HttpRequest& request, const std::optional<std::uint64_t>& before);

/// What of a record its subject may know: that of all whom an access concerned she was one, and what was hers; not who
/// else, nor how many, nor the words of a search.
Result<AuditRecord> as_subject_sees(const House& house, AuditRecord record, const SubjectId& subject);

/// Accounting of disclosures (45 CFR 164.528): date, recipient by its name in `chain` and its account, description,
/// purpose; one line each, RFC 4180.
std::string accounting_csv(const std::vector<DisclosureRow>& rows, const StateReader& chain);

}  // namespace salus::application
