#pragma once

#include <map>
#include <optional>

#include "cli/serving_node.hpp"

namespace salus::cli::demo {

/// The nodes on which the story is played, beside this process: one for all organisations, or a network in which each
/// has its own. A network is run by `salus network up`, so that the other commands of that group are good for it.
class Nodes {
public:
    /// `several`: a network, which is made at the first start. What they say goes to the file `log`.
    Nodes(bool several, std::filesystem::path log) : several_(several), log_(std::move(log)) {}

    [[nodiscard]] bool several() const noexcept { return several_; }
    /// All of them, at every start where they were at the first. Errors: kUnavailable
    Status start(const std::filesystem::path& folder);
    /// How one starts them in a shell.
    [[nodiscard]] std::vector<std::string> starting(const std::filesystem::path& folder) const;
    void stop();
    /// As a crash does. Of a network `salus network kill` ends one.
    void kill();
    /// Where the node of that organisation serves; the first one's where there is none of its own.
    [[nodiscard]] const std::string& url(const std::string& slug) const;

private:
    Status start_network(const std::filesystem::path& folder);
    Status start_one(const std::filesystem::path& folder);

    bool several_;
    std::filesystem::path log_;
    std::string listen_ = "127.0.0.1:0";
    std::size_t first_port_ = 0;  ///< of a network
    std::optional<ServingNode> one_;
    std::optional<node::ChildProcess> network_;
    std::string url_;
    std::map<std::string, std::string> urls_;
};

}  // namespace salus::cli::demo
