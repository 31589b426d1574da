// `org` and who orders: the validators of a network of several nodes, and what members propose of them.
#include <fmt/format.h>

#include <map>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "cli/answers.hpp"
#include "cli/chain_state.hpp"
#include "cli/groups.hpp"
#include "cli/votes.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct ListValidatorsArguments {
    SessionArguments session;
    bool history = false;
};

void declare_list_validators(CLI::App& app, ListValidatorsArguments& arguments) {
    declare_node(app, arguments.session);
    app.add_flag("--history", arguments.history,
                 "Every change since the genesis, and whether a vote or evidence made it");
}

using Voters = std::map<Signer, governance::ActiveValidator>;

Voters voters_of(const governance::ValidatorSet& set) {
    Voters voters;
    for (const auto& validator : set.validators) voters.emplace(validator.key, validator);
    return voters;
}

/// "vote", or of a change at the head of its block: "evidence", "era", "genesis".
Result<std::string> cause_of(Api& api, const Place& place, bool same_era) {
    if (place.height == 0) return std::string("genesis");
    SALUS_TRY(const json::value block, api.get("/v1/blocks/" + std::to_string(place.height)));
    if (place.index >= list_of(block, "system").size()) return std::string("vote");
    return std::string(same_era ? "evidence" : "era");
}

Result<Report> validator_history(Api& api) {
    const ChainState chain(api);
    const Bytes key = governance::validator_set_key();
    SALUS_TRY(const auto head, read_value<DecisionHead>(chain, Contract::kGovernance, key));
    OrganisationNames names(api);
    Report report;
    json::array rows;
    Voters before;
    Era era = 0;
    for (std::uint64_t n = 1; head && n <= head->n; ++n) {
        SALUS_TRY(const auto decided, read_decision_at<governance::ValidatorSet>(chain, Contract::kGovernance, key, n));
        SALUS_TRY(const std::string cause, cause_of(api, decided.place, decided.value.era == era));
        Voters now = voters_of(decided.value);
        Voters either = now;
        either.insert(before.begin(), before.end());
        for (const auto& [signer, validator] : either) {
            const auto old = before.find(signer);
            const auto fresh = now.find(signer);
            const std::uint64_t from = old == before.end() ? 0 : old->second.power;
            const std::uint64_t to = fresh == now.end() ? 0 : fresh->second.power;
            if (from == to) continue;
            const std::string id = to_hex(validator_id(signer).bytes);
            const std::string& name = names.of(validator.organisation);
            report.text += fmt::format("block {:<8} {:<8}  {}  {:<24}  {} -> {}\n", decided.place.height, cause, id,
                                       name, from, to);
            rows.push_back(json::object{{"height", decided.place.height},
                                        {"cause", cause},
                                        {"validator", id},
                                        {"name", name},
                                        {"from", from},
                                        {"to", to}});
        }
        before = std::move(now);
        era = decided.value.era;
    }
    report.data = {{"ok", true}, {"changes", std::move(rows)}};
    return report;
}

Result<Report> list_validators(const ListValidatorsArguments& arguments, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    if (arguments.history) return validator_history(api);
    SALUS_TRY(const auto set, read_decision<governance::ValidatorSet>(ChainState(api), Contract::kGovernance,
                                                                      governance::validator_set_key()));
    if (!set || set->value.validators.empty())
        return Report{{{"ok", true}, {"validators", json::array()}},
                      "An operator makes this network's blocks: there are no validators.\n"};
    std::uint64_t all = 0;
    for (const auto& validator : set->value.validators) all += validator.power;
    OrganisationNames names(api);
    Report report;
    report.text =
        fmt::format("{:<40}  {:<24}  {:>10}  {:>6}  {}\n", "validator", "organisation", "power", "share", "since");
    json::array rows;
    for (const auto& [key, power, organisation, since, since_ms] : set->value.validators) {
        const std::string id = to_hex(validator_id(key).bytes);
        const std::string& name = names.of(organisation);
        report.text +=
            fmt::format("{:<40}  {:<24}  {:>10}  {:>5.1f}%  block {}, {}\n", id, name, power,
                        100.0 * static_cast<double>(power) / static_cast<double>(all), since, to_iso_time(since_ms));
        rows.push_back(json::object{{"validator", id},
                                    {"key", to_hex(key.public_key)},
                                    {"organisation", to_address(AccountKind::kOrganisation, organisation)},
                                    {"name", name},
                                    {"power", power},
                                    {"since_height", since},
                                    {"since", to_iso_time(since_ms)}});
    }
    report.data = {{"ok", true}, {"power", all}, {"validators", std::move(rows)}};
    return report;
}

