#include <unistd.h>

#include <csignal>
#include <iostream>

#include "cli/command.hpp"
#include "node/platform.hpp"

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is a write that failed, which is told
    salus::node::OsRandom random;
    const salus::node::RealWallClock clock;
    const salus::node::BootTimeClock steady;
    salus::cli::Environment environment{
        std::cout, std::cerr, random, clock, steady, false, ::isatty(STDERR_FILENO) == 1 ? &std::cerr : nullptr};
    return salus::cli::run({argv + 1, argv + argc}, environment);
}
