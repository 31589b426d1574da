#include "node/init.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "application/consent/policy.hpp"
#include "application/keys/key_provider.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "node/config.hpp"
#include "node/layout.hpp"
#include "node/organisation_folder.hpp"

namespace salus::node {
namespace {

using governance::OrganisationKind;

constexpr auto kKinds = std::to_array<std::pair<std::string_view, OrganisationKind>>({
    {"hospital", OrganisationKind::kHospital},
    {"laboratory", OrganisationKind::kLaboratory},
    {"pharmacy", OrganisationKind::kPharmacy},
    {"manufacturer", OrganisationKind::kManufacturer},
    {"sponsor", OrganisationKind::kSponsor},
    {"payer", OrganisationKind::kPayer},
    {"regulator", OrganisationKind::kRegulator},
    {"other", OrganisationKind::kOther},
});

Status check_folder(const std::filesystem::path& directory) {
    std::error_code error;
    if (std::filesystem::exists(config_file(directory), error))
        return fail(ErrorCode::kConflict, "there is a node in " + directory.string() + " already");
    if (std::filesystem::exists(directory, error) && !std::filesystem::is_empty(directory, error))
        return fail(ErrorCode::kConflict, directory.string() + " is not empty: name a folder that is new, or empty it");
    return {};
}

Status check(const std::vector<InitNode>& nodes) {
    std::set<std::string> slugs;
    for (const InitNode& node : nodes) {
        if (node.organisations.empty()) return fail(ErrorCode::kUsage, "a node has at least one organisation");
        for (const InitOrganisation& organisation : node.organisations)
            if (!slugs.insert(organisation.slug).second)
                return fail(ErrorCode::kUsage, "two organisations are called " + organisation.slug);
        SALUS_TRY_STATUS(check_folder(node.directory));
    }
    return {};
}

/// Makes an organisation's folder with its keys, and what the genesis says of it.
Result<GenesisMember> make_organisation(const std::filesystem::path& directory, const InitOrganisation& organisation,
                                        Random& random) {
    SALUS_TRY(const OrganisationKeys keys,
              make_organisation_folder(organisation_folder(directory, organisation.slug), organisation.name, random));
    return GenesisMember{keys.founding,
                         {keys.id(), organisation.kind, organisation.licences, organisation.jurisdiction}};
}

/// One default policy for each jurisdiction that a member names.
std::vector<GenesisPolicy> policies_for(const std::vector<GenesisMember>& members) {
    std::vector<std::string> jurisdictions;
    for (const GenesisMember& member : members) jurisdictions.push_back(member.admission.jurisdiction);
    std::ranges::sort(jurisdictions);
    jurisdictions.erase(std::unique(jurisdictions.begin(), jurisdictions.end()), jurisdictions.end());
    std::vector<GenesisPolicy> policies;
    for (std::string& jurisdiction : jurisdictions) {
        Bytes document = to_bytes(application::default_policy_document(jurisdiction));
        policies.push_back({std::move(jurisdiction), 1, std::move(document)});
    }
    return policies;
}

/// A node's folder that lacks the genesis and its configuration.
struct Begun {
    std::filesystem::path directory;
    NodeConfig config;
    Validator validator;

    /// As CometBFT names it among its peers, reached at `address`.
    [[nodiscard]] std::string peer(const std::string& address) const {
        return to_hex(validator_id(validator.key).bytes) + "@" + address;
    }
    [[nodiscard]] std::string peer() const { return peer(config.cometbft_p2p); }
};

/// Makes the keys of a node and of its organisations, which become `members`.
Result<Begun> begin_node(const InitNode& node, std::vector<GenesisMember>& members, Random& random) {
    SALUS_TRY_STATUS(make_directory(node.directory));
    Begun begun;
    begun.directory = node.directory;
    begun.config.listen = node.listen;
    if (!node.cometbft_rpc.empty()) begun.config.cometbft_rpc = node.cometbft_rpc;
    if (!node.cometbft_p2p.empty()) begun.config.cometbft_p2p = node.cometbft_p2p;
    begun.config.exchange_listen = node.exchange;
    begun.config.operator_passphrase_file = "operator.passphrase";
    for (const InitOrganisation& organisation : node.organisations) {
        SALUS_TRY(GenesisMember member, make_organisation(node.directory, organisation, random));
        begun.config.organisations.push_back(
            {organisation.slug, member.account.id(), "orgs/" + organisation.slug + "/passphrase"});
        members.push_back(std::move(member));
    }
    const crypto::SigningKey operator_key = crypto::SigningKey::generate(random);
    SALUS_TRY(const auto master,
              application::create_passphrase_file(node.directory / begun.config.operator_passphrase_file, random));
    SALUS_TRY_STATUS(write_operator_key(operator_key_file(node.directory), operator_key, master->key(), random));
    begun.validator = {Signer::of(operator_key.public_key()), 1, begun.config.organisations.front().account};
    return begun;
}

std::string peers_of(std::size_t node, const std::vector<Begun>& all, const InitOptions& options) {
    std::string peers;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i == node) continue;
        const auto& other = all[i];
        peers += (peers.empty() ? "" : ",") +
                 other.peer(options.reached_at ? options.reached_at(node, i) : other.config.cometbft_p2p);
    }
    return peers;
}

