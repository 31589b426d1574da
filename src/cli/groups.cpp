#include "cli/groups.hpp"

namespace salus::cli {

void add_all(Commands& commands) {
    add_demo(commands);
    add_init(commands);
    add_node(commands);
    add_network(commands);
    add_keys(commands);
    add_org(commands);
    add_patient(commands);
    add_record(commands);
    add_consent(commands);
    add_read(commands);
    add_audit(commands);
    add_ledger(commands);
    add_verify(commands);
    add_check(commands);
    add_bench(commands);
    add_torture(commands);
}

}  // namespace salus::cli
