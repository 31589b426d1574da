#include "node/organisation_folder.hpp"

#include "application/keys/key_provider.hpp"
#include "application/keys/key_store.hpp"
#include "base/file.hpp"

namespace salus::node {
namespace {

namespace fs = std::filesystem;

/// Any two of three shares give the master key back: for three drawers that do not burn together.
constexpr unsigned kEscrowNeeded = 2;
constexpr unsigned kEscrowShares = 3;

Status write_escrow(const fs::path& folder, const crypto::Key256& master, Random& random) {
    SALUS_TRY(const auto shares, application::split_master(master, kEscrowNeeded, kEscrowShares, random));
    SALUS_TRY_STATUS(make_directory(folder));
    for (const application::EscrowShare& share : shares)
        SALUS_TRY_STATUS(write_file(folder / ("share-" + std::to_string(share.number)),
                                    as_bytes(share.to_text() + "\n"), FileMode::kPrivate));
    return {};
}

Result<crypto::Key256> join(const std::vector<fs::path>& files) {
    std::vector<application::EscrowShare> shares;
    for (const fs::path& file : files) {
        SALUS_TRY(const Bytes text, read_file(file, 4096));
        const crypto::SecretBytes held{Bytes(text)};
        auto share = application::EscrowShare::from_text(as_text(held.expose()));
        if (!share) return fail(share.error().code, file.string(), share.error());
        shares.push_back(*std::move(share));
    }
    return application::join_shares(shares);
}

bool is_there(const fs::path& file) {
    std::error_code error;
    return fs::exists(file, error);
}

Status remove_file(const fs::path& file) {
    std::error_code error;
    fs::remove(file, error);
    if (error) return fail(ErrorCode::kIo, "cannot remove " + file.string() + ": " + error.message());
    return {};
}

fs::path file_of(const fs::path& folder, NextKeys next) {
    return folder / (next == NextKeys::kRotation ? "keys.next" : "keys.recovery");
}

/// keys.old is the second name of `keys`: a switch was interrupted before it was done.
bool is_switch_half_done(const fs::path& folder) {
    std::error_code error;
    return fs::equivalent(folder / "keys", folder / "keys.old", error) && !error;
}

Status rename_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) return fail(ErrorCode::kIo, "cannot rename " + from.string() + ": " + error.message());
    return {};
}

/// Wraps the folder's key store, where it has one, under `next`. One that is under `next` already is left.
Status rewrap_key_store(const fs::path& folder, const AccountId& organisation, const application::MasterKey& old,
                        const application::MasterKey& next, Random& random) {
    const fs::path file = folder / "keystore" / "keystore.db";
    if (!is_there(file)) return {};
    auto store = application::KeyStore::open(file, organisation, old, random);
    if (store) return (*store)->rotate_master(next);
    SALUS_TRY_STATUS(application::KeyStore::open(file, organisation, next, random));
    return {};
}

}  // namespace

Result<OrganisationKeys> make_organisation_folder(const fs::path& folder, const std::string& name, Random& random) {
    OrganisationKeys keys = new_organisation_keys(name, random);
    SALUS_TRY_STATUS(make_directory(folder));
    SALUS_TRY(const auto master, application::create_passphrase_file(folder / "passphrase", random));
    SALUS_TRY_STATUS(write_organisation_keys(folder / "keys", keys, master->key(), random));
    SALUS_TRY_STATUS(write_escrow(folder / "escrow", master->key(), random));
    return keys;
}

