#include "cli/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/encoding.hpp"
#include "cli/answers.hpp"
#include "cli/input_file.hpp"
#include "model/evidence.hpp"
#include "model/login.hpp"
#include "model/merkle_log.hpp"
#include "model/wallet_keys.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kDefaultNode = "http://127.0.0.1:8480";

std::string default_node() {
    const char* node = std::getenv("SALUS_NODE");
    return node != nullptr && *node != '\0' ? node : std::string(kDefaultNode);
}

/// Answers a challenge with `key` and gives `api` the token.
Status log_in(Api& api, std::string_view slug, std::string_view kind, const AccountId& organisation,
              const crypto::SigningKey& key, const std::optional<StaffCredential>& staff, const std::string& purpose) {
    const std::string base = "/orgs/" + std::string(slug) + "/auth";
    SALUS_TRY(const NodeStatus status, node_status(api));
    SALUS_TRY(const json::value asked, api.post(base + "/challenge", json::object{}));
    SALUS_TRY(const std::string text, text_of(asked, "challenge"));
    const auto challenge = from_base64(text);
    if (!challenge) return fail(ErrorCode::kCorrupt, "the node's challenge is not base64");
    json::object answer{
        {"kind", kind},
        {"challenge", text},
        {"key", to_hex(key.public_key().bytes)},
        {"signature", to_base64(key.sign(login_signed_bytes(status.network, organisation, *challenge)))},
        {"purpose", purpose}};
    if (staff) answer["credential"] = to_base64(codec::encode(*staff));
    SALUS_TRY(const json::value granted, api.post(base + "/token", answer));
    SALUS_TRY(std::string token, text_of(granted, "access_token"));
    api.set_token(std::move(token));
    return {};
}

/// A network that a wallet has not seen is another history, even where its organisations have the names, accounts and
/// keys of one that it has seen: only its owner lets it in.
Status expect_known(const Wallet& wallet, const NetworkId& network, const std::string& slug) {
    if (wallet.knows(network)) return {};
    const std::string text = "the node serves network " + to_hex(network) + ", which this wallet has never seen";
    const auto before = std::ranges::find(wallet.custodians, slug, &WalletCustodian::slug);
    if (before == wallet.custodians.end())
        return fail(ErrorCode::kNotFound, text +
                                              "; `salus patient offer` begins with a custodian, `salus keys restore` "
                                              "again with one that knew its owner");
    return fail(ErrorCode::kRolledBack, text + ": it knows " + slug + " in network " + to_hex(before->network_id) +
                                            ", whose history is not there. Ask " + slug +
                                            " why; `salus patient offer` begins anew in the other network");
}

/// Asks the node whether the chain that it serves continues what the wallet has seen, and keeps the newer checkpoint.
/// The first one of a network is believed for what its node can show.
Status follow_checkpoint(Api& api, const NetworkId& network, Wallet& wallet) {
    const auto response = api.call("GET", "/v1/checkpoint?format=binary");
    const bool no_block = !response && response.error().code == ErrorCode::kNotFound;
    if (!response && !no_block) return fail(response.error());
    Checkpoint newest;
    if (!no_block) {
        SALUS_TRY(newest, codec::decode<Checkpoint>(response->body));
        if (newest.network_id != network)
            return fail(ErrorCode::kProofInvalid,
                        "the node's newest block is of another network than it says it serves");
    }
    Checkpoint* known = wallet.checkpoint_of(network);
    const bool first = known == nullptr;
    if (first && no_block) return {};
    const Checkpoint kept = first ? newest : *known;
    const std::string seen = "block " + std::to_string(kept.height) + " of era " + std::to_string(kept.era);
    if (std::pair(newest.era, newest.height) < std::pair(kept.era, kept.height))
        return fail(ErrorCode::kRolledBack, "the node stands at block " + std::to_string(newest.height) + ", below " +
                                                seen +
                                                ", which this wallet has seen certified: its history was rolled back");
    const std::string target =
        "/v1/consistency?height=" + std::to_string(kept.height) + "&hash=" + to_hex(kept.block_hash);
    SALUS_TRY(const auto proof, api.call("GET", target));
    SALUS_TRY(const Evidence evidence, from_evidence_file(proof.body));
    const Verdict verdict = verify_evidence(evidence, kept.network_id, kept);
    if (!verdict.good && first)
        return fail(ErrorCode::kProofInvalid, "the node does not prove the checkpoint that it gives: block " +
                                                  std::to_string(kept.height) + " of era " + std::to_string(kept.era));
    if (!verdict.good)
        return fail(ErrorCode::kRolledBack,
                    "the node's chain does not contain " + seen + ", which this wallet has seen certified");
    if (first) known = &wallet.checkpoints.emplace_back(kept);
    if (evidence.header.height >= newest.height)
        *known = Checkpoint{evidence.header.network_id, evidence.header.era, evidence.header.height,
                            evidence.header.hash(), evidence.certificate};
    return {};
}

