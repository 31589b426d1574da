#include "node/organisation_keys.hpp"

#include <algorithm>

#include "application/keys/key_provider.hpp"
#include "base/file.hpp"
#include "crypto/aead.hpp"

namespace salus::node {
namespace {

constexpr std::string_view kOrganisationKind = "organisation keys";
constexpr std::string_view kOperatorKind = "operator key";

struct KeyFile {
    std::optional<FoundingAccount> founding;
    Hash signing_seed{};
    std::optional<Hash> sealing_seed;
    std::optional<Hash> tls_seed;

    /// Moves are copies then, and each wipes itself.
    ~KeyFile() {
        crypto::wipe(signing_seed);
        if (sealing_seed) crypto::wipe(*sealing_seed);
        if (tls_seed) crypto::wipe(*tls_seed);
    }

    static constexpr std::string_view kName = "KeyFile";
    static constexpr auto kFields = codec::table(
        codec::field<1>("founding", &KeyFile::founding), codec::field<2>("signing_seed", &KeyFile::signing_seed),
        codec::field<3>("sealing_seed", &KeyFile::sealing_seed), codec::field<4>("tls_seed", &KeyFile::tls_seed));
};

void put_seed(ByteView bytes, Hash& seed) { std::copy(bytes.begin(), bytes.end(), seed.begin()); }

Status write_keys(const std::filesystem::path& file, std::string_view kind, const KeyFile& content,
                  const crypto::Key256& master, Random& random) {
    const crypto::SecretBytes plain(codec::encode(content));
    return write_file(file, crypto::seal(master, as_bytes(kind), plain.expose(), random), FileMode::kPrivate);
}

Result<KeyFile> read_keys(const std::filesystem::path& file, std::string_view kind, const crypto::Key256& master) {
    SALUS_TRY_STATUS(check_private(file));
    SALUS_TRY(const Bytes sealed, read_file(file, 64 * 1024));
    auto opened = crypto::open(master, as_bytes(kind), sealed);
    if (!opened)
        return fail(ErrorCode::kForbidden, file.string() + " does not open with this passphrase file, or is damaged");
    const crypto::SecretBytes plain(*std::move(opened));
    auto content = codec::decode<KeyFile>(plain.expose());
    if (!content) return fail(ErrorCode::kCorrupt, file.string() + " opens but does not decode", content.error());
    return *std::move(content);
}

}  // namespace

std::vector<AccountKey> OrganisationKeys::public_keys() const {
    const crypto::PublicKey sign = signing.public_key();
    const crypto::SealingPublicKey& seal = sealing.public_key();
    std::vector<AccountKey> keys{{KeyUse::kSign, static_cast<std::uint32_t>(sign.suite), sign.bytes},
                                 {KeyUse::kSeal, 1, Bytes(seal.begin(), seal.end())}};
    if (tls) keys.push_back({KeyUse::kTls, 1, tls->public_key().bytes});
    return keys;
}

OrganisationKeys new_keys_of(FoundingAccount founding, Random& random) {
    return {std::move(founding), crypto::SigningKey::generate(random), crypto::SealingKey::generate(random),
            crypto::SigningKey::generate(random)};
}

OrganisationKeys new_organisation_keys(std::string name, Random& random) {
    OrganisationKeys keys = new_keys_of({}, random);
    keys.founding.kind = AccountKind::kOrganisation;
    keys.founding.name = std::move(name);
    keys.founding.keys = keys.public_keys();
    return keys;
}

Status write_organisation_keys(const std::filesystem::path& file, const OrganisationKeys& keys,
                               const crypto::Key256& master, Random& random) {
    KeyFile content;
    content.founding = keys.founding;
    put_seed(keys.signing.seed().expose(), content.signing_seed);
    put_seed(keys.sealing.secret().expose(), content.sealing_seed.emplace());
    if (keys.tls) put_seed(keys.tls->seed().expose(), content.tls_seed.emplace());
    return write_keys(file, kOrganisationKind, content, master, random);
}

Result<OrganisationKeys> read_organisation_keys(const std::filesystem::path& file, const crypto::Key256& master) {
    SALUS_TRY(const KeyFile content, read_keys(file, kOrganisationKind, master));
    if (!content.founding || !content.sealing_seed) return fail(ErrorCode::kCorrupt, file.string() + " lacks a key");
    OrganisationKeys keys{*content.founding,
                          crypto::SigningKey::from_seed(crypto::Key256(content.signing_seed)),
                          crypto::SealingKey::from_seed(crypto::Key256(*content.sealing_seed)),
                          {}};
    if (content.tls_seed) keys.tls = crypto::SigningKey::from_seed(crypto::Key256(*content.tls_seed));
    return keys;
}

Result<OrganisationKeys> open_organisation_folder(const std::filesystem::path& folder, Random& random) {
    SALUS_TRY(const auto master, application::open_passphrase_file(folder / "passphrase", random));
    return read_organisation_keys(folder / "keys", master->key());
}

Status write_operator_key(const std::filesystem::path& file, const crypto::SigningKey& key,
                          const crypto::Key256& master, Random& random) {
    KeyFile content;
    put_seed(key.seed().expose(), content.signing_seed);
    return write_keys(file, kOperatorKind, content, master, random);
}

Result<crypto::SigningKey> read_operator_key(const std::filesystem::path& file, const crypto::Key256& master) {
    SALUS_TRY(const KeyFile content, read_keys(file, kOperatorKind, master));
    return crypto::SigningKey::from_seed(crypto::Key256(content.signing_seed));
}

}  // namespace salus::node
