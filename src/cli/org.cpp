#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/time_text.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"
#include "cli/transact.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"
#include "model/login.hpp"
#include "node/init.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

// --- list ---

struct OrganisationListArguments {
    SessionArguments session;
};

void declare_organisation_list(CLI::App& app, OrganisationListArguments& arguments) {
    declare_node(app, arguments.session);
}

Result<Report> list_organisations(const OrganisationListArguments& arguments, Environment&) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node));
    SALUS_TRY(const json::value answer, api.get("/orgs"));
    Report report;
    const json::value* organisations = answer.is_object() ? answer.get_object().if_contains("organisations") : nullptr;
    if (organisations == nullptr || !organisations->is_array())
        return fail(ErrorCode::kCorrupt, "the node's answer has no organisations");
    for (const json::value& organisation : organisations->get_array())
        report.text +=
            fmt::format("{:<14} {:<24} {}\n", text_of(organisation, "slug").value_or(""),
                        text_of(organisation, "name").value_or(""), text_of(organisation, "account").value_or(""));
    report.data = {{"ok", true}, {"organisations", *organisations}};
    return report;
}

// --- staff ---

struct StaffArguments {
    std::string folder;
    std::string name;
    std::string role;
    std::string id;
    std::string out;
    std::uint64_t hours = 12;
};

void declare_staff(CLI::App& app, StaffArguments& arguments) {
    app.add_option("--as", arguments.folder, "The organisation's folder: DIR/orgs/SLUG")->required();
    app.add_option("--name", arguments.name, "Name of the member of staff")->required();
    app.add_option("--role", arguments.role,
                   "physician, emergency-physician, nurse, registrar, privacy-officer, billing, ...")
        ->required();
    app.add_option("--id", arguments.id, "Identifier, SYSTEM|VALUE")->required();
    app.add_option("--hours", arguments.hours, "How long it counts, at most 12")->check(CLI::Range(1, 12));
    app.add_option("--out", arguments.out, "File of the credential")->required();
}

Result<Report> staff(const StaffArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys keys, node::open_organisation_folder(arguments.folder, environment.random));
    StaffCredential credential;
    credential.organisation = keys.id();
    credential.name = arguments.name;
    credential.role = arguments.role;
    credential.id = arguments.id;
    credential.from_ms = environment.clock.now_ms();
    credential.until_ms = credential.from_ms + arguments.hours * kHourMs;
    sign_staff_credential(credential, keys.signing);
    SALUS_TRY_STATUS(write_file(arguments.out, codec::encode(credential), FileMode::kPrivate));
    return Report{{{"ok", true}, {"file", arguments.out}, {"until", to_iso_time(credential.until_ms)}},
                  fmt::format("{} ({}) until {} in {}\n", arguments.name, arguments.role,
                              to_iso_time(credential.until_ms), arguments.out)};
}

// --- votes ---

struct ProposeArguments {
    SessionArguments session;
    std::string account;
    std::string kind;
    std::string jurisdiction = "US";
    std::string parameter;
    std::uint64_t value = 0;
    std::string key;
    std::uint64_t hours = 72;
};

void declare_proposal(CLI::App& app, ProposeArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--hours", arguments.hours, "How long votes are taken")->check(CLI::Range(1, 24 * 90));
}

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
    app.add_option("--new-key", arguments.key, "The new Ed25519 signing key in hex")->required();
}

void declare_parameter(CLI::App& app, ProposeArguments& arguments) {
    declare_proposal(app, arguments);
    app.add_option("parameter", arguments.parameter, "Its name, as in docs/protocol.md")->required();
    app.add_option("value", arguments.value, "Its new value")->required();
}

Result<Report> propose(const ProposeArguments& arguments, governance::Action action, Environment& environment) {
    SALUS_TRY(Api api, Api::connect(arguments.session.node));
    SALUS_TRY(const node::OrganisationKeys keys,
              node::open_organisation_folder(arguments.session.folder, environment.random));
    SALUS_TRY(const NodeStatus status, node_status(api));
    const governance::Proposal proposal{std::move(action), status.now_ms + arguments.hours * kHourMs,
                                        environment.random.bytes<8>()};
    SALUS_TRY(const Filed filed,
              transact(api, keys, Contract::kGovernance,
                       codec::encode(governance::Payload{governance::Propose{proposal}}), environment.random));
    const std::string id = to_hex(proposal.id());
    return Report{
        {{"ok", true}, {"proposal", id}, {"transaction", filed.id}, {"height", filed.height}},
        fmt::format("proposal {} stands in block {}; others vote with: salus org vote {}\n", id, filed.height, id)};
}

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
    return propose(arguments,
                   governance::RecoverOrganisation{account, {crypto::SignatureSuite::kEd25519, *std::move(key)}},
                   environment);
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
    declare_organisation(app, arguments.session);
    app.add_option("proposal", arguments.proposal, "The proposal's id in hex")->required();
    app.add_flag("--reject", arguments.reject, "Vote against it");
}

Result<Report> vote(const VoteArguments& arguments, Environment& environment) {
    const auto proposal = id_from_hex<ProposalId>(arguments.proposal);
    if (!proposal) return fail(ErrorCode::kUsage, "a proposal's id is 64 hex digits");
    SALUS_TRY(Api api, Api::connect(arguments.session.node));
    SALUS_TRY(const node::OrganisationKeys keys,
              node::open_organisation_folder(arguments.session.folder, environment.random));
    SALUS_TRY(const Filed filed,
              transact(api, keys, Contract::kGovernance,
                       codec::encode(governance::Payload{governance::Vote{*proposal, !arguments.reject}}),
                       environment.random));
    return Report{{{"ok", true}, {"transaction", filed.id}, {"height", filed.height}},
                  fmt::format("voted in block {}\n", filed.height)};
}

}  // namespace

void add_org(Commands& commands) {
    CLI::App& org = commands.group("org", "Organisations: their staff, and what they decide by vote");
    commands.add<OrganisationListArguments>(org, "list", "List the organisations that a node serves",
                                            "  salus org list\n", declare_organisation_list, list_organisations);
    commands.add<StaffArguments>(org, "staff", "Give a member of staff a credential for a shift",
                                 "  salus org staff --as net/orgs/hospital-b --name 'Nora Weiss' --role physician --id "
                                 "'urn:staff|7' --out nora.staff\n",
                                 declare_staff, staff);
    commands.add<ProposeArguments>(org, "admit", "Propose to admit an organisation",
                                   "  salus org admit --as net/orgs/regulator salusorg1... --kind hospital\n",
                                   declare_admit, admit);
    commands.add<ProposeArguments>(org, "suspend", "Propose to suspend a member",
                                   "  salus org suspend --as net/orgs/regulator salusorg1...\n", declare_account,
                                   suspend);
    commands.add<ProposeArguments>(org, "reinstate", "Propose to reinstate a suspended member",
                                   "  salus org reinstate --as net/orgs/regulator salusorg1...\n", declare_account,
                                   reinstate);
    commands.add<ProposeArguments>(org, "recover", "Propose a new key for an organisation that lost its own",
                                   "  salus org recover --as net/orgs/regulator salusorg1... --new-key HEX\n",
                                   declare_recover, recover);
    commands.add<ProposeArguments>(org, "parameter", "Propose another value for a parameter",
                                   "  salus org parameter --as net/orgs/regulator audit_interval_ms 10000\n",
                                   declare_parameter, set_parameter);
    commands.add<VoteArguments>(org, "vote", "Vote on a proposal", "  salus org vote --as net/orgs/payer PROPOSAL\n",
                                declare_vote, vote);
}

}  // namespace salus::cli
