#include "cli/network/supervisor.hpp"

#include "node/platform.hpp"

namespace salus::cli::network {
namespace {

constexpr std::chrono::seconds kStopPatience{30};

}  // namespace

Status Supervisor::settle() {
    std::string failed;
    for (const NodePlace& node : folder_.nodes()) {
        SALUS_TRY_STATUS(notice_end(node));
        const Wanted wanted = folder_.wanted(node.name);
        const bool runs = running_.contains(node.name);
        if (runs && wanted != Wanted::kRunning) SALUS_TRY_STATUS(end(node, wanted));
        if (runs || wanted != Wanted::kRunning) continue;
        SALUS_TRY(const bool started, start(node));
        if (!started) failed += (failed.empty() ? "" : ", ") + node.name;
    }
    if (!failed.empty()) return fail(ErrorCode::kUnavailable, "not all nodes start: " + failed);
    return {};
}

/// Of a node that has ended by itself.
Status Supervisor::notice_end(const NodePlace& node) {
    const auto found = running_.find(node.name);
    if (found == running_.end() || found->second.process().running()) return {};
    running_.erase(found);
    tell_(node.name + " has ended by itself; see " + folder_.log(node.name).string());
    SALUS_TRY_STATUS(folder_.want(node.name, Wanted::kStopped));
    return folder_.say(node.name, {"ended", {}, 0});
}

Result<bool> Supervisor::start(const NodePlace& node) {
    SALUS_TRY_STATUS(folder_.say(node.name, {"starting", {}, 0}));
    auto started = ServingNode::start(node.directory, node.config.listen, folder_.log(node.name));
    if (!started) {
        tell_(node.name + " does not start: " + started.error().to_string());
        SALUS_TRY_STATUS(folder_.want(node.name, Wanted::kStopped));
        SALUS_TRY_STATUS(folder_.say(node.name, {"ended", {}, 0}));
        return false;
    }
    const auto at = running_.emplace(node.name, *std::move(started)).first;
    tell_(node.name + " serves " + at->second.url());
    SALUS_TRY_STATUS(folder_.say(node.name, {"running", at->second.url(), at->second.process().pid()}));
    return true;
}

Status Supervisor::end(const NodePlace& node, Wanted wanted) {
    auto serving = running_.extract(node.name);
    if (wanted == Wanted::kKilled)
        serving.mapped().process().kill();
    else
        serving.mapped().process().stop(kStopPatience);
    tell_(node.name + " is " + std::string(name_of(wanted)));
    return folder_.say(node.name, {std::string(name_of(wanted)), {}, 0});
}

void Supervisor::stop() {
    if (running_.empty()) return;
    std::vector<ServingNode*> nodes;
    for (auto& [name, serving] : running_) nodes.push_back(&serving);
    node::ThreadPool pool(nodes.size());
    pool.parallel_for(nodes.size(), [&](std::size_t i) { nodes[i]->process().stop(kStopPatience); });
    for (const auto& [name, serving] : running_) (void)folder_.say(name, {"stopped", {}, 0});
    running_.clear();
}

}  // namespace salus::cli::network
