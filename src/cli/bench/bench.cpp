#include "cli/bench/bench.hpp"

#include "cli/groups.hpp"

namespace salus::cli {

void bench::declare_place(CLI::App& app, std::string& directory) {
    app.add_option("--dir", directory, "Where the network's folder is made, instead of the temporary directory");
}

void bench::declare_custodians(CLI::App& app, std::size_t& custodians) {
    app.add_option("--custodians", custodians, "Organisations that send, one connection each")
        ->check(CLI::Range(1, 500));
}

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
