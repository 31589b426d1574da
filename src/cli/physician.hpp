#pragma once

#include "model/login.hpp"
#include "node/organisation_keys.hpp"

namespace salus::cli {

/// A physician of an organisation whose keys this process has, for an hour from `now_ms`: who reads under load.
inline StaffCredential physician_of(const node::OrganisationKeys& organisation, const NetworkId& network,
                                    TimeMs now_ms) {
    StaffCredential physician;
    physician.organisation = organisation.id();
    physician.name = "Nora Weiss";
    physician.role = "physician";
    physician.id = "urn:staff|7";
    physician.from_ms = now_ms;
    physician.until_ms = now_ms + kHourMs;
    sign_staff_credential(physician, network, organisation.signing);
    return physician;
}

}  // namespace salus::cli
