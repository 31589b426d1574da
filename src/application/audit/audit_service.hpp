#pragma once

#include "application/access/gate.hpp"
#include "application/audit/journal.hpp"
#include "application/reading/rows.hpp"
#include "application/web/web.hpp"

namespace salus::application {

/// The organisation's audit, for its privacy officer and its machine. Looking is audited too, and so is being refused.
///   GET /audit?patient=&from=&until=&before=&count=   -> Bundle of AuditEvent, newest first, of "count" events below
///                               the number "before"; its total is that of all, its link "next" the page after
///   GET /audit/accounting?patient=&from=&until=&format=csv|fhir   -> accounting of disclosures of one patient: csv has
///                               one line a disclosure, however often it was sent
///   GET /audit/{number}/proof   -> a file of evidence with that event
struct AuditDesk {
    const House& house;
    Gate& gate;
    Journal& journal;
    Rows& rows;
};
/// Pre: `desk` outlives `routes`
void add_audit_routes(Routes& routes, const AuditDesk& desk);

}  // namespace salus::application
