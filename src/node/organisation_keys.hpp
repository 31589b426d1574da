#pragma once

#include <filesystem>
#include <optional>

#include "base/platform/random.hpp"
#include "crypto/hpke.hpp"
#include "crypto/signature.hpp"
#include "model/account.hpp"

namespace salus::node {

/// An organisation's private keys, as its folder holds them: orgs/<slug>/keys, sealed under the master key that the
/// passphrase file beside it gives. Whoever has both acts as the organisation.
struct OrganisationKeys {
    FoundingAccount founding;  ///< the account with its public keys; its hash is the id
    crypto::SigningKey signing;
    crypto::SealingKey sealing;
    /// Which its node shows to others'. A folder that was made before there was one gets it by a rotation.
    std::optional<crypto::SigningKey> tls;

    [[nodiscard]] AccountId id() const { return founding.id(); }
    /// For signing, sealing and TLS, as an account on the chain has them.
    [[nodiscard]] std::vector<AccountKey> public_keys() const;
};

/// Of that account: other keys than before.
OrganisationKeys new_keys_of(FoundingAccount founding, Random& random);
OrganisationKeys new_organisation_keys(std::string name, Random& random);

/// Errors: kIo
Status write_organisation_keys(const std::filesystem::path& file, const OrganisationKeys& keys,
                               const crypto::Key256& master, Random& random);
/// Errors: kNotFound, kIo; kForbidden where the master key does not open it; kCorrupt
Result<OrganisationKeys> read_organisation_keys(const std::filesystem::path& file, const crypto::Key256& master);
/// The same from an organisation's folder, with the passphrase file in it.
Result<OrganisationKeys> open_organisation_folder(const std::filesystem::path& folder, Random& random);

/// The key that certifies the blocks of an embedded network, in the same kind of file.
Status write_operator_key(const std::filesystem::path& file, const crypto::SigningKey& key,
                          const crypto::Key256& master, Random& random);
Result<crypto::SigningKey> read_operator_key(const std::filesystem::path& file, const crypto::Key256& master);

}  // namespace salus::node
