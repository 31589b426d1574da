#pragma once

#include <random>

#include "base/platform/clock.hpp"
#include "cli/network/folder.hpp"

namespace salus::cli::network {

/// What befalls a network, one trouble after another, each drawn by a seed: a node killed, stopped or frozen, its
/// engine killed or frozen, all nodes killed, a minority cut off, halves cut apart, a node that is not heard, delays,
/// and a partition in which a node is killed.
class Troubles {
public:
    /// Pre: both outlive it; `network up` runs the network
    Troubles(const NetworkFolder& folder, const SteadyClock& clock, std::uint64_t seed)
        : folder_(folder), clock_(clock), chance_(seed) {}

    /// Does the next, and says what. Errors: kTimeout where the network does not do what it is asked
    Result<std::string> begin();
    /// How long it lasts.
    [[nodiscard]] std::chrono::milliseconds duration();
    /// Mends it, and starts what does not run. Errors: kUnavailable, naming who does not start
    Status end();

    /// How often each came.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const noexcept { return counts_; }

private:
    std::uint64_t draw(std::uint64_t below) { return chance_() % below; }
    const NodePlace& any() { return folder_.nodes()[draw(folder_.nodes().size())]; }
    /// As many as may fail while the others go on.
    [[nodiscard]] std::size_t tolerated() const noexcept { return (folder_.nodes().size() - 1) / 3; }
    std::vector<std::string> some(std::size_t count);

    Result<std::string> kill_some(std::size_t count, Wanted how);
    Result<std::string> kill_engine();
    Result<std::string> freeze(bool engine);
    Result<std::string> cut(const std::vector<std::string>& group, bool one_way);
    Result<std::string> slow();
    Status wait_for(const std::function<bool()>& done, const std::string& what);

    const NetworkFolder& folder_;
    const SteadyClock& clock_;
    std::mt19937_64 chance_;
    std::vector<pid_t> frozen_;
    std::map<std::string, std::uint64_t> counts_;
};

}  // namespace salus::cli::network
