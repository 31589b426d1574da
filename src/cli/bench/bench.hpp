#pragma once

#include "cli/command.hpp"

namespace salus::cli::bench {

/// --dir: where the network of a benchmark is made
void declare_place(CLI::App& app, std::string& directory);
/// --custodians: organisations that send, one connection each
void declare_custodians(CLI::App& app, std::size_t& custodians);

/// Each adds one benchmark to the group; the file has its name.
void add_ledger(Commands& commands, CLI::App& group);
void add_state(Commands& commands, CLI::App& group);
void add_import(Commands& commands, CLI::App& group);
void add_read(Commands& commands, CLI::App& group);
void add_across(Commands& commands, CLI::App& group);
void add_verify(Commands& commands, CLI::App& group);
void add_start(Commands& commands, CLI::App& group);

}  // namespace salus::cli::bench
