#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/api.hpp"
#include "cli/command.hpp"
#include "cli/wallet_file.hpp"
#include "model/manifest.hpp"
#include "node/organisation_keys.hpp"

namespace salus::cli {

/// Who a command acts as, and where: the flags that all online commands share.
struct SessionArguments {
    std::string node;             ///< --node
    std::string folder;           ///< --as: an organisation's folder
    std::string organisation;     ///< --org: its slug; else the folder's name
    std::string staff_file;       ///< --staff: a credential
    std::string wallet_file;      ///< --wallet
    std::string passphrase_file;  ///< --passphrase-file, of the wallet
    std::string custodian;        ///< --at: the custodian's slug, for a wallet
    bool new_network = false;     ///< the wallet's owner means to begin in a network that it has not seen
    std::string purpose = "TREAT";
};

/// --node
void declare_node(CLI::App& app, SessionArguments& arguments);
/// --node, --as: for what an organisation's own keys sign
void declare_keys(CLI::App& app, SessionArguments& arguments);
/// --node, --as, --org, --staff: for what needs a log-in
void declare_organisation(CLI::App& app, SessionArguments& arguments);
/// --node, --wallet, --passphrase-file, --at
void declare_wallet(CLI::App& app, SessionArguments& arguments);

/// An organisation, or a member of its staff, logged in at its own base.
struct OrganisationSession {
    Api api;
    std::string slug;
    node::OrganisationKeys keys;
    std::optional<StaffCredential> staff;

    /// "/orgs/hospital-a/fhir/R4/Patient/1": the path below the organisation's own
    [[nodiscard]] std::string at(std::string_view path) const { return "/orgs/" + slug + std::string(path); }
};
/// The slug under which a node serves an organisation: the name of its folder, DIR/orgs/SLUG.
std::string slug_of(const std::filesystem::path& folder);
/// Opens an organisation's folder. Errors: kIo where it is none, saying where they are; kForbidden, kCorrupt
Result<node::OrganisationKeys> open_folder(const std::filesystem::path& folder, Environment& environment);
/// A connection that is logged in by keys that are open already: to open a folder costs what guessing its passphrase
/// once does. `staff`: as that member of the staff, else as the organisation's machine. Errors: those of the node
Result<Api> log_in_with(const std::string& node, const std::string& slug, const node::OrganisationKeys& keys,
                        const std::optional<StaffCredential>& staff, const std::string& purpose,
                        Environment& environment);
Result<OrganisationSession> log_in_organisation(const SessionArguments& arguments, Environment& environment);

/// A wallet logged in at a custodian. `save` keeps what the wallet has learnt.
struct WalletSession {
    Api api;
    std::string slug;
    AccountId custodian;
    NetworkId network;
    std::string file;
    crypto::SecretBytes passphrase;
    Wallet wallet;
    boost::json::value about{};       ///< once logged in: what the custodian says of the wallet's owner
    std::size_t openings_unseen = 0;  ///< emergency openings of her record that `audit patient` has not shown yet

    [[nodiscard]] std::string at(std::string_view path) const { return "/orgs/" + slug + std::string(path); }
    [[nodiscard]] crypto::Key256 entropy() const { return crypto::Key256(wallet.entropy); }
    WalletCustodian& here();
    Status save(Environment& environment) const;
};
/// Opens the wallet and asks the node for its history: one that does not continue the wallet's checkpoint is refused.
/// Errors: kRolledBack, also where the node serves another network than the one that the custodian was known in;
/// kNotFound where the wallet has seen neither; those of Api::call
Result<WalletSession> open_wallet(const SessionArguments& arguments, Environment& environment);
/// The same with a passphrase that is known already.
Result<WalletSession> open_wallet(const SessionArguments& arguments, crypto::SecretBytes passphrase,
                                  Environment& environment);
/// Opens the wallet and logs it in; keeps the view keys that the custodian shows, and tells of emergency openings that
/// are new.
/// Errors: as open_wallet; kProofInvalid where the custodian shows another view key than before
Result<WalletSession> log_in_wallet(const SessionArguments& arguments, Environment& environment);
/// The same for one that is open.
Status log_in_wallet(WalletSession& session, Environment& environment);

/// What a node says of itself, needed to sign for it.
struct NodeStatus {
    NetworkId network;
    Height height = 0;
    TimeMs now_ms = 0;  ///< max(block time, node time)
};
Result<NodeStatus> node_status(Api& api);
/// The account of the organisation that is served under `slug`, here or at another node that this one reaches.
/// Errors: kNotFound
Result<AccountId> account_of(Api& api, std::string_view slug);

}  // namespace salus::cli
