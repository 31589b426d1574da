#pragma once

#include "application/check/check.hpp"

namespace salus::application {

/// What was held to the chain before.
struct HeldToChain {
    std::uint64_t leaves = 0;  ///< of the organisation's log on the chain
    std::uint64_t tokens = 0;  ///< by which the versions under them are to be found
};

/// The rows beside the versions: that nothing stands there which no version accounts for, and that subjects, appends
/// and remembered answers say what the versions say. Adds to `report`.
void check_rows(Vault& vault, const HeldToChain& held, CheckReport& report);

}  // namespace salus::application
