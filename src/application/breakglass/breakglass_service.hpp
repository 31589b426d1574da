#pragma once

#include "application/access/gate.hpp"
#include "application/breakglass/openings.hpp"
#include "application/consent/policy_book.hpp"
#include "application/web/web.hpp"

namespace salus::application {

/// Broken glass, inside the house and the list of all. Across organisations it is broken by POST /exchange/fetch.
///   POST /breakglass   staff: {"patient", "purpose"?: "ETREAT" | "BTG", "reason", "minutes"? | "seconds"?} -> 201
///   Opening GET  /breakglass?status=open|awaiting|overdue|all   privacy officer, machine -> {"openings": [Opening]}
///   POST /breakglass/{opening}/review   privacy officer: {"justified": "yes" | "no", "finding"} -> {"opening",
///   "reviewed": true}
/// Opening: {"opening": hex, "patient", "requester": hex, "user", "role", "user_id", "purpose", "reason", "opened",
/// "until",
///           "review_due", "status": "awaiting" | "overdue" | "reviewed", "open": bool, "on_chain": bool, "finding"?}
struct GlassDesk {
    const House& house;
    Gate& gate;
    PolicyBook& policies;
    Openings& openings;
};
/// Pre: `desk` outlives `routes`
void add_breakglass_routes(Routes& routes, const GlassDesk& desk);

/// An Opening as above.
Result<std::string> render_opening(const House& house, const Opening& opening);

}  // namespace salus::application
