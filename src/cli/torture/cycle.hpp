#pragma once

#include <random>

#include "cli/torture/history.hpp"
#include "cli/torture/judge.hpp"

namespace salus::cli::torture {

/// What a cycle found, for its reader.
struct CycleReport {
    Tally acknowledged;
    Doubts doubts;
    bool killed_at_start = false;     ///< also while it repaired
    double start_seconds = 0;         ///< until it served again
    std::vector<std::string> log;     ///< what the node said of its start
    std::vector<std::string> faults;  ///< none: all holds
};

/// One node, killed again and again; its seed decides what is sent and when the node dies, the machine decides how far
/// it has come by then.
class Cycles {
public:
    /// Pre: both outlive it; the stand's node does not run
    Cycles(Stand& stand, const SteadyClock& clock, std::uint64_t seed) : stand_(stand), clock_(clock), chance_(seed) {}

    /// The first start. Errors: those of a node that does not start
    Status begin();
    /// Load, kill, perhaps a kill while it repairs, start, judgement; also of samples of older cycles. A node that does
    /// not come back, or cannot be asked, is a fault.
    CycleReport next();
    /// Stops the node and holds what is on the disk to itself: vaults against the chain, the exported chain against its
    /// rules. Returns what is wrong.
    std::vector<std::string> end(Environment& environment);

private:
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }
    Run torment();
    Status come_back(CycleReport& report);
    Status judge(Run& run, CycleReport& report);

    Stand& stand_;
    const SteadyClock& clock_;
    std::mt19937_64 chance_;
    std::optional<Door> door_;
    std::vector<Run> before_;
};

}  // namespace salus::cli::torture
