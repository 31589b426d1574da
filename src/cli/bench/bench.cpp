#include "cli/bench/bench.hpp"

#include "cli/groups.hpp"

namespace salus::cli {

void add_bench(Commands& commands) {
    CLI::App& group = commands.group("bench", "Measure this machine, each time on a new network of its own");
    bench::add_ledger(commands, group);
    bench::add_state(commands, group);
    bench::add_import(commands, group);
    bench::add_read(commands, group);
    bench::add_across(commands, group);
    bench::add_verify(commands, group);
    bench::add_start(commands, group);
}

}  // namespace salus::cli
