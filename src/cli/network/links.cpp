#include "cli/network/links.hpp"

#include <charconv>

namespace salus::cli::network {
namespace {

/// Of "HOST:PORT".
Result<std::uint16_t> port_of(std::string_view address) {
    const std::string_view digits = address.substr(address.rfind(':') + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size())
        return fail(ErrorCode::kConfig, "\"" + std::string(address) + "\" names no port");
    return port;
}

}  // namespace

Result<NodeLinks> NodeLinks::open(const NetworkFolder& folder) {
    NodeLinks links;
    std::vector<transport::Links::Route> routes;
    for (const LinkPlace& link : folder.links()) {
        SALUS_TRY(const NodePlace* const to, folder.node(link.to));
        SALUS_TRY(const std::uint16_t target, port_of(to->config.cometbft_p2p));
        routes.push_back({link.port, target});
        links.ways_.emplace_back(link.from, link.to);
    }
    links.threads_ = std::make_unique<node::OsThreads>();
    SALUS_TRY(links.links_, transport::Links::open(routes, *links.threads_));
    return links;
}

Status NodeLinks::settle(const NetworkFolder& folder) {
    SALUS_TRY(Faults wanted, folder.wanted_faults());
    if (wanted == faults_) return {};
    const auto fault = [&wanted](const std::string& from, const std::string& to) {
        const auto found = wanted.find({from, to});
        return found == wanted.end() ? transport::LinkFault{} : found->second;
    };
    for (std::size_t i = 0; i < ways_.size(); ++i) {
        const auto& [from, to] = ways_[i];
        links_->set(i, fault(from, to), fault(to, from));
    }
    faults_ = std::move(wanted);
    return folder.say_faults(faults_);
}

}  // namespace salus::cli::network
