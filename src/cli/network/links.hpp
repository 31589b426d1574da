#pragma once

#include "cli/network/faults.hpp"
#include "cli/network/folder.hpp"
#include "node/platform.hpp"

namespace salus::cli::network {

/// The links over which the nodes of a network reach one another's CometBFT, held and slowed as it is wanted.
class NodeLinks {
public:
    /// Errors: kIo where a port is taken
    static Result<NodeLinks> open(const NetworkFolder& folder);
    /// Makes them what is wanted, and says so. Errors: kIo, kCorrupt
    Status settle(const NetworkFolder& folder);

private:
    NodeLinks() = default;

    std::vector<std::pair<std::string, std::string>> ways_;  ///< of each route, who connects and to whom
    std::unique_ptr<node::OsThreads> threads_;
    std::unique_ptr<transport::Links> links_;
    Faults faults_;
};

}  // namespace salus::cli::network
