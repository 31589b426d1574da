#pragma once

#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace salus::application {

/// An OperationOutcome with one issue: severity (fatal for a fault of the node, else error), code from the table of
/// errors, details.coding {urn:salus:error, name}, diagnostics, and expression where the message begins with a place in
/// a Bundle ("Bundle.entry[3]: ", see at_entry). A fault of the node itself is not described: its message is for the
/// log.
Bytes operation_outcome(const Error& error);

/// One with a warning for each text, or with the information "ok" where there is none.
Bytes operation_outcome_ok(std::span<const std::string> warnings = {});

}  // namespace salus::application
