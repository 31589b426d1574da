#pragma once

#include <string>

#include "base/bytes.hpp"

namespace salus::application {

struct CapabilityFacts {
    std::string base_url;  ///< https://host/o/ORG/fhir
    std::string software_version;
    std::string date;  ///< a FHIR dateTime: when the software was made or the node began
};

/// The CapabilityStatement (FHIR 4.0.1): just what works, for every type that a client may store.
Bytes capability_statement(const CapabilityFacts& facts);

}  // namespace salus::application
