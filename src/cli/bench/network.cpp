#include "cli/bench/network.hpp"

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "node/init.hpp"
#include "node/layout.hpp"

namespace salus::cli::bench {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Adds `count` hospitals to the genesis that `salus init` has written; no node has started from it yet.
Result<NetworkId> add_members(const fs::path& network, std::size_t count, Random& random,
                              std::vector<node::OrganisationKeys>& members) {
    SALUS_TRY(const Bytes bytes, read_file(node::genesis_file(network)));
    SALUS_TRY(Genesis genesis, parse_genesis(bytes));
    for (std::size_t i = 0; i < count; ++i) {
        auto keys = node::new_organisation_keys("Custodian " + std::to_string(i + 2), random);
        genesis.members.push_back({keys.founding, {keys.id(), governance::OrganisationKind::kHospital, {}, "US"}});
        members.push_back(std::move(keys));
    }
    SALUS_TRY_STATUS(write_file(node::genesis_file(network), codec::encode(genesis)));
    return genesis.network_id();
}

}  // namespace

void BenchNetwork::Remove::operator()(const fs::path* folder) const {
    std::error_code ignored;
    fs::remove_all(*folder, ignored);
    delete folder;
}

Result<BenchNetwork> BenchNetwork::make(const std::string& directory, std::size_t members, Environment& environment,
                                        std::size_t served) {
    BenchNetwork made;
    const fs::path parent = directory.empty() ? fs::temp_directory_path() : fs::path(directory);
    made.folder_.reset(new fs::path(parent / ("salus-bench-" + to_hex(environment.random.bytes<4>()))));
    node::InitOptions options;
    options.directory = made.folder() / "network";
    options.network_name = "benchmark";
    using governance::OrganisationKind;
    options.organisations = {{std::string(kSlug), "Custodian 1", OrganisationKind::kHospital, "US", {"acute care"}}};
    if (served == 2)
        options.organisations.push_back(
            {std::string(kReaderSlug), "Reader", OrganisationKind::kHospital, "US", {"acute care"}});
    SALUS_TRY_STATUS(node::initialise(options, environment.random, environment.clock));
    for (const auto& organisation : options.organisations) {
        SALUS_TRY(auto keys, node::open_organisation_folder(
                                 node::organisation_folder(options.directory, organisation.slug), environment.random));
        made.members_.push_back(std::move(keys));
    }
    SALUS_TRY(made.id_, add_members(options.directory, members - served, environment.random, made.members_));
    return made;
}

BenchNetwork::~BenchNetwork() = default;

Status BenchNetwork::start() {
    SALUS_TRY(node_, ServingNode::start(folder() / "network", "127.0.0.1:0", folder() / "node.log"));
    return {};
}

Status BenchNetwork::stop() {
    const int exit = node_->process().stop(60s);
    node_.reset();
    if (exit != kExitGood) return fail(ErrorCode::kInternal, "the node ended with status " + std::to_string(exit));
    return {};
}

void BenchNetwork::kill() {
    node_->process().kill();
    node_.reset();
}

fs::path BenchNetwork::chain() const { return node::chain_folder(folder() / "network"); }

fs::path BenchNetwork::organisation() const {
    return node::organisation_folder(folder() / "network", std::string(kSlug));
}

SessionArguments BenchNetwork::session() const {
    SessionArguments arguments;
    arguments.node = url();
    arguments.folder = organisation().string();
    return arguments;
}

}  // namespace salus::cli::bench
