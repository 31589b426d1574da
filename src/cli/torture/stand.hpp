#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "cli/serving_node.hpp"
#include "cli/session.hpp"
#include "node/organisation_keys.hpp"

namespace salus::cli::torture {

/// How clients reach the two organisations of a node that runs.
struct Door {
    std::string url;
    AccountId custodian;
    AccountId reader;
    std::string custodian_token;  ///< of its machine
    std::string reader_token;     ///< of a physician
    TimeMs consents_until_ms = 0;

    Result<Api> custodian_api() const;
    Result<Api> reader_api() const;
    static std::string at_custodian(std::string_view path) { return "/orgs/custodian" + std::string(path); }
    static std::string at_reader(std::string_view path) { return "/orgs/reader" + std::string(path); }
};

/// A network of its own, whose only node is a process that may be killed: a custodian and an organisation that reads
/// there, in a new folder that is removed with the object, unless it is kept.
class Stand {
public:
    /// Makes the folder below `parent`, or below the system's temporary directory where that is empty.
    static Result<std::unique_ptr<Stand>> make(const std::string& parent, Environment& environment);
    ~Stand();
    Stand(const Stand&) = delete;
    Stand& operator=(const Stand&) = delete;

    Status start();
    /// Starts the node and kills it after `delay`, wherever its repair has come to by then.
    Status start_and_kill(std::chrono::milliseconds delay);
    /// SIGKILL.
    void kill();
    /// Errors: kInternal where the node did not end well
    Status stop();
    /// Logs in at the running node.
    Result<Door> open_door();
    /// What the node has written to its log since its last start.
    [[nodiscard]] std::vector<std::string> log() const;

    void keep() noexcept { kept_ = true; }
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
    [[nodiscard]] std::filesystem::path network() const { return folder_ / "network"; }

private:
    Stand(Environment& environment, std::filesystem::path folder, const NetworkId& id, node::OrganisationKeys custodian,
          node::OrganisationKeys reader)
        : environment_(environment),
          folder_(std::move(folder)),
          id_(id),
          custodian_(std::move(custodian)),
          reader_(std::move(reader)) {}
    [[nodiscard]] std::filesystem::path log_file() const { return folder_ / "node.log"; }
    void mark_log();

    Environment& environment_;
    const std::filesystem::path folder_;
    const NetworkId id_;
    const node::OrganisationKeys custodian_;
    const node::OrganisationKeys reader_;
    std::optional<ServingNode> node_;
    std::uintmax_t log_begin_ = 0;
    bool kept_ = false;
};

}  // namespace salus::cli::torture
