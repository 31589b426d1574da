#pragma once

#include "application/access/gate.hpp"
#include "application/audit/journal.hpp"
#include "application/reading/custodian.hpp"
#include "application/web/web.hpp"
#include "model/disclosure_list.hpp"

namespace salus::application {

/// The patient's own door, for a token of kind wallet. Binary parts are base64, ids hex, times RFC 3339.
///   GET  /patient               -> {"subject", "patient", "custodian", "signing_key": hex, "view_keys": [{"epoch",
///                               "key"}], "openings": [id]}: every emergency opening of her record, by which her wallet
///                               notices one that is new
///   GET  /patient/grants        -> {"grants": [{"grant", "terms": base64 GrantTerms, "active", "attested_by",
///                               "height"}], "bundle"}
///   POST /patient/grants        {"terms": GrantTerms, "body": TransactionBody, "signature", "login_signature"} ->
///                               201 {"grant", "height", "transaction"}; the body's sender is the custodian, its
///                               signers custodian and control key, both ascending; the wallet's login key signs it
///                               too. (A wallet revokes by a transaction of its own at POST /v1/transactions.)
///   POST /patient/referrals     {"grant"?, "minutes"?: 1440} -> 201 {"custodian", "handle", "grant"?, "until"}
///   GET  /patient/disclosures   -> {"rows": [{"epoch", "index", "requester", "user"?, "role"?, "purpose", "basis",
///                               "time", "resources": n, "delivery", "late", "filed", "tag"}], "openings": [Opening],
///                               "epochs":
///                               [{"epoch", "rows": n}], "evidence": base64 evidence file}: rows 1..n of each epoch
///                               with their openings, and the absence of n+1..n+64
///   GET  /patient/audit?before=&count=   -> Bundle of AuditEvent: every access, also those refused and those inside
///                               the house, newest first, with the link "next"; of others whom one concerned: nothing
///   POST /patient/record        {"types"?, "instances"?, "since"?} -> {"request_id", "reply": base64 ReadReply,
///   "evidence": base64};
///                               open_reply and open_evidence with the wallet's sealing key open them
struct PatientDoor {
    const House& house;
    Gate& gate;
    Bindings& bindings;
    Referrals& referrals;
    Consents& consents;
    Openings& openings;
    Rows& rows;
    Custodian& custodian;
    Journal& journal;
};
/// Pre: `door` outlives `routes`
void add_patient_routes(Routes& routes, const PatientDoor& door);

/// All rows of a subject that stand, under the certified block of `view`, with the absence of the next in each epoch.
/// `rows`: as of that block
Result<Evidence> prove_list(const House& house, std::shared_ptr<const network::LedgerView> view,
                            const std::vector<ViewKey>& keys, const std::vector<DisclosureRow>& rows);

}  // namespace salus::application
