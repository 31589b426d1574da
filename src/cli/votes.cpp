// `org` by vote: what members propose, vote on and then carry out.
#include "cli/votes.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/chain_state.hpp"
#include "cli/duration.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/session.hpp"
#include "cli/transact.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/governance.hpp"
#include "node/init.hpp"
#include "node/policy_document.hpp"

namespace salus::cli {
namespace {

struct ProposeArguments : ProposalArguments {
    std::string account;
    std::string kind;
    std::string jurisdiction = "US";
    std::string parameter;
    std::uint64_t value = 0;
    std::string key;
};

void declare_account(CLI::App& app, ProposeArguments& arguments) {
    declare_proposal(app, arguments);
    app.add_option("account", arguments.account, "The organisation's address")->required();
}

void declare_admit(CLI::App& app, ProposeArguments& arguments) {
    declare_account(app, arguments);
    app.add_option("--kind", arguments.kind,
                   "hospital, laboratory, pharmacy, manufacturer, sponsor, payer, regulator, other")
        ->required();
    app.add_option("--jurisdiction", arguments.jurisdiction, "ISO 3166 code");
}

void declare_recover(CLI::App& app, ProposeArguments& arguments) {
    declare_account(app, arguments);
    app.add_option("--new-key", arguments.key, "The new Ed25519 signing key in hex (salus org next-keys)")->required();
}

void declare_parameter(CLI::App& app, ProposeArguments& arguments) {
    declare_proposal(app, arguments);
    app.add_option("parameter", arguments.parameter, "Its name, as in docs/protocol.md")->required();
    app.add_option("value", arguments.value, "Its new value")->required();
}

/// How a vote stands, as the chain has it.
struct Standing {
    std::string status;  ///< open, passed, rejected
    std::size_t approvals = 0;
    std::size_t rejections = 0;

