#include "cli/network/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/printable.hpp"
#include "node/platform.hpp"
#include "transport/http.hpp"

namespace salus::cli::network {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kAnswerPatience{2};

std::optional<json::object> ask(const std::string& url, const std::string& target) {
    auto client = transport::HttpClient::make(url, kAnswerPatience);
    if (!client) return std::nullopt;
    const auto response = (*client)->request("GET", target);
    if (!response || response->status != 200) return std::nullopt;
    boost::system::error_code error;
    json::value value = json::parse(as_text(response->body), error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

std::optional<std::uint64_t> number_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* number = value->if_int64())
        return *number < 0 ? std::nullopt : std::optional<std::uint64_t>(*number);
    if (const auto* text = value->if_string()) {  // as CometBFT writes them
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (error == std::errc{} && end == text->data() + text->size()) return number;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> peers_of(const std::string& rpc) {
    const auto answer = ask("http://" + rpc, "/net_info");
    const json::value* result = answer ? answer->if_contains("result") : nullptr;
    return result != nullptr && result->is_object() ? number_at(result->get_object(), "n_peers") : std::nullopt;
}

NodeStatus status_of(const NetworkFolder& folder, const NodePlace& node) {
    NodeStatus status;
    status.name = node.name;
    status.state = folder.state(node.name);
    if (status.state.url.empty()) return status;
    const auto said = ask(status.state.url, "/v1/status");
    if (!said) {
        status.problem = "does not answer";
        return status;
    }
    status.height = number_at(*said, "height");
    status.queued = number_at(*said, "queued").value_or(0);
    const auto now_ms = number_at(*said, "node_time_ms");
    const auto block_ms = number_at(*said, "block_time_ms");
    if (now_ms && block_ms && status.height.value_or(0) > 0)
        status.block_age_seconds = static_cast<double>(*now_ms - std::min(*now_ms, *block_ms)) / 1000;
    if (const auto* problem = said->if_contains("problem"); problem != nullptr && problem->is_string())
        status.problem = printable(std::string_view(problem->get_string()));
    status.peers = peers_of(node.config.cometbft_rpc);
    return status;
}

std::string text_of(const std::optional<std::uint64_t>& number) { return number ? std::to_string(*number) : "-"; }

}  // namespace

std::vector<NodeStatus> ask_nodes(const NetworkFolder& folder) {
    const auto& places = folder.nodes();
    std::vector<NodeStatus> nodes(places.size());
    node::ThreadPool pool(places.size());
    pool.parallel_for(places.size(), [&](std::size_t i) { nodes[i] = status_of(folder, places[i]); });
    std::uint64_t highest = 0;
    for (const NodeStatus& node : nodes) highest = std::max(highest, node.height.value_or(0));
    for (NodeStatus& node : nodes) node.lag = highest - node.height.value_or(highest);
    return nodes;
}

std::string table_of(const std::vector<NodeStatus>& nodes, const Faults& faults) {
    std::size_t width = 4;
    for (const NodeStatus& node : nodes) width = std::max(width, node.name.size());
    std::string out = fmt::format("{:{}}  {:9}{:>10}{:>7}{:>7}{:>8}{:>12}  {}\n", "node", width, "state", "height",
                                  "lag", "peers", "queued", "newest", "");
    for (const NodeStatus& node : nodes)
        out += fmt::format("{:{}}  {:9}{:>10}{:>7}{:>7}{:>8}{:>12}  {}\n", node.name, width, node.state.state,
                           text_of(node.height), node.height ? std::to_string(node.lag) : "-", text_of(node.peers),
                           node.height ? std::to_string(node.queued) : "-",
                           node.block_age_seconds ? fmt::format("{:.1f} s ago", *node.block_age_seconds) : "-",
                           node.problem.empty() ? node.state.url : node.problem);
    if (!faults.empty()) out += text_of(faults) + "\n";
    return out;
}

json::object json_of(const std::vector<NodeStatus>& nodes, const Faults& faults) {
    json::array all;
    for (const NodeStatus& node : nodes) {
        json::object one{{"node", node.name}, {"state", node.state.state}, {"problem", node.problem}};
        if (!node.state.url.empty()) one["url"] = node.state.url;
        if (node.state.pid != 0) one["pid"] = node.state.pid;
        if (node.peers) one["peers"] = *node.peers;
        if (node.height) {
            one["height"] = *node.height;
            one["lag"] = node.lag;
            one["queued"] = node.queued;
        }
        if (node.block_age_seconds) one["block_age_seconds"] = *node.block_age_seconds;
        all.push_back(std::move(one));
    }
    return {{"ok", true}, {"nodes", std::move(all)}, {"faults", json_of(faults)}};
}

}  // namespace salus::cli::network
