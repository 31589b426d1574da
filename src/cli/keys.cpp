#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/session.hpp"
#include "cli/wallet_file.hpp"
#include "cli/wallet_grants.hpp"
#include "crypto/hash.hpp"
#include "crypto/mnemonic.hpp"
#include "node/organisation_folder.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct WalletArguments {
    std::string file;
    std::string passphrase_file;
};

void declare_wallet(CLI::App& app, WalletArguments& arguments) {
    app.add_option("--wallet", arguments.file, "The wallet's file")->required();
    app.add_option("--passphrase-file", arguments.passphrase_file,
                   "File whose first line is its passphrase (mode 0600)");
}

struct RestoreArguments {
    WalletArguments wallet;
    SessionArguments session;
    std::string words_file;
    std::vector<std::string> custodians;
};

void declare_restore(CLI::App& app, RestoreArguments& arguments) {
    declare_wallet(app, arguments.wallet);
    declare_node(app, arguments.session);
    app.add_option("--words-file", arguments.words_file, "File with the 24 words (mode 0600)")->required();
    app.add_option("--at", arguments.custodians, "Slugs of custodians that know its owner: their grants are fetched");
}

Status refuse_existing(const std::string& file) {
    std::error_code error;
    if (std::filesystem::exists(file, error))
        return fail(ErrorCode::kConflict, file + " is there already: a wallet is never overwritten");
    return {};
}

Status store(const WalletArguments& arguments, const crypto::Key256& entropy, const crypto::SecretBytes& passphrase,
             Environment& environment) {
    Wallet wallet;
    std::ranges::copy(entropy.expose(), wallet.entropy.begin());
    return write_wallet(arguments.file, wallet, passphrase.expose(), environment.random);
}

Result<Report> create(const WalletArguments& arguments, Environment& environment) {
    crypto::Key256 entropy;
    environment.random.fill(entropy.expose_mutable());
    SALUS_TRY_STATUS(refuse_existing(arguments.file));
    SALUS_TRY(const crypto::SecretBytes passphrase, ask_passphrase(arguments.passphrase_file, arguments.file, true));
    SALUS_TRY_STATUS(store(arguments, entropy, passphrase, environment));
    const crypto::SecretBytes words = crypto::words_from_entropy(entropy);
    Report report;
    report.data = {{"ok", true}, {"wallet", arguments.file}, {"words", as_text(words.expose())}};
    report.text =
        fmt::format("{}\n\nThese 24 words are the wallet. Write them on paper, show them to nobody.\nSealed in {}\n",
                    as_text(words.expose()), arguments.file);
    return report;
}

/// The file anew; one that an earlier try has made from the same words is gone on with.
Status store_again(const WalletArguments& arguments, const crypto::Key256& entropy,
                   const crypto::SecretBytes& passphrase, Environment& environment) {
    const Status is_new = refuse_existing(arguments.file);
    if (is_new) return store(arguments, entropy, passphrase, environment);
    const auto there = read_wallet(arguments.file, passphrase.expose());
    return there && std::ranges::equal(there->entropy, entropy.expose()) ? Status{} : is_new;
}

/// The view keys and the grants that one custodian has for the wallet. Returns how many grants it is again.
Result<std::size_t> fetch_from(const RestoreArguments& arguments, const std::string& custodian,
                               const crypto::SecretBytes& passphrase, Environment& environment) {
    SessionArguments where = arguments.session;
    where.wallet_file = arguments.wallet.file;
    where.custodian = custodian;
    where.new_network = true;
    SALUS_TRY(WalletSession session,
              open_wallet(where, crypto::SecretBytes(to_bytes(passphrase.expose())), environment));
    SALUS_TRY_STATUS(log_in_wallet(session, environment));
    SALUS_TRY_STATUS(fetch_grants(session, environment));
    return session.here().grants.size();
}

Result<Report> restore(const RestoreArguments& arguments, Environment& environment) {
    SALUS_TRY_STATUS(from_files<void>(check_private(arguments.words_file)));
    SALUS_TRY(const Bytes text, read_input(arguments.words_file, 4096));
    const crypto::SecretBytes words{Bytes(text)};
    SALUS_TRY(const crypto::Key256 entropy, crypto::entropy_from_words(as_text(words.expose())));
    const bool is_new = refuse_existing(arguments.wallet.file).has_value();
    SALUS_TRY(const crypto::SecretBytes passphrase,
              ask_passphrase(arguments.wallet.passphrase_file, arguments.wallet.file, is_new));
    SALUS_TRY_STATUS(store_again(arguments.wallet, entropy, passphrase, environment));
    Report report{{{"ok", true}, {"wallet", arguments.wallet.file}},
                  "The wallet is back in " + arguments.wallet.file + "; its custodians give it the rest" +
                      (arguments.custodians.empty() ? ": say the same again with --at for each.\n" : ".\n")};
    std::size_t grants = 0;
    json::array custodians;
    for (const std::string& custodian : arguments.custodians) {
        const auto fetched = fetch_from(arguments, custodian, passphrase, environment);
        json::object& one =
            custodians.emplace_back(json::object{{"at", custodian}, {"ok", fetched.has_value()}}).as_object();
        if (fetched) {
            one["grants"] = *fetched;
            grants += *fetched;
            report.text += fmt::format("{}: {} grants that it can revoke\n", custodian, *fetched);
        } else {
            report.good = false;
            one["message"] = fetched.error().to_string();
            report.text += fmt::format("{}: not fetched: {}\n  Say the same again, or use the wallet there.\n",
                                       custodian, fetched.error().to_string());
        }
    }
    report.data["ok"] = report.good;
    report.data["grants"] = grants;
    report.data["custodians"] = std::move(custodians);
    return report;
}

