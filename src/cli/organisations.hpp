#pragma once

#include "node/init.hpp"

namespace salus::cli {

/// "hospital-a:hospital:Saint Anna:US-MA", as --org has it. Errors: kUsage
Result<node::InitOrganisation> parse_organisation(const std::string& text);

/// The demo's four.
std::vector<node::InitOrganisation> demo_organisations();

}  // namespace salus::cli
