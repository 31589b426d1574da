// `org` and what it owns: nodes and devices with accounts and keys of their own.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/session.hpp"
#include "cli/transact.hpp"
#include "node/init.hpp"

namespace salus::cli {
namespace {

/// What stands before the 32 bytes of the secret in an Ed25519 key of PKCS#8. Source: RFC 8410, section 7
constexpr std::array<std::uint8_t, 16> kPkcs8Ed25519{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                     0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

/// The key that whoever runs the device has made there: `openssl genpkey -algorithm ed25519`.
Result<crypto::SigningKey> read_pem_key(const std::string& file) {
    SALUS_TRY_STATUS(from_files<void>(check_private(file)));
    SALUS_TRY(Bytes text, read_input(file, 4096));
    const crypto::SecretBytes pem(std::move(text));
    constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY-----\n";
    std::string_view rest = as_text(pem.expose());
    const auto no_key = [&] {
        return fail(ErrorCode::kUsage, file + " is no Ed25519 key: `openssl genpkey -algorithm ed25519` makes one");
    };
    if (!rest.starts_with(kBegin)) return no_key();
    rest.remove_prefix(kBegin.size());
    auto der = from_base64(rest.substr(0, rest.find('\n')));
    if (!der) return no_key();
    const crypto::SecretBytes key(*std::move(der));
    const ByteView bytes = key.expose();
    if (bytes.size() != kPkcs8Ed25519.size() + 32 ||
        !std::ranges::equal(bytes.first(kPkcs8Ed25519.size()), kPkcs8Ed25519))
        return no_key();
    Hash seed;
    std::ranges::copy(bytes.last(seed.size()), seed.begin());
    crypto::SigningKey out = crypto::SigningKey::from_seed(crypto::Key256(seed));
    crypto::wipe(seed);
    return out;
}

struct RegisterOwnedArguments {
    SessionArguments session;
    std::string name;
    std::string kind;
    std::string key;
    std::string operator_folder;
};

void declare_register_owned(CLI::App& app, RegisterOwnedArguments& arguments) {
    app.add_option("name", arguments.name, "Its name")->required();
    declare_keys(app, arguments.session);
    app.add_option("--kind", arguments.kind, "node or device")->required()->check(CLI::IsMember({"node", "device"}));
    auto* key = app.add_option("--key", arguments.key, "Its Ed25519 key, as PEM (mode 0600): it signs that it is held");
    app.add_option("--operator", arguments.operator_folder,
                   "Instead: a node's folder, whose operator.key is what other nodes know it by")
        ->excludes(key);
}

Result<crypto::SigningKey> owned_key(const RegisterOwnedArguments& arguments, Environment& environment) {
    if (!arguments.operator_folder.empty())
        return from_files(node::open_operator_key(arguments.operator_folder, environment.random));
    if (arguments.key.empty()) return fail(ErrorCode::kUsage, "say --key, or --operator for a node's own");
    return read_pem_key(arguments.key);
}

Result<Report> register_owned(const RegisterOwnedArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys owner, open_folder(arguments.session.folder, environment));
    SALUS_TRY(const crypto::SigningKey key, owned_key(arguments, environment));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    const AccountKind kind = arguments.kind == "node" ? AccountKind::kNode : AccountKind::kDevice;
    const crypto::PublicKey shown = key.public_key();
    const FoundingAccount account{
        kind, arguments.name, owner.id(), {{KeyUse::kSign, static_cast<std::uint32_t>(shown.suite), shown.bytes}}};
    SALUS_TRY(const Filed filed,
              transact(api, owner, Contract::kIdentity, codec::encode(identity::Payload{identity::Found{account}}),
                       environment.random, &key));
    const std::string address = to_address(kind, account.id());
    return Report{{{"ok", true}, {"account", address}, {"transaction", filed.id}, {"height", filed.height}},
                  fmt::format("{} is {} in block {}\n", arguments.name, address, filed.height)};
}

struct SetStatusArguments {
    SessionArguments session;
    std::string account;
    std::string status;
};

void declare_set_status(CLI::App& app, SetStatusArguments& arguments) {
    app.add_option("account", arguments.account, "The node's or device's address")->required();
    app.add_option("status", arguments.status, "active or suspended")
        ->required()
        ->check(CLI::IsMember({"active", "suspended"}));
    declare_keys(app, arguments.session);
}

Result<Report> set_status(const SetStatusArguments& arguments, Environment& environment) {
    auto account = account_from_address(AccountKind::kDevice, arguments.account);
    if (!account) account = account_from_address(AccountKind::kNode, arguments.account);
    if (!account) return fail(ErrorCode::kUsage, "\"" + arguments.account + "\" is no address of a node or device");
    SALUS_TRY(const node::OrganisationKeys owner, open_folder(arguments.session.folder, environment));
    SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
    const identity::AccountStatus status =
        arguments.status == "active" ? identity::AccountStatus::kActive : identity::AccountStatus::kSuspended;
    SALUS_TRY(const Filed filed,
              transact(api, owner, Contract::kIdentity,
                       codec::encode(identity::Payload{identity::SetStatus{*account, status}}), environment.random));
    return Report{{{"ok", true}, {"status", arguments.status}, {"transaction", filed.id}, {"height", filed.height}},
                  fmt::format("{} from block {} on\n", arguments.status, filed.height)};
}

}  // namespace

void add_owned(Commands& commands, CLI::App& org) {
    commands.add<RegisterOwnedArguments>(
        org, "register", "Put the account of a node or device that one owns on the chain",
        "  openssl genpkey -algorithm ed25519 -out fridge.pem\n"
        "  salus org register 'Fridge 7' --as net/orgs/hospital-a --kind device --key fridge.pem\n"
        "  salus org register 'Node 5' --as net5/orgs/hospital-c --kind node --operator net5\n",
        declare_register_owned, register_owned);
    commands.add<SetStatusArguments>(
        org, "set-status", "Suspend a node or device that one owns, or make it active: after a recovery, confirm it",
        "  salus org set-status salusdev1... suspended --as net/orgs/hospital-a\n", declare_set_status, set_status);
}

}  // namespace salus::cli