Result<OrganisationKeys> recover_organisation_folder(const fs::path& folder, const std::vector<fs::path>& share_files,
                                                     Random& random) {
    const fs::path passphrase = folder / "passphrase";
    if (is_there(passphrase))
        return fail(ErrorCode::kConflict,
                    passphrase.string() + " is not lost: move it away where it is not the right one");
    SALUS_TRY(crypto::Key256 joined, join(share_files));
    const application::MasterKey old(std::move(joined), random);
    const fs::path next_file = folder / "passphrase.next";  // there: an earlier try was interrupted
    SALUS_TRY(const auto next, is_there(next_file) ? application::open_passphrase_file(next_file, random)
                                                   : application::create_passphrase_file(next_file, random));
    auto keys = read_organisation_keys(folder / "keys", old.key());
    if (!keys && keys.error().code == ErrorCode::kForbidden) {
        keys = read_organisation_keys(folder / "keys", next->key());
        if (!keys) return fail(ErrorCode::kForbidden, "the shares are not of the keys in " + folder.string());
    }
    if (!keys) return fail(keys.error());
    SALUS_TRY_STATUS(rewrap_key_store(folder, keys->id(), old, *next, random));
    if (is_switch_half_done(folder)) SALUS_TRY_STATUS(remove_file(folder / "keys.old"));  // it is begun anew
    for (const char* name : {"keys", "keys.next", "keys.recovery", "keys.old"}) {
        if (!is_there(folder / name)) continue;
        const auto wrapped = read_organisation_keys(folder / name, old.key());
        if (wrapped) SALUS_TRY_STATUS(write_organisation_keys(folder / name, *wrapped, next->key(), random));
    }
    SALUS_TRY_STATUS(write_escrow(folder / "escrow", next->key(), random));
    SALUS_TRY_STATUS(rename_file(next_file, passphrase));
    return keys;
}

Result<OrganisationKeys> prepare_next_keys(const fs::path& folder, NextKeys next, Random& random) {
    SALUS_TRY(const auto master, application::open_passphrase_file(folder / "passphrase", random));
    const fs::path file = file_of(folder, next);
    if (is_there(file)) return read_organisation_keys(file, master->key());
    SALUS_TRY(OrganisationKeys before, read_organisation_keys(folder / "keys", master->key()));
    OrganisationKeys keys = new_keys_of(std::move(before.founding), random);
    SALUS_TRY_STATUS(write_organisation_keys(file, keys, master->key(), random));
    return keys;
}

Result<OrganisationKeys> open_next_keys(const fs::path& folder, NextKeys next, Random& random) {
    const fs::path file = file_of(folder, next);
    if (!is_there(file))
        return fail(ErrorCode::kNotFound, folder.string() + " has no next keys: `salus org " +
                                              (next == NextKeys::kRotation ? "rotate-keys" : "next-keys") +
                                              "` makes them");
    SALUS_TRY(const auto master, application::open_passphrase_file(folder / "passphrase", random));
    return read_organisation_keys(file, master->key());
}

Status switch_to_next_keys(const fs::path& folder, NextKeys next) {
    const fs::path file = file_of(folder, next);
    if (!is_there(file)) return fail(ErrorCode::kNotFound, file.string() + " is not there");
    if (!is_switch_half_done(folder)) {
        if (is_there(folder / "keys.old"))
            return fail(ErrorCode::kConflict, (folder / "keys.old").string() +
                                                  " is there: the last rotation is not finished, retire its key first");
        std::error_code error;
        // A second name first: `keys` is there at every moment.
        fs::create_hard_link(folder / "keys", folder / "keys.old", error);
        if (error) return fail(ErrorCode::kIo, "cannot keep " + (folder / "keys").string() + ": " + error.message());
    }
    SALUS_TRY_STATUS(sync_directory(folder));
    SALUS_TRY_STATUS(rename_file(file, folder / "keys"));
    return sync_directory(folder);
}

Status forget_rotation(const fs::path& folder) {
    SALUS_TRY_STATUS(remove_file(file_of(folder, NextKeys::kRotation)));
    return remove_file(folder / "keys.old");
}

Result<OrganisationKeys> open_old_keys(const fs::path& folder, Random& random) {
    if (!is_there(folder / "keys.old") || is_switch_half_done(folder))
        return fail(ErrorCode::kNotFound, folder.string() + " keeps no old keys: there is no rotation to finish");
    SALUS_TRY(const auto master, application::open_passphrase_file(folder / "passphrase", random));
    return read_organisation_keys(folder / "keys.old", master->key());
}

Status forget_old_keys(const fs::path& folder) { return remove_file(folder / "keys.old"); }

}  // namespace salus::node