/// What the custodian says of the wallet's owner; its view keys are kept in the wallet. Errors: kProofInvalid where it
/// shows another key than before for an epoch: the list that it would then show is not the one that it began
Status learn_about_patient(WalletSession& session, Environment& environment) {
    SALUS_TRY(session.about, session.api.get(session.at("/patient")));
    WalletCustodian& here = session.here();
    const std::size_t known_before = here.view_keys.size();
    for (const json::value& shown : list_of(session.about, "view_keys")) {
        SALUS_TRY(const std::uint64_t epoch, number_of(shown, "epoch"));
        SALUS_TRY(const std::string text, text_of(shown, "key"));
        const auto key = array_from_hex<32>(text);
        if (!key) return fail(ErrorCode::kCorrupt, "the custodian's answer is not as it should be");
        const auto known = std::ranges::find(here.view_keys, epoch, &WalletViewKey::epoch);
        if (known == here.view_keys.end())
            here.view_keys.push_back({epoch, *key});
        else if (known->key != *key)
            return fail(ErrorCode::kProofInvalid, "the custodian shows another view key of epoch " +
                                                      std::to_string(epoch) + " than it did before");
    }
    for (const json::value& shown : list_of(session.about, "openings")) {
        const auto id = id_from_hex<BreakGlassId>(shown.is_string() ? std::string(shown.get_string()) : "");
        if (!id) return fail(ErrorCode::kCorrupt, "the custodian's answer is not as it should be");
        if (std::ranges::find(here.openings_seen, *id) == here.openings_seen.end()) ++session.openings_unseen;
    }
    return here.view_keys.size() == known_before ? Status{} : session.save(environment);
}

}  // namespace

void declare_node(CLI::App& app, SessionArguments& arguments) {
    arguments.node = default_node();
    app.add_option("--node", arguments.node, "URL of the node (or SALUS_NODE)");
}

void declare_keys(CLI::App& app, SessionArguments& arguments) {
    declare_node(app, arguments);
    app.add_option("--as", arguments.folder, "The organisation's folder: DIR/orgs/SLUG")->required();
}

void declare_organisation(CLI::App& app, SessionArguments& arguments) {
    declare_keys(app, arguments);
    app.add_option("--org", arguments.organisation, "Its slug, where the folder has another name");
    app.add_option("--staff", arguments.staff_file, "Credential of a member of its staff (salus org staff)");
}

void declare_wallet(CLI::App& app, SessionArguments& arguments) {
    declare_node(app, arguments);
    app.add_option("--wallet", arguments.wallet_file, "The wallet's file")->required();
    app.add_option("--passphrase-file", arguments.passphrase_file,
                   "File whose first line is its passphrase (mode 0600)");
    app.add_option("--at", arguments.custodian, "Slug of the custodian")->required();
}

Result<NodeStatus> node_status(Api& api) {
    SALUS_TRY(const json::value answer, api.get("/v1/status"));
    SALUS_TRY(const std::string network, text_of(answer, "network_id"));
    SALUS_TRY(const std::uint64_t height, number_of(answer, "height"));
    SALUS_TRY(const std::uint64_t block_time, number_of(answer, "block_time_ms"));
    SALUS_TRY(const std::uint64_t node_time, number_of(answer, "node_time_ms"));
    const auto id = id_from_hex<NetworkId>(network);
    if (!id) return fail(ErrorCode::kCorrupt, "the node's network id is not one");
    return NodeStatus{*id, height, std::max(block_time, node_time)};
}

Result<AccountId> account_of(Api& api, std::string_view slug) {
    SALUS_TRY(const json::value answer, api.get("/orgs"));
    for (const char* kind : {"organisations", "custodians"})
        for (const json::value& organisation : list_of(answer, kind)) {
            if (text_of(organisation, "slug").value_or("") != slug) continue;
            SALUS_TRY(const std::string address, text_of(organisation, "account"));
            return account_from_address(AccountKind::kOrganisation, address);
        }
    return fail(ErrorCode::kNotFound,
                "the node serves no organisation \"" + std::string(slug) + "\", and knows no way to one");
}

std::string slug_of(const std::filesystem::path& folder) {
    // "." and a slash at the end name the folder too.
    const std::filesystem::path whole = std::filesystem::absolute(folder / "").lexically_normal();
    return whole.parent_path().filename().string();
}

