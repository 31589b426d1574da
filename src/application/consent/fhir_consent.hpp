#pragma once

#include <string>

#include "application/consent/consents.hpp"

namespace salus::application {

/// A consent as FHIR R4 in the form of IHE PCF: policy.uri, performer, organization, provisions without code and
/// nesting.
std::string render_consent(const KnownConsent& consent, std::string_view patient_id, TimeMs now_ms);

}  // namespace salus::application
