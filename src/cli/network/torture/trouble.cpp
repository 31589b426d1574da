#include "cli/network/torture/trouble.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <numeric>

#include "node/platform.hpp"

namespace salus::cli::network {
namespace {

using namespace std::chrono_literals;

constexpr auto kMendLookEvery = 50ms;
/// A node that starts may wait for others to certify its newest blocks.
constexpr auto kMendPatience = 150s;
constexpr std::uint64_t kDurationMsMin = 1500;
constexpr std::uint64_t kDurationMsMore = 8000;
constexpr std::uint64_t kDelayMsMax = 400;

/// The CometBFT of a node is its only child. Source: proc(5)
std::optional<pid_t> engine_of(pid_t node) {
    std::error_code error;
    for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", node), error)) {
        std::ifstream children(task.path() / "children");
        if (pid_t child = 0; children >> child) return child;
    }
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

}  // namespace

std::vector<std::string> Troubles::some(std::size_t count) {
    std::vector<std::string> names = folder_.names();
    for (std::size_t i = 0; i < count; ++i) std::swap(names[i], names[i + draw(names.size() - i)]);
    names.resize(count);
    std::ranges::sort(names);
    return names;
}

std::chrono::milliseconds Troubles::duration() {
    return std::chrono::milliseconds(kDurationMsMin + draw(kDurationMsMore));
}

Result<std::string> Troubles::begin() {
    const std::size_t nodes = folder_.nodes().size();
    const std::size_t few = std::max<std::size_t>(1, tolerated());
    struct Kind {
        std::string_view name;
        std::function<Result<std::string>()> begin;
    };
    const std::array<Kind, 11> kinds{{
        {"node killed", [&] { return kill_some(few, Wanted::kKilled); }},
        {"node stopped", [&] { return kill_some(few, Wanted::kStopped); }},
        {"all nodes killed", [&] { return kill_some(nodes, Wanted::kKilled); }},
        {"engine killed", [&] { return kill_engine(); }},
        {"node frozen", [&] { return freeze(false); }},
        {"engine frozen", [&] { return freeze(true); }},
        {"minority cut off", [&] { return cut(some(few), false); }},
        {"cut into halves", [&] { return cut(some(nodes / 2), false); }},
        {"not heard", [&] { return cut(some(few), true); }},
        {"delayed", [&] { return slow(); }},
        {"killed while cut",
         [&]() -> Result<std::string> {
             SALUS_TRY(const std::string first, cut(some(nodes / 2), false));
             SALUS_TRY(const std::string second, kill_some(1, Wanted::kKilled));
             return first + "; " + second;
         }},
    }};
    const Kind& kind = kinds.at(draw(kinds.size()));
    ++counts_[std::string(kind.name)];
    return kind.begin();
}

Status Troubles::wait_for(const std::function<bool()>& done, const std::string& what) {
    const auto begun = clock_.now();
    while (!done()) {
        if (clock_.now() - begun > kMendPatience) return fail(ErrorCode::kTimeout, what);
        node::pause(kMendLookEvery);
    }
    return {};
}

Result<std::string> Troubles::kill_some(std::size_t count, Wanted how) {
    const auto names = some(count);
    for (const std::string& name : names) SALUS_TRY_STATUS(folder_.want(name, how));
    for (const std::string& name : names)
        SALUS_TRY_STATUS(wait_for([&] { return folder_.state(name).pid == 0; }, name + " does not end"));
    return fmt::format("{} {}", joined(names), how == Wanted::kKilled ? "killed" : "stopped");
}

Result<std::string> Troubles::kill_engine() {
    const NodePlace& node = any();
    const auto engine = engine_of(folder_.state(node.name).pid);
    if (!engine) return fail(ErrorCode::kNotFound, node.name + " has no engine");
    (void)::kill(*engine, SIGKILL);
    return "the engine of " + node.name + " killed";
}

Result<std::string> Troubles::freeze(bool engine) {
    const NodePlace& node = any();
    const pid_t pid = folder_.state(node.name).pid;
    const auto process = engine ? engine_of(pid) : std::optional(pid);
    if (!process || *process == 0) return fail(ErrorCode::kNotFound, node.name + " does not run");
    (void)::kill(*process, SIGSTOP);
    frozen_.push_back(*process);
    return (engine ? "the engine of " : "") + node.name + " frozen";
}

Result<std::string> Troubles::cut(const std::vector<std::string>& group, bool one_way) {
    SALUS_TRY(const Faults faults, partitioned({}, {group}, folder_.names(), one_way));
    SALUS_TRY_STATUS(folder_.want_faults(faults));
    return joined(group) + (one_way ? " not heard" : " cut off");
}

Result<std::string> Troubles::slow() {
    const auto names = some(1 + draw(folder_.nodes().size()));
    const std::chrono::milliseconds late(1 + draw(kDelayMsMax));
    SALUS_TRY_STATUS(folder_.want_faults(delayed({}, names, folder_.names(), late)));
    return fmt::format("{} {} ms late", joined(names), late.count());
}

Status Troubles::end() {
    for (const pid_t process : frozen_) (void)::kill(process, SIGCONT);
    frozen_.clear();
    SALUS_TRY_STATUS(folder_.want_faults({}));
    const auto& nodes = folder_.nodes();
    // A node may have ended by itself with its engine, or while it was cut off.
    const auto state = [this](const NodePlace& node) { return folder_.state(node.name).state; };
    for (const NodePlace& node : nodes) {
        if (state(node) == "ended") SALUS_TRY_STATUS(folder_.say(node.name, {"stopped", {}, 0}));
        SALUS_TRY_STATUS(folder_.want(node.name, Wanted::kRunning));
    }
    for (const NodePlace& node : nodes)
        SALUS_TRY_STATUS(wait_for([&] { return state(node) == "running" || state(node) == "ended"; },
                                  node.name + " does not start"));
    for (const NodePlace& node : nodes)
        if (state(node) != "running") return fail(ErrorCode::kUnavailable, node.name + " does not start");
    return {};
}

}  // namespace salus::cli::network
