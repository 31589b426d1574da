// `org` accounts: new organisations, and the keys of those that are there.
#include <fmt/format.h>

#include "base/encoding.hpp"
#include "cli/answers.hpp"
#include "cli/groups.hpp"
#include "cli/session.hpp"
#include "cli/transact.hpp"
#include "model/contracts/identity.hpp"
#include "node/organisation_folder.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct NewArguments {
    std::string folder;
    std::string name;
};

void declare_new(CLI::App& app, NewArguments& arguments) {
    app.add_option("folder", arguments.folder, "The new organisation's folder: DIR/orgs/SLUG")->required();
    app.add_option("--name", arguments.name, "Its name")->required();
}

Result<Report> make_new(const NewArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys keys,
              node::make_organisation_folder(arguments.folder, arguments.name, environment.random));
    const std::string address = to_address(AccountKind::kOrganisation, keys.id());
    return Report{{{"ok", true}, {"folder", arguments.folder}, {"account", address}},
                  fmt::format("{} in {}\n  account  {}\n"
                              "Members admit it:        salus org admit --as FOLDER {} --kind KIND\n"
                              "Then one founds it:      salus org found --as FOLDER --new {}\n",
                              arguments.name, arguments.folder, address, address, arguments.folder)};
}

struct FoundArguments {
    SessionArguments session;
    std::string new_folder;
};

void declare_found(CLI::App& app, FoundArguments& arguments) {
    declare_node(app, arguments.session);
    app.add_option("--as", arguments.session.folder, "Folder of the member that carries it: DIR/orgs/SLUG")->required();
    app.add_option("--new", arguments.new_folder, "Folder of the organisation that was admitted (salus org new)")
        ->required();
}

Result<Report> found(const FoundArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys founded, open_folder(arguments.new_folder, environment));
    SALUS_TRY(const node::OrganisationKeys carrier, open_folder(arguments.session.folder, environment));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const Filed filed, transact(api, carrier, Contract::kIdentity,
                                          codec::encode(identity::Payload{identity::Found{founded.founding}}),
                                          environment.random, &founded.signing));
    const std::string address = to_address(AccountKind::kOrganisation, founded.id());
    return Report{
        {{"ok", true}, {"account", address}, {"transaction", filed.id}, {"height", filed.height}},
        fmt::format("{0} is founded in block {1}\nA node serves it that has in its node.toml, when it starts:\n"
                    "  [[organisation]]\n  slug = \"{2}\"\n  account = \"{3}\"\n"
                    "  passphrase_file = \"orgs/{2}/passphrase\"\n",
                    founded.founding.name, filed.height, slug_of(arguments.new_folder), address)};
}

struct RotateArguments {
    SessionArguments session;
    bool finish = false;
};

void declare_rotate(CLI::App& app, RotateArguments& arguments) {
    declare_keys(app, arguments.session);
    app.add_flag("--finish", arguments.finish, "Retire the old keys, once the node has been started again");
}

Result<Filed> send_rotation(Api& api, const node::OrganisationKeys& keys, identity::RotateKeys rotation,
                            Environment& environment, const crypto::SigningKey* also) {
    return transact(api, keys, Contract::kIdentity, codec::encode(identity::Payload{std::move(rotation)}),
                    environment.random, also);
}

