#include "cli/demo/nodes.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "cli/answers.hpp"

namespace salus::cli::demo {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::size_t kDemoNodes = 4;
/// `network up` takes as many ports in a row, and as many this far above, and twice, and three times; four times as far
/// one for each link between two of them.
constexpr std::size_t kPortsApart = 1000;
constexpr std::size_t kPortRanges = 4;
constexpr std::size_t kFirstPort = 8480;
constexpr std::size_t kLastPort = 9400;

bool port_is_free(std::size_t port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    // As a server does, so that connections that have ended do not count.
    const int yes = 1;
    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    address.sin_port = ::htons(static_cast<std::uint16_t>(port));
    const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    ::close(probe);
    return bound;
}

/// Errors: kUnavailable
Result<std::size_t> free_ports() {
    for (std::size_t first = kFirstPort; first <= kLastPort; first += kDemoNodes) {
        bool all = true;
        for (std::size_t i = 0; all && i < kDemoNodes * kPortRanges; ++i)
            all = port_is_free(first + i % kDemoNodes + i / kDemoNodes * kPortsApart);
        for (std::size_t i = 0; all && i < kDemoNodes * kDemoNodes; ++i)
            all = port_is_free(first + kPortRanges * kPortsApart + i);
        if (all) return first;
    }
    return fail(ErrorCode::kUnavailable, "no ports are free for a network of " + std::to_string(kDemoNodes) + " nodes");
}

}  // namespace

std::vector<std::string> Nodes::starting(const std::filesystem::path& folder) const {
    if (several_)
        return {"network", "up",
                "--dir",   folder.string(),
                "--nodes", std::to_string(kDemoNodes),
                "--port",  std::to_string(first_port_)};
    return {"node", "--dir", folder.string(), "--listen", listen_};
}

Status Nodes::start(const std::filesystem::path& folder) {
    return several_ ? start_network(folder) : start_one(folder);
}

Status Nodes::start_one(const std::filesystem::path& folder) {
    SALUS_TRY(one_, ServingNode::start(folder, listen_, log_));
    url_ = one_->url();
    listen_ = url_.substr(url_.find("//") + 2);
    return {};
}

Status Nodes::start_network(const std::filesystem::path& folder) {
    constexpr auto kPatience = 180s;
    if (first_port_ == 0) {
        SALUS_TRY(first_port_, free_ports());
    }
    auto command = starting(folder);
    command.emplace_back("--json");
    SALUS_TRY(network_, node::ChildProcess::start(node::this_program(), command, log_));
    const auto line = network_->line(kPatience);
    if (!line) return fail(ErrorCode::kUnavailable, "the network did not come up; see " + log_.string(), line.error());
    boost::system::error_code error;
    const json::value said = json::parse(*line, error);
    for (const json::value& one : list_of(said, "nodes")) {
        SALUS_TRY(const std::string name, text_of(one, "node"));
        SALUS_TRY(urls_[name], text_of(one, "url"));
    }
    if (urls_.size() != kDemoNodes) return fail(ErrorCode::kUnavailable, "the network said something else: " + *line);
    url_ = urls_.begin()->second;
    return {};
}

void Nodes::stop() {
    if (one_) one_->process().stop(30s);
    if (network_) network_->stop(60s);
    one_.reset();
    network_.reset();
}

void Nodes::kill() {
    if (one_) one_->process().kill();
    one_.reset();
}

const std::string& Nodes::url(const std::string& slug) const {
    const auto found = urls_.find(slug);
    return found == urls_.end() ? url_ : found->second;
}

}  // namespace salus::cli::demo
