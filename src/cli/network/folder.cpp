#include "cli/network/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "base/file.hpp"
#include "node/layout.hpp"

namespace salus::cli::network {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> kWantedNames{"running", "stopped", "killed"};

struct flock whole_file(short kind) {
    struct flock lock {};
    lock.l_type = kind;
    lock.l_whence = SEEK_SET;
    return lock;
}

Result<Faults> read_faults(const std::filesystem::path& file) {
    const auto said = read_file(file);
    if (!said && said.error().code == ErrorCode::kNotFound) return Faults{};
    if (!said) return fail(said.error());
    return parse_faults(as_text(*said));
}

std::filesystem::path links_file(const std::filesystem::path& directory) { return directory / "links.json"; }

Result<std::vector<LinkPlace>> read_links(const std::filesystem::path& directory) {
    const auto file = links_file(directory);
    std::error_code missing;
    if (!std::filesystem::exists(file, missing)) return std::vector<LinkPlace>{};
    SALUS_TRY(const Bytes text, read_file(file));
    boost::system::error_code error;
    const json::value value = json::parse(as_text(text), error);
    const json::array* all = error ? nullptr : value.if_array();
    std::vector<LinkPlace> links;
    for (std::size_t i = 0; all != nullptr && i < all->size(); ++i) {
        const json::object* link = all->at(i).if_object();
        const auto* from = link != nullptr && link->contains("from") ? link->at("from").if_string() : nullptr;
        const auto* to = link != nullptr && link->contains("to") ? link->at("to").if_string() : nullptr;
        const auto* port = link != nullptr && link->contains("port") ? link->at("port").if_int64() : nullptr;
        if (from == nullptr || to == nullptr || port == nullptr || *port < 1 || *port > 65'535) all = nullptr;
        if (all != nullptr) links.push_back({std::string(*from), std::string(*to), static_cast<std::uint16_t>(*port)});
    }
    if (all == nullptr) return fail(ErrorCode::kCorrupt, file.string() + " does not list the links between nodes");
    return links;
}

}  // namespace

std::string_view name_of(Wanted wanted) { return kWantedNames.at(static_cast<std::size_t>(wanted)); }

Result<NetworkFolder> NetworkFolder::open(const std::filesystem::path& directory) {
    NetworkFolder folder(directory);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        const auto file = node::config_file(entry.path());
        if (!std::filesystem::exists(file, error)) continue;
        SALUS_TRY(auto config, node::read_config(file));
        folder.nodes_.push_back({entry.path().filename(), entry.path(), std::move(config)});
    }
    if (folder.nodes_.empty()) return fail(ErrorCode::kNotFound, "there is no network in " + directory.string());
    std::ranges::sort(folder.nodes_, {}, &NodePlace::name);
    SALUS_TRY(folder.links_, read_links(directory));
    SALUS_TRY_STATUS(make_directory(folder.told()));
    return folder;
}

Status NetworkFolder::write_links(const std::filesystem::path& directory, const std::vector<LinkPlace>& links) {
    json::array all;
    for (const LinkPlace& link : links)
        all.push_back(json::object{{"from", link.from}, {"to", link.to}, {"port", link.port}});
    return write_file(links_file(directory), as_bytes(json::serialize(all)));
}

std::vector<std::string> NetworkFolder::names() const {
    std::vector<std::string> names;
    for (const NodePlace& node : nodes_) names.push_back(node.name);
    return names;
}

Result<const NodePlace*> NetworkFolder::node(const std::string& name) const {
    std::string names;
    for (const NodePlace& node : nodes_) {
        if (node.name == name) return &node;
        names += (names.empty() ? "" : ", ") + node.name;
    }
    return fail(ErrorCode::kUsage, "there is no node \"" + name + "\"; there are " + names);
}

Status NetworkFolder::want(const std::string& node, Wanted wanted) const {
    return write_file(told() / (node + ".wanted"), as_bytes(name_of(wanted)), FileMode::kPrivate);
}

Wanted NetworkFolder::wanted(const std::string& node) const {
    const auto said = read_file(told() / (node + ".wanted"));
    const auto name = said ? std::ranges::find(kWantedNames, as_text(*said)) : kWantedNames.begin();
    return name == kWantedNames.end() ? Wanted::kRunning : static_cast<Wanted>(name - kWantedNames.begin());
}

Status NetworkFolder::say(const std::string& node, const NodeState& state) const {
    const json::object said{{"state", state.state}, {"url", state.url}, {"pid", state.pid}};
    return write_file(told() / (node + ".state"), as_bytes(json::serialize(said)), FileMode::kPrivate);
}

NodeState NetworkFolder::state(const std::string& node) const {
    const NodeState nothing{"stopped", {}, 0};
    const auto said = holder() != 0 ? read_file(told() / (node + ".state")) : fail(ErrorCode::kNotFound, "");
    if (!said) return nothing;
    boost::system::error_code error;
    const json::value value = json::parse(as_text(*said), error);
    const json::object* object = error ? nullptr : value.if_object();
    if (object == nullptr || !object->contains("state") || !object->contains("url") || !object->contains("pid"))
        return nothing;
    const auto* state = object->at("state").if_string();
    const auto* url = object->at("url").if_string();
    const auto* pid = object->at("pid").if_int64();
    if (state == nullptr || url == nullptr || pid == nullptr) return nothing;
    return {std::string(*state), std::string(*url), static_cast<pid_t>(*pid)};
}

Status NetworkFolder::want_faults(const Faults& faults) const {
    return write_file(told() / "faults.wanted", as_bytes(json::serialize(json_of(faults))), FileMode::kPrivate);
}

Result<Faults> NetworkFolder::wanted_faults() const { return read_faults(told() / "faults.wanted"); }

Status NetworkFolder::say_faults(const Faults& faults) const {
    return write_file(told() / "faults.state", as_bytes(json::serialize(json_of(faults))), FileMode::kPrivate);
}

Result<Faults> NetworkFolder::faults() const {
    if (holder() == 0) return Faults{};
    return read_faults(told() / "faults.state");
}

Status NetworkFolder::hold() const {
    const auto file = told() / "lock";
    // It stays open: the lock ends with the process.
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail(ErrorCode::kIo, "cannot open " + file.string());
    auto lock = whole_file(F_WRLCK);
    const std::string pid = std::to_string(::getpid());
    if (::fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
        ::close(descriptor);
        return fail(ErrorCode::kLocked,
                    "the network in " + directory_.string() + " is up already, by process " + std::to_string(holder()));
    }
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, pid.data(), pid.size(), 0) < 0)
        return fail(ErrorCode::kIo, "cannot write " + file.string());
    return {};
}

pid_t NetworkFolder::holder() const {
    const auto file = told() / "lock";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return 0;
    auto lock = whole_file(F_WRLCK);
    const bool held = ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    ::close(descriptor);
    const auto said = held ? read_file(file) : Result<Bytes>(Bytes{});
    pid_t pid = 0;
    if (said) std::from_chars(as_text(*said).data(), as_text(*said).data() + said->size(), pid);
    return pid;
}

}  // namespace salus::cli::network