/// A node signs, and opens what is sealed to it, with the keys that it read when it started: old and new are both good
/// until it has been started again. What an interrupted try has sent already is not sent again.
Result<Report> begin_rotation(const RotateArguments& arguments, Environment& environment) {
    const std::string& folder = arguments.session.folder;
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(folder, environment));
    if (node::open_old_keys(folder, environment.random))
        return fail(ErrorCode::kConflict, "the last rotation is not finished: start the node again, then say --finish");
    SALUS_TRY(const node::OrganisationKeys next,
              node::prepare_next_keys(folder, node::NextKeys::kRotation, environment.random));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY(const auto account, account_state(api, keys.id()));
    std::uint64_t height = 0;
    if (auto added = those_not_in(next.public_keys(), account.keys); !added.empty()) {
        SALUS_TRY(const Filed filed,
                  send_rotation(api, keys, {keys.id(), std::move(added), {}}, environment, &next.signing));
        height = filed.height;
    }
    SALUS_TRY_STATUS(node::switch_to_next_keys(folder, node::NextKeys::kRotation));
    const std::string key = to_hex(next.signing.public_key().bytes);
    return Report{{{"ok", true}, {"key", key}, {"seal", to_hex(next.sealing.public_key())}, {"height", height}},
                  fmt::format("The new signing key {} and a new sealing key are good beside the old ones.\nStart the "
                              "node again, then retire the old ones:  salus org rotate-keys --as {} --finish\n",
                              key, folder)};
}

/// Errors: kConflict where the node signs with other keys still, kNotFound where it is not the one that serves it
Status check_node_signs_with(Api& api, const node::OrganisationKeys& keys) {
    SALUS_TRY(const json::value answer, api.get("/orgs"));
    const std::string address = to_address(AccountKind::kOrganisation, keys.id());
    for (const json::value& served : list_of(answer, "organisations")) {
        if (text_of(served, "account").value_or("") != address) continue;
        SALUS_TRY(const std::string key, text_of(served, "signing_key"));
        if (key == to_hex(keys.signing.public_key().bytes)) return {};
        return fail(ErrorCode::kConflict, "the node signs with the key " + key +
                                              " still: start it again first, else nothing it signs counts");
    }
    return fail(ErrorCode::kNotFound,
                "the node at " + api.url() + " does not serve " + address + ": name the one that does with --node");
}

Result<Report> finish_rotation(const RotateArguments& arguments, Environment& environment) {
    const std::string& folder = arguments.session.folder;
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(folder, environment));
    SALUS_TRY(const node::OrganisationKeys old, node::open_old_keys(folder, environment.random));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    SALUS_TRY_STATUS(check_node_signs_with(api, keys));
    SALUS_TRY(const auto account, account_state(api, keys.id()));
    const auto gone = those_not_in(old.public_keys(), keys.public_keys());
    std::uint64_t height = 0;
    if (auto retired = those_not_in(gone, those_not_in(gone, account.keys)); !retired.empty()) {
        SALUS_TRY(const Filed filed,
                  send_rotation(api, keys, {keys.id(), {}, std::move(retired)}, environment, nullptr));
        height = filed.height;
    }
    SALUS_TRY_STATUS(node::forget_old_keys(folder));
    const std::string key = to_hex(old.signing.public_key().bytes);
    return Report{{{"ok", true}, {"retired", key}, {"height", height}},
                  fmt::format("The key {} is retired: nothing that it signs from now on counts. Nothing more is sealed "
                              "to the old sealing key.\n",
                              key)};
}

Result<Report> rotate_keys(const RotateArguments& arguments, Environment& environment) {
    return arguments.finish ? finish_rotation(arguments, environment) : begin_rotation(arguments, environment);
}

}  // namespace

void add_accounts(Commands& commands, CLI::App& org) {
    commands.add<NewArguments>(org, "new", "Make the folder and keys of an organisation that wants to become a member",
                               "  salus org new net/orgs/hospital-c --name 'Hospital C'\n", declare_new, make_new);
    commands.add<FoundArguments>(org, "found", "Put an admitted organisation's account on the chain",
                                 "  salus org found --as net/orgs/regulator --new net/orgs/hospital-c\n", declare_found,
                                 found);
    commands.add<RotateArguments>(
        org, "rotate-keys", "Take other keys for signing and sealing: add them, start the node again, retire the old",
        "  salus org rotate-keys --as net/orgs/hospital-a\n"
        "  salus org rotate-keys --as net/orgs/hospital-a --finish\n",
        declare_rotate, rotate_keys);
}

}  // namespace salus::cli
