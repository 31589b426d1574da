#include "cli/network/supervisor.hpp"

#include "node/platform.hpp"

namespace salus::cli::network {
namespace {

constexpr std::chrono::seconds kStopPatience{30};

}  // namespace

Status Supervisor::settle() {
    std::vector<const NodePlace*> launched;
    std::string failed;
    const auto note = [&failed](const NodePlace& node) { failed += (failed.empty() ? "" : ", ") + node.name; };
    for (const NodePlace& node : folder_.nodes()) {
        SALUS_TRY_STATUS(notice_end(node));
        const Wanted wanted = folder_.wanted(node.name);
        const bool runs = running_.contains(node.name);
        if (runs && wanted != Wanted::kRunning) SALUS_TRY_STATUS(end(node, wanted));
        if (runs || wanted != Wanted::kRunning) continue;
        SALUS_TRY(const bool begun, launch(node));
        begun ? launched.push_back(&node) : note(node);
    }
    // Only now: a node that starts waits for blocks that it can decide with others alone.
    for (const NodePlace* node : launched) {
        SALUS_TRY(const bool good, serves(*node));
        if (!good) note(*node);
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

Result<bool> Supervisor::launch(const NodePlace& node) {
    SALUS_TRY_STATUS(folder_.say(node.name, {"starting", {}, 0}));
    auto launched = ServingNode::launch(node.directory, node.config.listen, folder_.log(node.name));
    if (launched) {
        running_.emplace(node.name, *std::move(launched));
        return true;
    }
    SALUS_TRY_STATUS(give_up(node, launched.error()));
    return false;
}

Result<bool> Supervisor::serves(const NodePlace& node) {
    ServingNode& launched = running_.at(node.name);
    if (const Status serving = launched.serves(); !serving) {
        SALUS_TRY_STATUS(give_up(node, serving.error()));
        running_.erase(node.name);
        return false;
    }
    tell_(node.name + " serves " + launched.url());
    SALUS_TRY_STATUS(folder_.say(node.name, {"running", launched.url(), launched.process().pid()}));
    return true;
}

Status Supervisor::give_up(const NodePlace& node, const Error& why) {
    tell_(node.name + " does not start: " + why.to_string());
    SALUS_TRY_STATUS(folder_.want(node.name, Wanted::kStopped));
    return folder_.say(node.name, {"ended", {}, 0});
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
