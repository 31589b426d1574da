#pragma once

#include "cli/demo/stage.hpp"

/// What somebody sees who watches the wire and the chain.
namespace salus::cli::demo {

Result<std::uint64_t> height_of(Stage& stage);

/// Hospital A's answer to a reading that the payer's clerk asks for, byte by byte as it crosses the wire: status,
/// headers but for the date and the request's own number, body.
Result<std::string> answer_on_the_wire(Stage& stage, const std::string& identifier);

/// The id of the transaction that put the leaf of `proof` (of one record) into its custodian's log.
/// Errors: kConflict where there is none, or the signing key of the organisation `slug` has not signed it alone
Result<std::string> appended_by(Stage& stage, const std::string& proof, const std::string& slug);

/// Fails unless every transaction in the blocks above `height` is an audit root.
Status only_audit_roots_since(Stage& stage, std::uint64_t height);

}  // namespace salus::cli::demo
