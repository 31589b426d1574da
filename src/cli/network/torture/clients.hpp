#pragma once

#include <atomic>
#include <memory>

#include "cli/command.hpp"
#include "cli/network/folder.hpp"
#include "cli/network/torture/history.hpp"
#include "node/organisation_keys.hpp"
#include "node/platform.hpp"

namespace salus::cli::network {

/// Clients of a network, two of each node's organisation, from the construction until the end: they attest grants and
/// revoke them; send some of them to two nodes at once; send what was not answered to another node again; and look at
/// each node whether it shows what they have seen there.
class Clients {
public:
    /// Pre: all outlive it; the network is up. Errors: those of the organisations' folders
    static Result<std::unique_ptr<Clients>> start(const NetworkFolder& folder, History& history, std::uint64_t seed,
                                                  Environment& environment);
    ~Clients() { end(); }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    /// Lets each finish what it has begun.
    void end();

private:
    Clients() = default;

    std::vector<node::OrganisationKeys> keys_;
    std::atomic<bool> over_{false};
    std::unique_ptr<node::ThreadPool> pool_;
};

}  // namespace salus::cli::network
