#pragma once

#include <optional>

#include "cli/command.hpp"
#include "cli/serving_node.hpp"
#include "cli/session.hpp"
#include "model/genesis.hpp"
#include "node/organisation_keys.hpp"

namespace salus::cli::bench {

/// A network made for one benchmark: a new folder below the temporary directory, served by a node process, and removed
/// with the object. The node serves the first member, or the first two; the others are hospitals whose keys only this
/// process has.
class BenchNetwork {
public:
    /// Pre: members >= served; served is 1 or 2
    static Result<BenchNetwork> make(const std::string& directory, std::size_t members, Environment& environment,
                                     std::size_t served = 1);
    BenchNetwork(BenchNetwork&&) noexcept = default;
    BenchNetwork& operator=(BenchNetwork&&) noexcept = default;
    ~BenchNetwork();

    Status start();
    /// Errors: kInternal where the node did not end well
    Status stop();
    /// SIGKILL: what it has not synced is not lost, but it repairs when it starts.
    void kill();

    [[nodiscard]] const std::string& url() const { return node_->url(); }
    [[nodiscard]] pid_t pid() { return node_->process().pid(); }
    [[nodiscard]] const NetworkId& id() const noexcept { return id_; }
    [[nodiscard]] const std::vector<node::OrganisationKeys>& members() const noexcept { return members_; }
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return *folder_; }
    [[nodiscard]] std::filesystem::path chain() const;
    /// The first member's own folder, for commands that act as it.
    [[nodiscard]] std::filesystem::path organisation() const;
    /// To log in at the running node as the first member.
    [[nodiscard]] SessionArguments session() const;

    static constexpr std::string_view kSlug = "custodian";
    static constexpr std::string_view kReaderSlug = "reader";  ///< the second that is served

private:
    struct Remove {
        void operator()(const std::filesystem::path* folder) const;
    };
    BenchNetwork() = default;

    std::unique_ptr<const std::filesystem::path, Remove> folder_;
    NetworkId id_;
    std::vector<node::OrganisationKeys> members_;
    std::optional<ServingNode> node_;
};

}  // namespace salus::cli::bench