Result<Report> words(const WalletArguments& arguments, Environment&) {
    SALUS_TRY(const crypto::SecretBytes passphrase, ask_passphrase(arguments.passphrase_file, arguments.file, false));
    SALUS_TRY(const Wallet wallet, read_wallet(arguments.file, passphrase.expose()));
    const crypto::SecretBytes shown = crypto::words_from_entropy(crypto::Key256(wallet.entropy));
    return Report{{{"ok", true}, {"words", as_text(shown.expose())}}, std::string(as_text(shown.expose())) + "\n"};
}

struct ShowArguments {
    std::string folder;
};

void declare_show(CLI::App& app, ShowArguments& arguments) {
    app.add_option("--as", arguments.folder, "An organisation's folder: DIR/orgs/SLUG")->required();
}

Result<Report> show(const ShowArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(arguments.folder, environment));
    const std::string address = to_address(AccountKind::kOrganisation, keys.id());
    const std::string sign = to_hex(keys.signing.public_key().bytes);
    const std::string seal = to_hex(keys.sealing.public_key());
    return Report{{{"ok", true}, {"name", keys.founding.name}, {"account", address}, {"sign", sign}, {"seal", seal}},
                  fmt::format("{}\n  account  {}\n  sign     ed25519 {}\n  seal     x25519  {}\n", keys.founding.name,
                              address, sign, seal)};
}

struct RecoverArguments {
    std::string folder;
    std::vector<std::string> shares;
};

void declare_recover(CLI::App& app, RecoverArguments& arguments) {
    app.add_option("--as", arguments.folder, "The organisation's folder, whose passphrase is lost: DIR/orgs/SLUG")
        ->required();
    app.add_option("shares", arguments.shares, "Files of shares of its escrow: two of the three that were made")
        ->required();
}

Result<Report> recover(const RecoverArguments& arguments, Environment& environment) {
    SALUS_TRY(const node::OrganisationKeys keys,
              node::recover_organisation_folder(arguments.folder, {arguments.shares.begin(), arguments.shares.end()},
                                                environment.random));
    const std::string address = to_address(AccountKind::kOrganisation, keys.id());
    return Report{{{"ok", true}, {"name", keys.founding.name}, {"account", address}, {"folder", arguments.folder}},
                  fmt::format("{} ({}) has a new passphrase in {}/passphrase, and new shares in {}/escrow.\n"
                              "The old shares open nothing any more: put the new ones where those were.\n",
                              keys.founding.name, address, arguments.folder, arguments.folder)};
}

struct TokenArguments {
    SessionArguments session;
};

void declare_token(CLI::App& app, TokenArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--purpose", arguments.session.purpose, "Purpose of use that the token carries");
}

Result<Report> token(const TokenArguments& arguments, Environment& environment) {
    SALUS_TRY(const OrganisationSession session, log_in_organisation(arguments.session, environment));
    return Report{{{"ok", true}, {"access_token", session.api.token()}}, session.api.token() + "\n"};
}

}  // namespace

void add_keys(Commands& commands) {
    CLI::App& keys = commands.group("keys", "Wallets and the keys of organisations");
    commands.add<WalletArguments>(keys, "wallet", "Make a wallet of 24 words, sealed with a passphrase",
                                  "  salus keys wallet --wallet mary.wallet\n", declare_wallet, create);
    commands.add<RestoreArguments>(keys, "restore", "Make a wallet again from its 24 words",
                                   "  salus keys restore --wallet mary.wallet --words-file words.txt --at hospital-a\n",
                                   declare_restore, restore);
    commands.add<WalletArguments>(keys, "words", "Show a wallet's 24 words",
                                  "  salus keys words --wallet mary.wallet\n", declare_wallet, words);
    commands.add<RecoverArguments>(
        keys, "recover", "Get an organisation's keys back from shares of its escrow, its node being stopped",
        "  salus keys recover --as net/orgs/hospital-a drawer-1/share-1 drawer-3/share-3\n", declare_recover, recover);
    commands.add<TokenArguments>(
        keys, "token", "Log in as an organisation and print the token, for other clients; it lasts five minutes",
        "  salus keys token --as net/orgs/hospital-a\n", declare_token, token);
    commands.add<ShowArguments>(keys, "show", "Show an organisation's public keys",
                                "  salus keys show --as net/orgs/hospital-a\n", declare_show, show);
}

}  // namespace salus::cli
