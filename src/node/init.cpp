#include "node/init.hpp"

#include <algorithm>
#include <array>

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

Status check(const InitOptions& options) {
    if (options.organisations.empty()) return fail(ErrorCode::kUsage, "a network has at least one organisation");
    for (std::size_t i = 0; i < options.organisations.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (options.organisations[i].slug == options.organisations[k].slug)
                return fail(ErrorCode::kUsage, "two organisations are called " + options.organisations[i].slug);
    std::error_code error;
    if (std::filesystem::exists(config_file(options.directory), error))
        return fail(ErrorCode::kConflict, "there is a node in " + options.directory.string() + " already");
    if (std::filesystem::exists(options.directory, error) && !std::filesystem::is_empty(options.directory, error))
        return fail(ErrorCode::kConflict,
                    options.directory.string() + " is not empty: name a folder that is new, or empty it");
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

}  // namespace

Result<Initialised> initialise(const InitOptions& options, Random& random, const WallClock& clock) {
    SALUS_TRY_STATUS(check(options));
    const std::filesystem::path& directory = options.directory;
    SALUS_TRY_STATUS(make_directory(directory));

    Genesis genesis;
    genesis.name = options.network_name;
    genesis.time_ms = clock.now_ms();
    genesis.mode = options.mode;
    genesis.parameters = options.parameters;
    genesis.salt = random.bytes<16>();
    NodeConfig config;
    config.listen = options.listen;
    config.operator_passphrase_file = "operator.passphrase";
    for (const InitOrganisation& organisation : options.organisations) {
        SALUS_TRY(GenesisMember member, make_organisation(directory, organisation, random));
        config.organisations.push_back(
            {organisation.slug, member.account.id(), "orgs/" + organisation.slug + "/passphrase"});
        genesis.members.push_back(std::move(member));
    }
    genesis.policies = policies_for(genesis.members);

    const crypto::SigningKey operator_key = crypto::SigningKey::generate(random);
    SALUS_TRY(const auto master,
              application::create_passphrase_file(directory / config.operator_passphrase_file, random));
    SALUS_TRY_STATUS(write_operator_key(operator_key_file(directory), operator_key, master->key(), random));
    genesis.era.engine = options.engine;
    // The network's id comes of the genesis, in which this stands already: its salt names it as well.
    if (options.engine == EngineKind::kCometBft)
        genesis.era.chain_id = "salus-" + to_hex(ByteView(genesis.salt).first(8)) + "-1";
    genesis.era.validators = {{Signer::of(operator_key.public_key()), 1, genesis.members.front().account.id()}};

    const Bytes bytes = codec::encode(genesis);
    SALUS_TRY(const Genesis checked, parse_genesis(bytes));
    SALUS_TRY_STATUS(write_file(genesis_file(directory), bytes));
    // Last, so that a folder half made is no node.
    SALUS_TRY_STATUS(write_file(config_file(directory), as_bytes(to_toml(config)), FileMode::kPrivate));
    return Initialised{checked, checked.network_id()};
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
