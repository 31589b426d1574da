#pragma once

#include "cli/command.hpp"

namespace salus::cli {

/// Each adds one group of commands; the file has the group's name.
void add_init(Commands& commands);
void add_node(Commands& commands);
void add_network(Commands& commands);
/// `network partition`, `delay`, `heal`
void add_network_faults(Commands& commands, CLI::App& network);
/// `network load`
void add_network_load(Commands& commands, CLI::App& network);
/// `network torture`
void add_network_torture(Commands& commands, CLI::App& network);
void add_demo(Commands& commands);
void add_keys(Commands& commands);
void add_org(Commands& commands);
void add_patient(Commands& commands);
void add_record(Commands& commands);
void add_consent(Commands& commands);
void add_read(Commands& commands);
void add_audit(Commands& commands);
void add_ledger(Commands& commands);
/// `org new`, `found`, `rotate-keys`
void add_accounts(Commands& commands, CLI::App& org);
/// `org admit` ... `vote`, `publish-policy`
void add_votes(Commands& commands, CLI::App& org);
/// `org validators`, `add-validator`, `set-power`, `remove-validator`
void add_validators(Commands& commands, CLI::App& org);
/// `record import`
void add_import(Commands& commands, CLI::App& record);
/// `org register`, `set-status`
void add_owned(Commands& commands, CLI::App& org);
/// `org next-keys`, `execute-recovery`, `stop-recovery`
void add_recovery(Commands& commands, CLI::App& org);
/// `ledger export`
void add_export(Commands& commands, CLI::App& ledger);
void add_verify(Commands& commands);
void add_check(Commands& commands);
void add_bench(Commands& commands);
void add_torture(Commands& commands);

/// All of the above, in the order in which --help shows them.
void add_all(Commands& commands);

}  // namespace salus::cli
