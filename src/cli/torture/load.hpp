#pragma once

#include <atomic>
#include <memory>

#include "base/mutex.hpp"
#include "cli/torture/history.hpp"
#include "cli/torture/stand.hpp"
#include "node/platform.hpp"

namespace salus::cli::torture {

/// The mixed load of one cycle, from its construction until the node is gone: imports, single creates and their
/// updates, consents on paper with reads across that cite them and revocations, reads in the house; each on a thread of
/// its own. A worker whose answer does not come notes what is in doubt, and ends.
class Load {
public:
    /// `name` begins the names of all that is sent. Pre: `door` outlives it
    Load(const Door& door, std::string name, std::uint64_t seed);

    /// Acknowledged so far. Any thread.
    [[nodiscard]] std::uint64_t writes() const { return shared_.records.lock()->run.acknowledged.writes(); }
    /// Waits for the workers, whom nobody answers any more, and gives what they did. Pre: the node is gone
    Run end();

    /// What the workers have in common.
    struct Records {
        Run run;
        std::size_t consented = 0;  ///< of run.stored, looked at by those who consent
    };
    struct Shared {
        explicit Shared(const Door& to) : door(to) {}
        const Door& door;
        Guarded<Records> records;
        std::atomic<bool> over{false};
    };

private:
    Shared shared_;
    std::unique_ptr<node::ThreadPool> pool_;
};

}  // namespace salus::cli::torture
