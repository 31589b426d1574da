// `org` recovery: an organisation whose keys were lost or stolen gets its account back, when its members have voted so.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"
#include "cli/transact.hpp"
#include "node/organisation_folder.hpp"

namespace salus::cli {
namespace {

struct RecoveryArguments {
    SessionArguments session;
    std::string proposal;
    std::string recovered;
};

Result<ProposalId> recovery_proposal(const RecoveryArguments& arguments) {
    const auto proposal = id_from_hex<ProposalId>(arguments.proposal);
    if (!proposal) return fail(ErrorCode::kUsage, "a proposal's id is 64 hex digits");
    return *proposal;
}

// --- the keys that members vote on

void declare_next_keys(CLI::App& app, RecoveryArguments& arguments) {
    app.add_option("--as", arguments.session.folder, "The folder of the organisation to be recovered: DIR/orgs/SLUG")
        ->required();
}

Result<Report> next_keys(const RecoveryArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys before, open_folder(arguments.session.folder, environment));
    SALUS_TRY(const node::OrganisationKeys next,
              node::prepare_next_keys(arguments.session.folder, node::NextKeys::kRecovery, environment.random));
    const std::string address = to_address(AccountKind::kOrganisation, before.id());
    const std::string key = to_hex(next.signing.public_key().bytes);
    return Report{
        {{"ok", true}, {"account", address}, {"key", key}},
        fmt::format("The next signing key of {} is {}\nA member proposes it:  salus org recover {} --as FOLDER "
                    "--new-key {}\n",
                    before.founding.name, key, address, key)};
}

// --- execution

void declare_execution(CLI::App& app, RecoveryArguments& arguments) {
    app.add_option("proposal", arguments.proposal, "The recovery that has passed, in hex")->required();
    declare_node(app, arguments.session);
    app.add_option("--as", arguments.session.folder, "Folder of the member that carries it: DIR/orgs/SLUG")->required();
    app.add_option("--new", arguments.recovered, "Folder of the organisation that is recovered (salus org next-keys)")
        ->required();
}

/// The chain's account gets the next keys, step by step; a step that an interrupted try has done is not done again.
Result<Report> execute_recovery(const RecoveryArguments& arguments, Environment& environment) {
    SALUS_TRY(const ProposalId proposal, recovery_proposal(arguments));
    SALUS_TRY(const node::OrganisationKeys carrier, open_folder(arguments.session.folder, environment));
    SALUS_TRY(const node::OrganisationKeys next,
              node::open_next_keys(arguments.recovered, node::NextKeys::kRecovery, environment.random));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(auto account, account_state(api, next.id()));
    if (!account.has_signing_key(Signer::of(next.signing.public_key()))) {
        SALUS_TRY_STATUS(transact(api, carrier, Contract::kIdentity,
                                  codec::encode(identity::Payload{identity::Recover{proposal}}), environment.random,
                                  &next.signing));
        SALUS_TRY(account, account_state(api, next.id()));
    }
    // The vote was on a key that signs: the one for sealing, without which nobody answers it, the organisation adds.
    if (auto missing = those_not_in(next.public_keys(), account.keys); !missing.empty()) {
        const auto added =
            transact(api, next, Contract::kIdentity,
                     codec::encode(identity::Payload{identity::RotateKeys{next.id(), std::move(missing), {}}}),
                     environment.random);
        if (!added)
            return fail(added.error().code,
                        "it signs with its next key, but could not add the one for sealing; repeat this, after it is "
                        "reinstated where it is suspended",
                        added.error());
    }
    SALUS_TRY_STATUS(node::forget_rotation(arguments.recovered));
    SALUS_TRY_STATUS(node::switch_to_next_keys(arguments.recovered, node::NextKeys::kRecovery));
    SALUS_TRY_STATUS(node::forget_old_keys(arguments.recovered));
    const std::string address = to_address(AccountKind::kOrganisation, next.id());
    const std::string key = to_hex(next.signing.public_key().bytes);
    return Report{{{"ok", true}, {"account", address}, {"key", key}, {"recoveries", account.recoveries}},
                  fmt::format("{} is recovered: it signs with {} and no key of before counts.\nIts node has to be "
                              "started again. Nodes and devices of its own it confirms: salus org set-status\n",
                              next.founding.name, key)};
}

// --- objection

void declare_stop(CLI::App& app, RecoveryArguments& arguments) {
    app.add_option("proposal", arguments.proposal, "The recovery that has passed, in hex")->required();
    declare_keys(app, arguments.session);
}

Result<Report> stop_recovery(const RecoveryArguments& arguments, Environment& environment) {
    SALUS_TRY(const ProposalId proposal, recovery_proposal(arguments));
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(arguments.session.folder, environment));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const Filed filed,
              transact(api, keys, Contract::kIdentity,
                       codec::encode(identity::Payload{identity::StopRecovery{proposal}}), environment.random));
    return Report{{{"ok", true}, {"transaction", filed.id}, {"height", filed.height}},
                  fmt::format("The recovery is stopped in block {}. The next one cannot be.\n", filed.height)};
}

}  // namespace

void add_recovery(Commands& commands, CLI::App& org) {
    commands.add<RecoveryArguments>(
        org, "next-keys", "Make the keys that follow lost or stolen ones, and show the one that members vote on",
        "  salus org next-keys --as net/orgs/hospital-a\n", declare_next_keys, next_keys);
    commands.add<RecoveryArguments>(
        org, "execute-recovery", "Give an organisation its next keys, when the recovery has passed and waited",
        "  salus org execute-recovery PROPOSAL --as net/orgs/regulator --new net/orgs/hospital-a\n", declare_execution,
        execute_recovery);
    commands.add<RecoveryArguments>(org, "stop-recovery", "Stop the recovery of one's own organisation, once",
                                    "  salus org stop-recovery PROPOSAL --as net/orgs/hospital-a\n", declare_stop,
                                    stop_recovery);
}

}  // namespace salus::cli