    [[nodiscard]] std::string text() const {
        return fmt::format("{}: {} for, {} against", status, approvals, rejections);
    }
    void add_to(boost::json::object& data) const {
        data["status"] = status;
        data["approvals"] = approvals;
        data["rejections"] = rejections;
    }
};

Result<Standing> standing_of(Api& api, const ProposalId& proposal) {
    SALUS_TRY(const auto state, read_value<governance::ProposalState>(ChainState(api), Contract::kGovernance,
                                                                      governance::proposal_key(proposal)));
    if (!state) return fail(ErrorCode::kGovernanceNoProposal, "the chain has no proposal " + to_hex(proposal));
    const bool passed = state->status == governance::ProposalStatus::kPassed;
    return Standing{passed                                                   ? "passed"
                    : state->status == governance::ProposalStatus::kRejected ? "rejected"
                                                                             : "open",
                    state->approvals.size(), state->rejections.size()};
}

}  // namespace

void declare_proposal(CLI::App& app, ProposalArguments& arguments) {
    declare_keys(app, arguments.session);
    add_duration(app, "--for", arguments.seconds, "How long votes are taken: 72h, and at most 90d",
                 {3600, 90 * 86'400});
}

Result<Report> propose(const ProposalArguments& arguments, governance::Action action, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(arguments.session.folder, environment));
    SALUS_TRY(const NodeStatus status, node_status(api));
    const governance::Proposal proposal{std::move(action), status.now_ms + arguments.seconds * 1000,
                                        environment.random.bytes<8>()};
    SALUS_TRY(const Filed filed,
              transact(api, keys, Contract::kGovernance,
                       codec::encode(governance::Payload{governance::Propose{proposal}}), environment.random));
    const std::string id = to_hex(proposal.id());
    SALUS_TRY(const Standing standing, standing_of(api, proposal.id()));
    Report report{{{"ok", true}, {"proposal", id}, {"transaction", filed.id}, {"height", filed.height}},
                  fmt::format("proposal {} stands in block {}\n{}\n", id, filed.height, standing.text())};
    if (standing.status == "open") report.text += "Others vote with:  salus org vote --as FOLDER " + id + "\n";
    standing.add_to(report.data);
    return report;
}

namespace {

Result<Report> admit(const ProposeArguments& arguments, Environment& environment) {
    SALUS_TRY(const AccountId account, account_from_address(AccountKind::kOrganisation, arguments.account));
    SALUS_TRY(const governance::OrganisationKind kind, node::organisation_kind(arguments.kind));
    return propose(arguments, governance::Admit{account, kind, {}, arguments.jurisdiction}, environment);
}

Result<Report> suspend(const ProposeArguments& arguments, Environment& environment) {
    SALUS_TRY(const AccountId account, account_from_address(AccountKind::kOrganisation, arguments.account));
    return propose(arguments, governance::Suspend{account}, environment);
}

Result<Report> reinstate(const ProposeArguments& arguments, Environment& environment) {
    SALUS_TRY(const AccountId account, account_from_address(AccountKind::kOrganisation, arguments.account));
    return propose(arguments, governance::Reinstate{account}, environment);
}

Result<Report> recover(const ProposeArguments& arguments, Environment& environment) {
    SALUS_TRY(const AccountId account, account_from_address(AccountKind::kOrganisation, arguments.account));
    auto key = from_hex(arguments.key);
    if (!key || key->size() != 32) return fail(ErrorCode::kUsage, "--new-key is 64 hex digits");
    SALUS_TRY(Report report,
              propose(arguments,
                      governance::RecoverOrganisation{account, {crypto::SignatureSuite::kEd25519, *std::move(key)}},
                      environment));
    report.text +=
        fmt::format("Once it has passed and waited:  salus org execute-recovery {} --as FOLDER --new FOLDER\n",
                    boost::json::value_to<std::string>(report.data.at("proposal")));
    return report;
}

Result<Report> set_parameter(const ProposeArguments& arguments, Environment& environment) {
    for (const governance::ParameterInfo& row : governance::parameter_table())
        if (row.name == arguments.parameter)
            return propose(arguments, governance::SetParameter{row.parameter, arguments.value}, environment);
    std::string names;
    for (const governance::ParameterInfo& row : governance::parameter_table())
        names += (names.empty() ? "" : ", ") + std::string(row.name);
    return fail(ErrorCode::kUsage, "no parameter \"" + arguments.parameter + "\"; there are " + names);
}

struct VoteArguments {
    SessionArguments session;
    std::string proposal;
    bool reject = false;
};

void declare_vote(CLI::App& app, VoteArguments& arguments) {
    declare_keys(app, arguments.session);
    app.add_option("proposal", arguments.proposal, "The proposal's id in hex")->required();
    app.add_flag("--reject", arguments.reject, "Vote against it");
}

Result<Report> vote(const VoteArguments& arguments, Environment& environment) {
    const auto proposal = id_from_hex<ProposalId>(arguments.proposal);
    if (!proposal) return fail(ErrorCode::kUsage, "a proposal's id is 64 hex digits");
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(arguments.session.folder, environment));
    SALUS_TRY(const Filed filed,
              transact(api, keys, Contract::kGovernance,
                       codec::encode(governance::Payload{governance::Vote{*proposal, !arguments.reject}}),
                       environment.random));
    SALUS_TRY(const Standing standing, standing_of(api, *proposal));
    Report report{{{"ok", true}, {"transaction", filed.id}, {"height", filed.height}},
                  fmt::format("voted in block {}\n{}\n", filed.height, standing.text())};
    standing.add_to(report.data);
    return report;
}

// --- policies

struct PolicyArguments {
    ProposeArguments vote;
    std::string proposal;
    std::string file;
    Height in_force = 0;
};

void declare_policy(CLI::App& app, PolicyArguments& arguments) {
    app.add_option("--jurisdiction", arguments.vote.jurisdiction, "ISO 3166 code");
    app.add_option("--out", arguments.file, "File to write it to");
}

Result<Report> policy(const PolicyArguments& arguments, Environment&) {
    const std::string document = node::first_policy_document(arguments.vote.jurisdiction);
    if (!arguments.file.empty()) SALUS_TRY_STATUS(write_file(arguments.file, as_bytes(document)));
    return Report{{{"ok", true}, {"document", document}},
                  arguments.file.empty() ? document : "written to " + arguments.file + "\n"};
}

void declare_adopt_policy(CLI::App& app, PolicyArguments& arguments) {
    declare_proposal(app, arguments.vote);
    app.add_option("file", arguments.file, "The policy's document")->required();
    app.add_option("--from-height", arguments.in_force, "Block from which it binds; by default as soon as published");
}

Result<Report> adopt_policy(const PolicyArguments& arguments, Environment& environment) {
    SALUS_TRY(const Bytes document, read_input(arguments.file, 1 << 20));
    auto read = node::read_policy_document(document);
    if (!read) return fail(read.error().code, arguments.file + " is no policy", read.error());
    SALUS_TRY(Api api, Api::connect(arguments.vote.session.node, environment.progress));
    SALUS_TRY(const auto newest, read_decision<disclosure::PolicyState>(ChainState(api), Contract::kDisclosure,
                                                                        disclosure::policy_key(read->jurisdiction)));
    if (newest && read->version <= newest->value.version)
        return fail(ErrorCode::kDisclosurePolicyVersion,
                    fmt::format("{} has version {} of the policy already, and {} says it is version {}",
                                read->jurisdiction, newest->value.version, arguments.file, read->version));
    SALUS_TRY(Report report, propose(arguments.vote,
                                     governance::AdoptPolicy{std::move(read->jurisdiction), read->version,
                                                             crypto::sha256(document), arguments.in_force},
                                     environment));
    report.text += fmt::format("Once it has passed:  salus org publish-policy --as FOLDER {} {}\n",
                               boost::json::value_to<std::string>(report.data.at("proposal")), arguments.file);
    return report;
}

void declare_publish_policy(CLI::App& app, PolicyArguments& arguments) {
    declare_keys(app, arguments.vote.session);
    app.add_option("proposal", arguments.proposal, "The proposal that passed, in hex")->required();
    app.add_option("file", arguments.file, "The document that was voted on")->required();
}

Result<Report> publish_policy(const PolicyArguments& arguments, Environment& environment) {
    const auto proposal = id_from_hex<ProposalId>(arguments.proposal);
    if (!proposal) return fail(ErrorCode::kUsage, "a proposal's id is 64 hex digits");
    SALUS_TRY(Bytes document, read_input(arguments.file, 1 << 20));
    auto read = node::read_policy_document(document);
    if (!read) return fail(read.error().code, arguments.file + " is no policy", read.error());
    SALUS_TRY(Api api, Api::connect(arguments.vote.session.node, environment.progress));
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(arguments.vote.session.folder, environment));
    SALUS_TRY(const Filed filed,
              transact(api, keys, Contract::kDisclosure,
                       codec::encode(disclosure::Payload{disclosure::PublishPolicy{*proposal, std::move(document)}}),
                       environment.random));
    SALUS_TRY(const auto newest, read_decision<disclosure::PolicyState>(ChainState(api), Contract::kDisclosure,
                                                                        disclosure::policy_key(read->jurisdiction)));
    const Height in_force = newest ? newest->value.in_force : 0;
    return Report{{{"ok", true},
                   {"transaction", filed.id},
                   {"height", filed.height},
                   {"jurisdiction", read->jurisdiction},
                   {"version", read->version},
                   {"in_force", in_force}},
                  fmt::format("version {} of the policy of {} stands in block {} and binds from block {} on\n",
                              read->version, read->jurisdiction, filed.height, in_force)};
}

}  // namespace

