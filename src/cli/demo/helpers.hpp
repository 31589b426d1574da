#pragma once

#include "cli/demo/story.hpp"

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

/// A reading of Mary's record that has to be let, or refused; noted for the table of who could read when.
Result<Answer> allowed(Story& story, const std::string& who, const std::string& moment,
                       std::vector<std::string> command);
Result<Answer> refused(Story& story, const std::string& who, const std::string& moment,
                       std::vector<std::string> command);
/// In which a reading or two are over on this machine, by the slowest so far: for what is good for a moment only.
std::uint64_t seconds_for_readings(const Story& story);
/// The table of all that was noted: who down, when across.
std::string attempts_table(const std::vector<Attempt>& attempts);

/// Whether some statement of `salus verify` says so.
bool says(const Answer& verified, std::string_view words);

/// How many `list` of the answer holds.
std::size_t count_of(const Answer& answer, std::string_view list);

/// Whether one of the files below `folder` holds these bytes.
Result<bool> stands_in_files(const std::filesystem::path& folder, std::string_view text);

/// The same, good, with nothing to look at.
Status done(Stage& stage, std::vector<std::string> command);

/// `salus check` of each node's folder has to be good. Pre: the nodes do not run
Status vaults_and_chain_agree(Stage& stage);

}  // namespace salus::cli::demo