/// Each other node's organisations, where that node listens for others.
std::vector<CustodianConfig> custodians_of(const Begun& node, const std::vector<Begun>& all) {
    std::vector<CustodianConfig> custodians;
    for (const Begun& other : all)
        if (&other != &node && !other.config.exchange_listen.empty())
            for (const OrganisationConfig& served : other.config.organisations)
                custodians.push_back({served.slug, served.account, "https://" + other.config.exchange_listen});
    return custodians;
}

}  // namespace

Result<Initialised> initialise(const InitOptions& options, Random& random, const WallClock& clock) {
    return initialise_network(options, {{options.directory, options.listen, {}, {}, options.organisations}}, random,
                              clock);
}

Result<Initialised> initialise_network(const InitOptions& options, const std::vector<InitNode>& nodes, Random& random,
                                       const WallClock& clock) {
    SALUS_TRY_STATUS(check(nodes));
    Genesis genesis;
    genesis.name = options.network_name;
    genesis.time_ms = clock.now_ms();
    genesis.mode = options.mode;
    genesis.parameters = options.parameters;
    // One owner divides the power as it likes.
    const bool limit_said = std::ranges::count(genesis.parameters, governance::Parameter::kPowerLimit,
                                               &governance::SetParameter::parameter) != 0;
    if (options.mode == NetworkMode::kPrivate && !limit_said)
        genesis.parameters.push_back({governance::Parameter::kPowerLimit, 0});
    genesis.salt = random.bytes<16>();
    genesis.era.engine = options.engine;
    // The network's id comes of the genesis, in which this stands already: its salt names it as well.
    if (options.engine == EngineKind::kCometBft)
        genesis.era.chain_id = "salus-" + to_hex(ByteView(genesis.salt).first(8)) + "-1";
    std::vector<Begun> begun;
    for (const InitNode& node : nodes) {
        SALUS_TRY(begun.emplace_back(), begin_node(node, genesis.members, random));
        genesis.era.validators.push_back(begun.back().validator);
    }
    genesis.policies = policies_for(genesis.members);

    const Bytes bytes = codec::encode(genesis);
    SALUS_TRY(const Genesis checked, parse_genesis(bytes));
    for (std::size_t i = 0; i < begun.size(); ++i) {
        Begun& node = begun[i];
        node.config.cometbft_peers = peers_of(i, begun, options);
        // What peers tell of a node is where it listens, and not how this one is to reach it.
        if (options.reached_at) node.config.cometbft_calls = PeersCalled::kNamed;
        node.config.custodians = custodians_of(node, begun);
        SALUS_TRY_STATUS(write_file(genesis_file(node.directory), bytes));
        // Last, so that a folder half made is no node.
        SALUS_TRY_STATUS(write_file(config_file(node.directory), as_bytes(to_toml(node.config)), FileMode::kPrivate));
    }
    return Initialised{checked, checked.network_id()};
}

Result<Joined> initialise_joining(const JoinOptions& options, Random& random) {
    SALUS_TRY(const Genesis genesis, parse_genesis(options.genesis));
    if (genesis.era.engine != EngineKind::kCometBft)
        return fail(ErrorCode::kUsage, "that network has one operator: no node can join it");
    if (options.peers.empty()) return fail(ErrorCode::kUsage, "name at least one peer: ID@HOST:PORT");
    SALUS_TRY_STATUS(check({options.node}));
    std::vector<GenesisMember> members;
    SALUS_TRY(Begun node, begin_node(options.node, members, random));
    node.config.cometbft_peers = options.peers;
    SALUS_TRY_STATUS(write_file(genesis_file(node.directory), options.genesis));
    SALUS_TRY_STATUS(write_file(config_file(node.directory), as_bytes(to_toml(node.config)), FileMode::kPrivate));
    Joined joined{genesis, {}, node.validator.key, node.peer()};
    for (const GenesisMember& member : members) joined.organisations.push_back(member.admission.account);
    return joined;
}

Result<crypto::SigningKey> open_operator_key(const std::filesystem::path& directory, Random& random) {
    SALUS_TRY(const NodeConfig config, read_config(config_file(directory)));
    SALUS_TRY(const auto master,
              application::open_passphrase_file(directory / config.operator_passphrase_file, random));
    return read_operator_key(operator_key_file(directory), master->key());
}

Result<OrganisationKind> organisation_kind(std::string_view name) {
    std::string choices;
    for (const auto& [kind_name, kind] : kKinds) {
        if (kind_name == name) return kind;
        choices += (choices.empty() ? "" : ", ") + std::string(kind_name);
    }
    return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" is no kind of organisation; there are " + choices);
}

std::string_view organisation_kind_name(OrganisationKind kind) {
    for (const auto& [name, value] : kKinds)
        if (value == kind) return name;
    return "other";
}

}  // namespace salus::node
