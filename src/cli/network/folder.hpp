#pragma once

#include <sys/types.h>

#include <map>
#include <optional>

#include "cli/network/faults.hpp"
#include "node/config.hpp"

namespace salus::cli::network {

/// How a node is to be.
enum class Wanted { kRunning, kStopped, kKilled };

/// What a node is.
struct NodeState {
    std::string state;  ///< "starting", "running", "stopped", "killed", "ended" (by itself)
    std::string url;    ///< where it serves, empty where it does not run
    pid_t pid = 0;
};

struct NodePlace {
    std::string name;
    std::filesystem::path directory;
    node::NodeConfig config;
};

/// Where `from` connects to reach the CometBFT of `to`: a port of `network up`, which can cut that link.
struct LinkPlace {
    std::string from;
    std::string to;
    std::uint16_t port = 0;
};

/// The folder of a network of this machine: each folder in it that has a node.toml is a node's. In its folder
/// `.network` the commands and `network up`, which runs the nodes, tell one another what is wanted and what is:
///
///     lock         held by `network up` while it runs
///     NODE.wanted  how the node is to be; written by commands
///     NODE.state   what it is; written by `network up`
///     NODE.log     what it says
///     faults.wanted, faults.state   of the ways between nodes: the same
///
/// links.json lists the links; a network whose nodes connect without has none.
class NetworkFolder {
public:
    /// Errors: kNotFound where there is no node, kConfig, kCorrupt
    static Result<NetworkFolder> open(const std::filesystem::path& directory);

    [[nodiscard]] const std::vector<NodePlace>& nodes() const noexcept { return nodes_; }
    /// Errors: kUsage, naming those that there are
    [[nodiscard]] Result<const NodePlace*> node(const std::string& name) const;

    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] const std::vector<LinkPlace>& links() const noexcept { return links_; }
    static Status write_links(const std::filesystem::path& directory, const std::vector<LinkPlace>& links);

    Status want(const std::string& node, Wanted wanted) const;
    /// kRunning where nothing has been said.
    [[nodiscard]] Wanted wanted(const std::string& node) const;
    Status say(const std::string& node, const NodeState& state) const;
    /// "stopped" where nothing has been said, or nobody runs the network.
    [[nodiscard]] NodeState state(const std::string& node) const;
    Status want_faults(const Faults& faults) const;
    /// None where nothing has been said. Errors: kIo, kCorrupt
    [[nodiscard]] Result<Faults> wanted_faults() const;
    Status say_faults(const Faults& faults) const;
    /// None where nobody runs the network. Errors: kIo, kCorrupt
    [[nodiscard]] Result<Faults> faults() const;
    [[nodiscard]] std::filesystem::path log(const std::string& node) const { return told() / (node + ".log"); }

    /// Takes the lock for as long as this process lives. Errors: kLocked, kIo
    Status hold() const;
    /// Who holds it, 0 where nobody does.
    [[nodiscard]] pid_t holder() const;

private:
    explicit NetworkFolder(std::filesystem::path directory) : directory_(std::move(directory)) {}
    [[nodiscard]] std::filesystem::path told() const { return directory_ / ".network"; }

    std::filesystem::path directory_;
    std::vector<NodePlace> nodes_;
    std::vector<LinkPlace> links_;
};

std::string_view name_of(Wanted wanted);

}  // namespace salus::cli::network
