#pragma once

#include <filesystem>
#include <string>

#include "node/child_process.hpp"

namespace salus::cli {

/// `salus node` as a process beside this one, for commands that play with a whole network.
class ServingNode {
public:
    /// Serves the node's folder `network` at `listen`; what it says goes to the file `log`.
    /// Errors: kUnavailable where it does not begin to serve
    static Result<ServingNode> start(const std::filesystem::path& network, const std::string& listen,
                                     const std::filesystem::path& log);
    /// The same, but returns before it serves: nodes of one network may wait for one another. Errors: kIo
    static Result<ServingNode> launch(const std::filesystem::path& network, const std::string& listen,
                                      const std::filesystem::path& log);
    /// Waits until what was launched serves. Errors: kUnavailable
    Status serves();

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] node::ChildProcess& process() noexcept { return process_; }

private:
    ServingNode(node::ChildProcess process, std::filesystem::path log)
        : process_(std::move(process)), log_(std::move(log)) {}

    node::ChildProcess process_;
    std::filesystem::path log_;
    std::string url_;
};

}  // namespace salus::cli
