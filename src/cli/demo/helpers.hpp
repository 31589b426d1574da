#pragma once

#include "cli/demo/stage.hpp"

namespace salus::cli::demo {

/// Gives somebody of `slug`'s staff a credential for the shift, in the stage's file `file`.
Status give_credential(Stage& stage, const std::string& slug, const std::string& name, const std::string& role,
                       const std::string& id, const std::string& file);

/// `command` with Mary's wallet.
std::vector<std::string> with_wallet(Stage& stage, std::vector<std::string> command);

/// "system|value" of the first identifier of a patient at hospital A.
Result<std::string> identifier_of(Stage& stage, const std::string& patient_id);

/// A command that has to be refused: its answer. Errors: where it was good, or failed for another cause than a refusal
Result<Answer> refused(Stage& stage, std::vector<std::string> command);

/// The same, good, with nothing to look at.
Status done(Stage& stage, std::vector<std::string> command);

}  // namespace salus::cli::demo
