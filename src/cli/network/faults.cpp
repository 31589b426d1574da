#include "cli/network/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <sstream>

namespace salus::cli::network {
namespace {

namespace json = boost::json;

/// Whatever is well is not in it.
void drop_sound(Faults& faults) {
    std::erase_if(faults, [](const auto& fault) { return fault.second == transport::LinkFault{}; });
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

}  // namespace

Result<std::vector<std::string>> parse_group(const std::string& text, const std::vector<std::string>& nodes) {
    std::vector<std::string> group;
    std::istringstream names(text);
    for (std::string name; std::getline(names, name, ',');) {
        if (!std::ranges::count(nodes, name))
            return fail(ErrorCode::kUsage, "there is no node \"" + name + "\"; there are " + joined(nodes));
        group.push_back(std::move(name));
    }
    if (group.empty()) return fail(ErrorCode::kUsage, "a group needs a node; there are " + joined(nodes));
    return group;
}

Result<Faults> partitioned(Faults faults, const std::vector<std::vector<std::string>>& groups,
                           const std::vector<std::string>& nodes, bool one_way) {
    std::map<std::string, std::size_t> group_of;
    for (std::size_t i = 0; i < groups.size(); ++i)
        for (const std::string& name : groups[i])
            if (!group_of.emplace(name, i).second) return fail(ErrorCode::kUsage, name + " stands twice");
    if (groups.size() < 2 && group_of.size() == nodes.size())
        return fail(ErrorCode::kUsage, "nobody is left to part them from");
    for (auto& [way, fault] : faults) fault.held = false;
    for (const std::string& name : nodes) group_of.emplace(name, groups.size());
    for (const auto& [from, part] : group_of)
        for (const auto& [to, other] : group_of)
            if (part != other && (!one_way || part == 0)) faults[{from, to}].held = true;
    drop_sound(faults);
    return faults;
}

Faults delayed(Faults faults, const std::vector<std::string>& group, const std::vector<std::string>& nodes,
               std::chrono::milliseconds delay) {
    for (auto& [way, fault] : faults) fault.delay = {};
    const std::set<std::string> slow(group.begin(), group.end());
    for (const std::string& from : nodes)
        for (const std::string& to : nodes)
            if (from != to && (slow.contains(from) || slow.contains(to))) faults[{from, to}].delay = delay;
    drop_sound(faults);
    return faults;
}

json::array json_of(const Faults& faults) {
    json::array all;
    for (const auto& [way, fault] : faults)
        all.push_back(json::object{
            {"from", way.first}, {"to", way.second}, {"held", fault.held}, {"delay_ms", fault.delay.count()}});
    return all;
}

Result<Faults> parse_faults(std::string_view text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
    const json::array* all = error ? nullptr : value.if_array();
    const auto corrupt = [] { return fail(ErrorCode::kCorrupt, "these are no faults between nodes"); };
    if (all == nullptr) return corrupt();
    Faults faults;
    for (const json::value& one : *all) {
        const auto* object = one.if_object();
        const auto field = [&](std::string_view name) {
            const json::value* found = object == nullptr ? nullptr : object->if_contains(name);
            return found == nullptr ? json::value() : *found;
        };
        const json::value from = field("from"), to = field("to"), held = field("held"), delay = field("delay_ms");
        if (!from.is_string() || !to.is_string() || !held.is_bool() || !delay.is_int64()) return corrupt();
        faults[{std::string(from.get_string()), std::string(to.get_string())}] = {
            held.get_bool(), std::chrono::milliseconds(delay.get_int64())};
    }
    return faults;
}

std::string text_of(const Faults& faults) {
    std::string cut;
    std::map<std::int64_t, std::size_t> late;
    for (const auto& [way, fault] : faults) {
        if (fault.held) cut += (cut.empty() ? "" : ", ") + way.first + " to " + way.second;
        if (fault.delay.count() > 0) ++late[fault.delay.count()];
    }
    std::string out = cut.empty() ? "" : "cut: " + cut;
    for (const auto& [delay, ways] : late)
        out += fmt::format("{}{} ms late on {} way{}", out.empty() ? "" : "; ", delay, ways, ways == 1 ? "" : "s");
    return out;
}

}  // namespace salus::cli::network