struct ValidatorArguments : ProposalArguments {
    std::string key;
    std::string validator;
    std::uint64_t power = 0;
};

void declare_power(CLI::App& app, ValidatorArguments& arguments) {
    app.add_option("--power", arguments.power, "Its votes; what all have is shown by `org validators`")
        ->required()
        ->check(CLI::Range(std::uint64_t{1}, kVotedPowerMax));
}

void declare_add_validator(CLI::App& app, ValidatorArguments& arguments) {
    declare_proposal(app, arguments);
    app.add_option("key", arguments.key, "Public key of a registered node in hex (salus org register)")->required();
    declare_power(app, arguments);
}

void declare_remove_validator(CLI::App& app, ValidatorArguments& arguments) {
    declare_proposal(app, arguments);
    app.add_option("validator", arguments.validator, "Its id, as `org validators` shows it")->required();
}

void declare_set_power(CLI::App& app, ValidatorArguments& arguments) {
    declare_remove_validator(app, arguments);
    declare_power(app, arguments);
}

Result<ValidatorId> validator_named(const ValidatorArguments& arguments) {
    const auto id = id_from_hex<ValidatorId>(arguments.validator);
    if (!id) return fail(ErrorCode::kUsage, "a validator's id is 40 hex digits, as `salus org validators` shows it");
    return *id;
}

Result<Report> add_validator(const ValidatorArguments& arguments, Environment& environment) {
    auto key = from_hex(arguments.key);
    if (!key || key->size() != 32) return fail(ErrorCode::kUsage, "a node's key is 64 hex digits");
    return propose(arguments,
                   governance::AddValidator{{crypto::SignatureSuite::kEd25519, *std::move(key)}, arguments.power},
                   environment);
}

Result<Report> set_power(const ValidatorArguments& arguments, Environment& environment) {
    SALUS_TRY(const ValidatorId validator, validator_named(arguments));
    return propose(arguments, governance::SetValidatorPower{validator, arguments.power}, environment);
}

Result<Report> remove_validator(const ValidatorArguments& arguments, Environment& environment) {
    SALUS_TRY(const ValidatorId validator, validator_named(arguments));
    return propose(arguments, governance::RemoveValidator{validator}, environment);
}

}  // namespace

void add_validators(Commands& commands, CLI::App& org) {
    commands.add<ListValidatorsArguments>(org, "validators", "List who orders the blocks of a network of several nodes",
                                          "  salus org validators\n"
                                          "  salus org validators --history\n",
                                          declare_list_validators, list_validators);
    commands.add<ValidatorArguments>(org, "add-validator", "Propose that a member's node votes on blocks",
                                     "  salus org add-validator --as net/orgs/regulator KEY --power 1\n",
                                     declare_add_validator, add_validator);
    commands.add<ValidatorArguments>(org, "set-power", "Propose another power for a validator",
                                     "  salus org set-power --as net/orgs/regulator VALIDATOR --power 2\n",
                                     declare_set_power, set_power);
    commands.add<ValidatorArguments>(org, "remove-validator", "Propose that a validator votes no more",
                                     "  salus org remove-validator --as net/orgs/regulator VALIDATOR\n",
                                     declare_remove_validator, remove_validator);
}

}  // namespace salus::cli
