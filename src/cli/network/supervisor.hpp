#pragma once

#include "cli/network/folder.hpp"
#include "cli/serving_node.hpp"

namespace salus::cli::network {

/// Runs the nodes of a network, each as a process of its own, as they are wanted. All by one thread, which lives as
/// long as they: a child ends with the thread that started it (ChildProcess).
class Supervisor {
public:
    /// `tell`: a line for whoever watches
    Supervisor(const NetworkFolder& folder, std::function<void(const std::string&)> tell)
        : folder_(folder), tell_(std::move(tell)) {}
    ~Supervisor() { stop(); }
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// Makes each node what it is wanted to be. One that does not start is told, and not tried again until somebody
    /// asks for it. Errors: kUnavailable, naming those; kIo
    Status settle();
    /// Asks all to end, and waits.
    void stop();

private:
    Status notice_end(const NodePlace& node);
    Result<bool> launch(const NodePlace& node);
    Result<bool> serves(const NodePlace& node);
    Status give_up(const NodePlace& node, const Error& why);
    Status end(const NodePlace& node, Wanted wanted);

    const NetworkFolder& folder_;
    const std::function<void(const std::string&)> tell_;
    std::map<std::string, ServingNode> running_;
};

}  // namespace salus::cli::network
