#include "node/check_node.hpp"

#include "application/check/check_accounts.hpp"
#include "application/keys/key_provider.hpp"
#include "application/vault/checkpoint.hpp"
#include "model/contract.hpp"
#include "node/config.hpp"
#include "node/layout.hpp"
#include "store/chain_store.hpp"

namespace salus::node {
namespace {

namespace app = salus::application;

Result<OrganisationCheck> check_one(const std::filesystem::path& directory, const OrganisationConfig& config,
                                    const store::StoreView& chain, Random& random,
                                    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const std::filesystem::path folder = organisation_folder(directory, config.slug);
    auto opened = app::open_passphrase_file(directory / config.passphrase_file, random);
    // Not a finding: without it nothing can be looked at.
    if (!opened && opened.error().code == ErrorCode::kNotFound)
        return fail(ErrorCode::kIo, "the check needs the passphrase file, which is not there", opened.error());
    SALUS_TRY(const auto master, std::move(opened));
    SALUS_TRY(const auto database, app::Database::inspect(folder / "vault" / "vault.db"));
    SALUS_TRY(const auto keys,
              app::KeyStore::inspect(folder / "keystore" / "keystore.db", config.account, *master, random));
    SALUS_TRY(const auto vault, app::Vault::open({*database, *keys, random, config.account}));
    const auto log = chain.log(Contract::kRecords, config.account);
    SALUS_TRY(app::CheckReport report, app::check_vault(*vault, chain, *log, progress));
    const auto audit_log = chain.log(Contract::kAudit, config.account);
    SALUS_TRY_STATUS(app::check_accounts(*vault, chain, *audit_log, report));
    OrganisationCheck check{config.slug, report.versions, report.pads, report.keys, {}};
    SALUS_TRY(const auto kept, database->read([](app::Reading& reading) { return app::kept_checkpoint(reading); }));
    if (kept)
        if (const Status held = app::continues(*kept, chain.tip().header, *chain.history()); !held) {
            if (held.error().code != ErrorCode::kRolledBack) return tl::make_unexpected(held.error());
            check.findings.push_back("altered the chain: " + held.error().message);
        }
    for (const app::Finding& finding : report.findings)
        check.findings.push_back(std::string(app::kind_name(finding.kind)) + " " + finding.what + ": " + finding.why);
    return check;
}

}  // namespace

Result<std::vector<OrganisationCheck>> check_node(const std::filesystem::path& directory, Random& random,
                                                  const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    SALUS_TRY(const NodeConfig config, read_config(config_file(directory)));
    SALUS_TRY(const auto chain, store::open_rocksdb_to_read(chain_folder(directory)));
    const auto view = chain->view();
    std::vector<OrganisationCheck> checks;
    for (const OrganisationConfig& organisation : config.organisations) {
        auto check = check_one(directory, organisation, *view, random, progress);
        // A store that is gone is what was looked for, and no reason to look no further.
        if (!check && check.error().code == ErrorCode::kNotFound)
            checks.push_back({organisation.slug, 0, 0, 0, {"missing: " + check.error().to_string()}});
        else if (!check && check.error().code != ErrorCode::kCorrupt)
            return fail(check.error().code, "organisation " + organisation.slug, check.error());
        else if (!check)
            checks.push_back({organisation.slug, 0, 0, 0, {"altered, does not open: " + check.error().to_string()}});
        else
            checks.push_back(*std::move(check));
    }
    return checks;
}

}  // namespace salus::node
