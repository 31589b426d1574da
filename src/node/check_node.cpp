#include "node/check_node.hpp"

#include <algorithm>

#include "application/check/check_accounts.hpp"
#include "application/check/check_house.hpp"
#include "application/keys/key_provider.hpp"
#include "application/vault/checkpoint.hpp"
#include "model/contract.hpp"
#include "node/check_chain.hpp"
#include "node/check_keys.hpp"
#include "node/config.hpp"
#include "node/layout.hpp"
#include "store/chain_store.hpp"
#include "store/table_files.hpp"

namespace salus::node {
namespace {

namespace app = salus::application;
namespace fs = std::filesystem;
using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

void add(std::vector<std::string>& findings, const std::vector<std::string>& more) {
    findings.insert(findings.end(), more.begin(), more.end());
}

/// Whether looking at something failed because another program has it, or another version of this one wrote it: that
/// says nothing of what is there.
bool cannot_look(const Error& error) {
    return error.code == ErrorCode::kLocked || error.code == ErrorCode::kSchema ||
           error.code == ErrorCode::kUnsupported;
}

/// One organisation's folder, part after part; a part that does not open is a finding.
class FolderCheck {
public:
    FolderCheck(const fs::path& directory, const OrganisationConfig& config, Random& random)
        : config_(config),
          folder_(organisation_folder(directory, config.slug)),
          passphrase_(directory / config.passphrase_file),
          random_(random) {
        out_.slug = config.slug;
    }

    /// `chain`: nullptr where it does not open. Errors: kIo where the passphrase file is not there
    Result<OrganisationCheck> run(const store::StoreView* chain, const Progress& progress);

private:
    void find(const fs::path& file, const Error& error) { out_.findings.push_back(finding_of(file, error)); }
    std::unique_ptr<app::Database> open_database(const fs::path& file);
    void check_vault_in(const app::MasterKey& master, const store::StoreView* chain, const Progress& progress);
    void compare(app::Vault& vault, const store::StoreView& chain, const Progress& progress);
    void check_checkpoint(const store::StoreView& chain);

    const OrganisationConfig& config_;
    const fs::path folder_;
    const fs::path passphrase_;
    const fs::path vault_file_ = folder_ / "vault" / "vault.db";
    const fs::path key_store_file_ = folder_ / "keystore" / "keystore.db";
    Random& random_;
    std::unique_ptr<app::Database> database_;
    OrganisationCheck out_;
};

/// Nothing, and a finding, where it does not open. What the engine finds wrong with it is a finding, too.
std::unique_ptr<app::Database> FolderCheck::open_database(const fs::path& file) {
    auto database = app::Database::inspect(file);
    if (!database) {
        find(file, database.error());
        return nullptr;
    }
    for (const std::string& damage : app::damage_of(**database))
        out_.findings.push_back("altered " + file.string() + ": " + damage);
    return *std::move(database);
}

void FolderCheck::check_checkpoint(const store::StoreView& chain) {
    const auto kept = database_->read([](app::Reading& reading) { return app::kept_checkpoint(reading); });
    if (!kept) return find(vault_file_, kept.error());
    if (!*kept) return;
    const Status held = app::continues(**kept, chain.tip().header, *chain.history());
    if (!held && held.error().code == ErrorCode::kRolledBack)
        out_.findings.push_back("altered the chain: " + held.error().message);
    else if (!held)
        find(vault_file_, held.error());
}

void FolderCheck::compare(app::Vault& vault, const store::StoreView& chain, const Progress& progress) {
    const auto log = chain.log(Contract::kRecords, config_.account);
    auto compared = app::check_vault(vault, chain, *log, progress);
    if (!compared) find(vault_file_, compared.error());
    app::CheckReport report = compared ? *std::move(compared) : app::CheckReport{};
    const auto audit_log = chain.log(Contract::kAudit, config_.account);
    app::check_accounts(vault, chain, *audit_log, report);
    app::check_house(vault, chain.tip().header.network_id, report);
    out_.versions = report.versions;
    out_.pads = report.pads;
    out_.keys = report.keys;
    out_.accounts = report.accounts;
    for (const app::Finding& finding : report.findings)
        out_.findings.push_back(std::string(app::kind_name(finding.kind)) + " " + finding.what + ": " + finding.why);
}

void FolderCheck::check_vault_in(const app::MasterKey& master, const store::StoreView* chain,
                                 const Progress& progress) {
    database_ = open_database(vault_file_);
    if (!open_database(key_store_file_)) return;
    const auto keys = app::KeyStore::inspect(key_store_file_, config_.account, master, random_);
    if (!keys) return find(key_store_file_, keys.error());
    if (!database_) return;
    if (chain != nullptr) check_checkpoint(*chain);
    const auto vault = app::Vault::open({*database_, **keys, random_, config_.account});
    if (!vault) return find(vault_file_, vault.error());
    if (chain != nullptr) compare(**vault, *chain, progress);
}

Result<OrganisationCheck> FolderCheck::run(const store::StoreView* chain, const Progress& progress) {
    const auto master = app::open_passphrase_file(passphrase_, random_);
    // Not a finding: without it nothing can be looked at.
    if (!master && (master.error().code == ErrorCode::kNotFound || master.error().code == ErrorCode::kForbidden))
        return fail(master.error().code == ErrorCode::kNotFound ? ErrorCode::kIo : master.error().code,
                    "organisation " + config_.slug + ": the check needs the passphrase file", master.error());
    if (!master) {
        find(passphrase_, master.error());
        (void)open_database(vault_file_);
        (void)open_database(key_store_file_);
        return std::move(out_);
    }
    add(out_.findings, check_organisation_keys(folder_, config_.account, (*master)->key(), chain));
    check_vault_in(**master, chain, progress);
    return std::move(out_);
}

}  // namespace

bool NodeCheck::good() const {
    return findings.empty() &&
           std::ranges::all_of(organisations, [](const OrganisationCheck& one) { return one.findings.empty(); });
}

Result<NodeCheck> check_node(const fs::path& directory, Random& random, const Progress& progress) {
    SALUS_TRY(const NodeConfig config, read_config(config_file(directory)));
    NodeCheck check;
    std::shared_ptr<const store::StoreView> view;
    std::optional<EraRecord> era;
    const auto chain = store::open_rocksdb_to_read(chain_folder(directory));
    if (!chain && cannot_look(chain.error())) return fail(chain.error());
    if (chain) {
        view = (*chain)->view();
        ChainCheck walked = check_chain(**chain, progress);
        check.blocks = walked.blocks;
        for (const std::string& finding : walked.findings)
            check.findings.push_back(chain_folder(directory).string() + ": " + finding);
        if (const auto genesis = (*chain)->genesis()) add(check.findings, check_genesis_file(directory, *genesis));
        if (auto eras = (*chain)->eras(); eras && !eras->empty()) era = std::move(eras->back());
    } else {
        check.findings.push_back(finding_of(chain_folder(directory), chain.error()));
        for (const std::string& damaged : store::damaged_tables(store::table_files(chain_folder(directory)), progress))
            check.findings.push_back("altered " + damaged);
    }
    add(check.findings, check_operator(directory, config, era ? &*era : nullptr, view.get(), random));
    for (const OrganisationConfig& organisation : config.organisations) {
        SALUS_TRY(auto checked, FolderCheck(directory, organisation, random).run(view.get(), progress));
        check.organisations.push_back(std::move(checked));
    }
    return check;
}

}  // namespace salus::node