Result<node::OrganisationKeys> open_folder(const std::filesystem::path& folder, Environment& environment) {
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
        return fail(ErrorCode::kIo,
                    folder.string() + " is no organisation's folder: those of a node are DIR/orgs/SLUG");
    auto keys = node::open_organisation_folder(folder, environment.random);
    if (!keys && keys.error().code == ErrorCode::kNotFound)
        return fail(ErrorCode::kIo, keys.error().message + "; `salus keys recover` makes it again from the escrow");
    return keys;
}

Result<Api> log_in_with(const std::string& node, const std::string& slug, const node::OrganisationKeys& keys,
                        const std::optional<StaffCredential>& staff, const std::string& purpose,
                        Environment& environment) {
    SALUS_TRY(Api api, Api::connect(node, environment.progress));
    SALUS_TRY_STATUS(log_in(api, slug, staff ? "staff" : "machine", keys.id(), keys.signing, staff, purpose));
    return api;
}

Result<OrganisationSession> log_in_organisation(const SessionArguments& arguments, Environment& environment) {
    const std::filesystem::path folder = arguments.folder;
    const std::string slug = arguments.organisation.empty() ? slug_of(folder) : arguments.organisation;
    SALUS_TRY(node::OrganisationKeys keys, open_folder(folder, environment));
    std::optional<StaffCredential> staff;
    if (!arguments.staff_file.empty()) {
        SALUS_TRY(const Bytes bytes, read_input(arguments.staff_file, 64 * 1024));
        auto credential = codec::decode<StaffCredential>(bytes);
        if (!credential)
            return fail(ErrorCode::kUsage, arguments.staff_file + " is no staff credential", credential.error());
        staff = *std::move(credential);
    }
    SALUS_TRY(Api api, log_in_with(arguments.node, slug, keys, staff, arguments.purpose, environment));
    return OrganisationSession{std::move(api), slug, std::move(keys), std::move(staff)};
}

WalletCustodian& WalletSession::here() {
    if (WalletCustodian* known = wallet.find(network, custodian)) return *known;
    wallet.custodians.push_back({network, custodian, slug, api.url(), {}, {}, 0, {}});
    return wallet.custodians.back();
}

Status WalletSession::save(Environment& environment) const {
    return write_wallet(file, wallet, passphrase.expose(), environment.random);
}

Result<WalletSession> open_wallet(const SessionArguments& arguments, Environment& environment) {
    SALUS_TRY(crypto::SecretBytes passphrase, ask_passphrase(arguments.passphrase_file, arguments.wallet_file, false));
    return open_wallet(arguments, std::move(passphrase), environment);
}

Result<WalletSession> open_wallet(const SessionArguments& arguments, crypto::SecretBytes passphrase,
                                  Environment& environment) {
    SALUS_TRY(Wallet wallet, read_wallet(arguments.wallet_file, passphrase.expose()));
    SALUS_TRY(Api api, Api::connect(arguments.node, environment.progress));
    SALUS_TRY(const NodeStatus status, node_status(api));
    SALUS_TRY(const AccountId custodian, account_of(api, arguments.custodian));
    if (!arguments.new_network) SALUS_TRY_STATUS(expect_known(wallet, status.network, arguments.custodian));
    SALUS_TRY_STATUS(follow_checkpoint(api, status.network, wallet));
    WalletSession session{std::move(api),        arguments.custodian,   custodian,        status.network,
                          arguments.wallet_file, std::move(passphrase), std::move(wallet)};
    SALUS_TRY_STATUS(session.save(environment));
    return session;
}

Result<WalletSession> log_in_wallet(const SessionArguments& arguments, Environment& environment) {
    SALUS_TRY(WalletSession session, open_wallet(arguments, environment));
    SALUS_TRY_STATUS(log_in_wallet(session, environment));
    return session;
}

Status log_in_wallet(WalletSession& session, Environment& environment) {
    const crypto::SigningKey key = wallet_login_key(session.entropy(), session.network, session.custodian);
    SALUS_TRY_STATUS(log_in(session.api, session.slug, "wallet", session.custodian, key, std::nullopt, "PATRQT"));
    SALUS_TRY_STATUS(learn_about_patient(session, environment));
    if (session.openings_unseen != 0)
        environment.err << fmt::format(
            "{} emergency opening{} since you last looked: salus audit patient --wallet {} --at {}\n",
            session.openings_unseen, session.openings_unseen == 1 ? "" : "s", session.file, session.slug);
    return {};
}

}  // namespace salus::cli
