#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "node/organisation_keys.hpp"

/// What is done to an organisation's folder (orgs/<slug>) as a whole.
namespace salus::node {

/// Makes a new organisation's folder: its passphrase file, its keys, and escrow/share-1..3, any two of which give back
/// what the passphrase gives. Errors: kConflict where a passphrase file is there, kIo
Result<OrganisationKeys> make_organisation_folder(const std::filesystem::path& folder, const std::string& name,
                                                  Random& random);

/// Where the passphrase file is lost: makes another one from shares of the escrow, wraps the folder's keys and its key
/// store anew under it, and makes new shares; the old ones open nothing afterwards. May be repeated where it was
/// interrupted. Pre: no node serves the folder.
/// Errors: kConflict where the passphrase file is not lost; kUsage, kCorrupt for bad shares; kForbidden where they are
/// another organisation's; kNotFound, kIo
Result<OrganisationKeys> recover_organisation_folder(const std::filesystem::path& folder,
                                                     const std::vector<std::filesystem::path>& share_files,
                                                     Random& random);

/// What the next keys are for. Each has a file of its own: a key that members vote on must not be rotated in meanwhile,
/// for what an account has had it is never given again.
enum class NextKeys {
    kRotation,  ///< keys.next
    kRecovery,  ///< keys.recovery
};

/// The keys for signing and sealing that follow, kept until the chain knows them; the same ones when asked again.
/// Errors: those of open_organisation_folder, kIo
Result<OrganisationKeys> prepare_next_keys(const std::filesystem::path& folder, NextKeys next, Random& random);
/// Errors: kNotFound where none were prepared
Result<OrganisationKeys> open_next_keys(const std::filesystem::path& folder, NextKeys next, Random& random);
/// Makes the next keys the folder's, and keeps the ones before as keys.old. To be repeated where it was interrupted.
/// Errors: kNotFound where none were prepared; kConflict where older ones are kept still; kIo
Status switch_to_next_keys(const std::filesystem::path& folder, NextKeys next);
/// Forgets a rotation that was begun, whatever of it was done: a recovery has retired its keys. Errors: kIo
Status forget_rotation(const std::filesystem::path& folder);
/// Errors: kNotFound where there are none, also where a switch was interrupted before it was done
Result<OrganisationKeys> open_old_keys(const std::filesystem::path& folder, Random& random);
/// Errors: kIo
Status forget_old_keys(const std::filesystem::path& folder);

}  // namespace salus::node
