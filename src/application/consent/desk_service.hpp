#pragma once

#include "application/access/gate.hpp"
#include "application/consent/consents.hpp"
#include "application/reading/referrals.hpp"
#include "application/web/web.hpp"

namespace salus::application {

/// The custodian's desk. Callers: staff in the role registrar, or the organisation's machine; revoking: the privacy
/// officer too. "patient" is the id of a Patient resource.
///   POST   /desk/bindings              {"patient", "offer": base64 BindOffer} -> {"subject": hex, "epoch"}
///   DELETE /desk/bindings/{patient}    -> 204
///   POST   /desk/referrals             {"patient", "grant"?: hex, "minutes"?: 1440} -> {"custodian", "handle",
///   "grant"?, "until"} POST   /desk/consents              {"patient", "decide"?: "permit" | "deny", "organisations":
///   [hex], "practitioners"?, "roles"?,
///                                       "purposes"?: ["TREAT"], "types"?, "codes"?, "labels"?, "from"?, "until",
///                                       "supersedes"?: [hex], "paper": hex SHA-256 of the signed form} -> {"grant",
///                                       "height", "attested_by", "consent"}
///   POST   /desk/consents/{grant}/revoke  -> 202 {"grant"}; counts in the house at once, filed until it stands
///   GET    /desk/consents?patient=ID   -> Bundle of Consent
struct Desk {
    const House& house;
    Gate& gate;
    Bindings& bindings;
    Referrals& referrals;
    Consents& consents;
};
/// Pre: `desk` outlives `routes`
void add_desk_routes(Routes& routes, const Desk& desk);

/// {"custodian", "handle", "grant"?, "until"}: what is handed to the other organisation.
Result<std::string> make_referral(const House& house, Referrals& referrals, const Referral& referral);
/// A searchset of rendered consents.
Result<std::string> consent_bundle(const House& house, Consents& consents, const SubjectId& subject);

}  // namespace salus::application
