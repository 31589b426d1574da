#pragma once

#include <boost/json/object.hpp>

#include "cli/network/folder.hpp"

namespace salus::cli::network {

/// What a node says of itself, as far as it answers.
struct NodeStatus {
    std::string name;
    NodeState state;
    std::optional<std::uint64_t> height;
    std::optional<std::uint64_t> peers;  ///< that its CometBFT is connected to
    std::uint64_t lag = 0;               ///< blocks behind the highest of all
    std::uint64_t queued = 0;
    std::optional<double> block_age_seconds;  ///< of its newest block, by its own clock
    std::string problem;
};

/// Asks all nodes, at the same time.
std::vector<NodeStatus> ask_nodes(const NetworkFolder& folder);
std::string table_of(const std::vector<NodeStatus>& nodes, const Faults& faults);
boost::json::object json_of(const std::vector<NodeStatus>& nodes, const Faults& faults);

}  // namespace salus::cli::network
