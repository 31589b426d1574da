#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/platform/random.hpp"
#include "crypto/secret.hpp"
#include "model/certificate.hpp"
#include "model/terms.hpp"

namespace salus::cli {

/// What a wallet keeps about one grant of its own.
struct WalletGrant {
    GrantTerms terms;
    std::uint32_t control = 0;  ///< index of its control key

    static constexpr std::string_view kName = "WalletGrant";
    static constexpr auto kFields =
        codec::table(codec::field<1>("terms", &WalletGrant::terms), codec::field<2>("control", &WalletGrant::control));
};

struct WalletViewKey {
    std::uint64_t epoch = 0;
    Hash key{};

    static constexpr std::string_view kName = "WalletViewKey";
    static constexpr auto kFields =
        codec::table(codec::field<1>("epoch", &WalletViewKey::epoch), codec::field<2>("key", &WalletViewKey::key));
};

/// A custodian that knows the wallet's owner.
struct WalletCustodian {
    NetworkId network_id;  ///< one account may be a member of two
    AccountId account;
    std::string slug;
    std::string url;
    std::vector<WalletViewKey> view_keys;
    std::vector<WalletGrant> grants;
    std::uint32_t next_control = 0;
    std::vector<BreakGlassId> openings_seen;  ///< emergency openings that were shown to the wallet's owner

    static constexpr std::string_view kName = "WalletCustodian";
    static constexpr auto kFields = codec::table(
        codec::field<1>("network_id", &WalletCustodian::network_id),
        codec::field<2>("account", &WalletCustodian::account), codec::field<3>("slug", &WalletCustodian::slug, 64),
        codec::field<4>("url", &WalletCustodian::url, 300),
        codec::field<5>("view_keys", &WalletCustodian::view_keys, 1000),
        codec::field<6>("grants", &WalletCustodian::grants, 10'000),
        codec::field<7>("next_control", &WalletCustodian::next_control),
        codec::field<8>("openings_seen", &WalletCustodian::openings_seen, 10'000));
};

/// A person's wallet. All but the words can be fetched again from the custodians; the checkpoints are what exposes
/// a history that was rolled back.
struct Wallet {
    Hash entropy{};
    std::vector<WalletCustodian> custodians;
    std::vector<Checkpoint> checkpoints;  ///< the newest that it has seen, one for each network

    static constexpr std::string_view kName = "Wallet";
    static constexpr auto kFields = codec::table(codec::field<1>("entropy", &Wallet::entropy),
                                                 codec::field<2>("custodians", &Wallet::custodians, 1000),
                                                 codec::field<3>("checkpoints", &Wallet::checkpoints, 1000));

    Wallet() = default;
    Wallet(Wallet&&) = default;
    Wallet& operator=(Wallet&&) = default;
    Wallet(const Wallet&) = delete;
    Wallet& operator=(const Wallet&) = delete;
    ~Wallet() { crypto::wipe(entropy); }

    WalletCustodian* find(const NetworkId& network, const AccountId& custodian);
    Checkpoint* checkpoint_of(const NetworkId& network);
    /// Has seen a block of it, or knows a custodian in it.
    [[nodiscard]] bool knows(const NetworkId& network) const;
};

/// Errors: as crypto::read_sealed_file, kIo where the file is not there; kCorrupt where it opens but does not decode
Result<Wallet> read_wallet(const std::filesystem::path& file, ByteView passphrase);
Status write_wallet(const std::filesystem::path& file, const Wallet& wallet, ByteView passphrase, Random& random);

/// The passphrase: from `passphrase_file` where given, else SALUS_PASSPHRASE, else asked on the terminal without echo.
/// Errors: kUsage where there is no way to have it
Result<crypto::SecretBytes> ask_passphrase(const std::string& passphrase_file, std::string_view what, bool twice);

}  // namespace salus::cli
