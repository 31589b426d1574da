#pragma once

#include "cli/command.hpp"

namespace salus::cli::bench {

/// Each adds one benchmark to the group; the file has its name.
void add_ledger(Commands& commands, CLI::App& group);
void add_state(Commands& commands, CLI::App& group);
void add_import(Commands& commands, CLI::App& group);
void add_read(Commands& commands, CLI::App& group);
void add_across(Commands& commands, CLI::App& group);
void add_verify(Commands& commands, CLI::App& group);
void add_start(Commands& commands, CLI::App& group);

}  // namespace salus::cli::bench