void add_votes(Commands& commands, CLI::App& org) {
    commands.add<ProposeArguments>(org, "admit", "Propose to admit an organisation",
                                   "  salus org admit --as net/orgs/regulator salusorg1... --kind hospital\n",
                                   declare_admit, admit);
    commands.add<ProposeArguments>(org, "suspend", "Propose to suspend a member",
                                   "  salus org suspend --as net/orgs/regulator salusorg1...\n", declare_account,
                                   suspend);
    commands.add<ProposeArguments>(org, "reinstate", "Propose to reinstate a suspended member",
                                   "  salus org reinstate --as net/orgs/regulator salusorg1...\n", declare_account,
                                   reinstate);
    commands.add<ProposeArguments>(org, "recover", "Propose new keys for an organisation that lost its own",
                                   "  salus org recover --as net/orgs/regulator salusorg1... --new-key HEX\n",
                                   declare_recover, recover);
    commands.add<ProposeArguments>(org, "parameter", "Propose another value for a parameter",
                                   "  salus org parameter --as net/orgs/regulator audit-interval-ms 10000\n",
                                   declare_parameter, set_parameter);
    commands.add<VoteArguments>(org, "vote", "Vote on a proposal", "  salus org vote --as net/orgs/payer PROPOSAL\n",
                                declare_vote, vote);
    commands.add<PolicyArguments>(
        org, "policy", "Write the policy that a network begins with, to make the next from",
        "  salus org policy --jurisdiction US --out policy-2.json   # then raise \"version\"\n", declare_policy,
        policy);
    commands.add<PolicyArguments>(org, "adopt-policy", "Propose a policy for a jurisdiction",
                                  "  salus org adopt-policy --as net/orgs/regulator policy-2.json\n",
                                  declare_adopt_policy, adopt_policy);
    commands.add<PolicyArguments>(org, "publish-policy", "Put a policy that was voted on the chain, where it binds",
                                  "  salus org publish-policy --as net/orgs/regulator PROPOSAL policy-2.json\n",
                                  declare_publish_policy, publish_policy);
}

}  // namespace salus::cli
