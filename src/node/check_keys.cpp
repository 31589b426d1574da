#include "node/check_keys.hpp"

#include <algorithm>

#include "application/keys/key_provider.hpp"
#include "base/file.hpp"
#include "model/contracts/identity.hpp"
#include "node/layout.hpp"
#include "node/organisation_keys.hpp"
#include "node/peers.hpp"

namespace salus::node {
namespace {

namespace app = salus::application;
namespace fs = std::filesystem;
using Findings = std::vector<std::string>;

bool stands_there(const fs::path& file) {
    std::error_code error;
    return fs::exists(file, error);
}

/// `required`: it has to be there.
void check_key_file(const fs::path& file, bool required, const AccountId& account, const crypto::Key256& master,
                    const StateReader* state, Findings& findings) {
    if (!required && !stands_there(file)) return;
    const auto keys = read_organisation_keys(file, master);
    if (!keys) {
        findings.push_back(finding_of(file, keys.error()));
        return;
    }
    if (keys->id() != account) findings.push_back("altered " + file.string() + ": its keys are another account's");
    if (!required || state == nullptr) return;
    const auto known =
        read_decision<identity::AccountState>(*state, Contract::kIdentity, identity::account_key(account));
    if (known && *known && !(*known)->value.has_signing_key(Signer::of(keys->signing.public_key())))
        findings.push_back("altered " + file.string() + ": the chain does not know its signing key as the account's");
}

struct Share {
    fs::path file;
    app::EscrowShare share;
    bool good = false;
};

/// Those in the folder; where they were carried away, as they are to be, there are none.
std::vector<Share> read_shares(const fs::path& folder, Findings& findings) {
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        if (entry.is_regular_file(ignored)) files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<Share> shares;
    for (const fs::path& file : files) {
        auto bytes = read_file(file, 4096);
        const auto text = bytes ? crypto::SecretBytes(*std::move(bytes)) : crypto::SecretBytes();
        auto share = app::EscrowShare::from_text(as_text(text.expose()));
        if (share)
            shares.push_back({file, *std::move(share)});
        else
            findings.push_back(finding_of(file, share.error()));
    }
    return shares;
}

app::EscrowShare copy_of(const app::EscrowShare& share) {
    return {share.needed, share.number, share.check, share.value.clone()};
}

void check_escrow(const fs::path& folder, const crypto::Key256& master, Findings& findings) {
    auto shares = read_shares(folder, findings);
    if (shares.size() < 2) return;
    for (std::size_t i = 0; i < shares.size(); ++i)
        for (std::size_t k = 0; k < i; ++k) {
            std::vector<app::EscrowShare> pair;
            for (const std::size_t one : {k, i}) pair.push_back(copy_of(shares[one].share));
            const auto joined = app::join_shares(pair);
            if (joined && crypto::equal_constant_time(joined->expose(), master.expose()))
                shares[i].good = shares[k].good = true;
        }
    for (const Share& share : shares)
        if (!share.good)
            findings.push_back("altered " + share.file.string() +
                               ": with no other share does it give what the passphrase gives");
}

}  // namespace

std::string finding_of(const fs::path& file, const Error& error) {
    return (error.code == ErrorCode::kNotFound ? "missing " : "altered ") + file.string() + ": " + error.to_string();
}

Findings check_genesis_file(const fs::path& directory, ByteView genesis) {
    const fs::path file = genesis_file(directory);
    const auto bytes = read_file(file, 64 << 20);
    if (!bytes) return {finding_of(file, bytes.error())};
    if (!equal(*bytes, genesis)) return {"altered " + file.string() + ": it is not what the chain began with"};
    return {};
}

Findings check_operator(const fs::path& directory, const NodeConfig& config, const EraRecord* era,
                        const StateReader* state, Random& random) {
    const fs::path passphrase = directory / config.operator_passphrase_file;
    const auto master = app::open_passphrase_file(passphrase, random);
    if (!master) return {finding_of(passphrase, master.error())};
    const fs::path file = operator_key_file(directory);
    const auto key = read_operator_key(file, (*master)->key());
    if (!key) return {finding_of(file, key.error()) + "; its passphrase is " + passphrase.string()};
    const Signer signer = Signer::of(key->public_key());
    if (era == nullptr || std::ranges::find(era->validators, signer, &Validator::key) != era->validators.end())
        return {};
    if (era->engine == EngineKind::kEmbedded)
        return {"altered " + file.string() + ": it is not the key that certifies blocks of this era"};
    if (state == nullptr) return {};
    const auto standing = standing_of_peer(*state, {*era}, validator_id(signer));
    if (!standing) return {finding_of(file, standing.error())};
    if (*standing != consensus::PeerStanding::kUnknown) return {};
    return {"altered " + file.string() + ": it is no validator's key, nor that of a node that is registered"};
}

Findings check_organisation_keys(const fs::path& folder, const AccountId& account, const crypto::Key256& master,
                                 const StateReader* state) {
    Findings findings;
    check_key_file(folder / "keys", true, account, master, state, findings);
    for (const char* beside : {"keys.old", "keys.next"})
        check_key_file(folder / beside, false, account, master, state, findings);
    check_escrow(folder / "escrow", master, findings);
    return findings;
}

}  // namespace salus::node
