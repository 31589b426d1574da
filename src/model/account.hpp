#pragma once

#include <string>
#include <vector>

#include "base/strong_types.hpp"
#include "crypto/signature.hpp"
#include "model/codec.hpp"
#include "model/limits.hpp"

namespace salus {

/// Who may send a transaction. No person is an account. A grant is an object with a control key of its own: a wallet
/// revokes by it.
enum class AccountKind : std::uint32_t { kOrganisation = 1, kNode = 2, kDevice = 3, kGrant = 4 };
constexpr bool is_known(AccountKind kind) noexcept {
    return kind >= AccountKind::kOrganisation && kind <= AccountKind::kGrant;
}

/// What a key may be used for; one use each.
enum class KeyUse : std::uint32_t { kSign = 1, kSeal = 2, kTls = 3 };
constexpr bool is_known(KeyUse use) noexcept { return use >= KeyUse::kSign && use <= KeyUse::kTls; }

struct Sender {
    AccountKind kind{};
    AccountId id;

    static constexpr std::string_view kName = "Sender";
    static constexpr auto kFields =
        codec::table(codec::field<1>("kind", &Sender::kind), codec::field<2>("id", &Sender::id));
    auto operator<=>(const Sender&) const = default;
};

/// A public key that signs. Ordered by suite, then bytes.
struct Signer {
    crypto::SignatureSuite suite{};
    Bytes public_key;

    static constexpr std::string_view kName = "Signer";
    static constexpr auto kFields =
        codec::table(codec::field<1>("suite", &Signer::suite),
                     codec::field<2>("public_key", &Signer::public_key, kPublicKeyBytesMax));
    auto operator<=>(const Signer&) const = default;

    static Signer of(const crypto::PublicKey& key) { return {key.suite, key.bytes}; }
    [[nodiscard]] crypto::PublicKey key() const { return {suite, public_key}; }
};

/// A key of an account. `suite` is a SignatureSuite for signing, 1 (X25519) for sealing, 1 (Ed25519) for TLS.
struct AccountKey {
    KeyUse use{};
    std::uint32_t suite = 0;
    Bytes public_key;

    static constexpr std::string_view kName = "AccountKey";
    static constexpr auto kFields =
        codec::table(codec::field<1>("use", &AccountKey::use), codec::field<2>("suite", &AccountKey::suite),
                     codec::field<3>("public_key", &AccountKey::public_key, kPublicKeyBytesMax));
    auto operator<=>(const AccountKey&) const = default;
};

/// Pre: `key` is for signing
inline Signer signer_of(const AccountKey& key) {
    return {static_cast<crypto::SignatureSuite>(key.suite), key.public_key};
}

/// An account as it is first made; its hash is its id, so that nobody can take another's.
struct FoundingAccount {
    AccountKind kind{};
    std::string name;
    std::optional<AccountId> owner;  ///< the organisation, for a node or device
    std::vector<AccountKey> keys;

    static constexpr std::string_view kName = "FoundingAccount";
    static constexpr auto kFields = codec::table(codec::field<1>("kind", &FoundingAccount::kind),
                                                 codec::field<2>("name", &FoundingAccount::name, 200),
                                                 codec::field<3>("owner", &FoundingAccount::owner),
                                                 codec::field<4>("keys", &FoundingAccount::keys, kKeysPerAccountMax));
    bool operator==(const FoundingAccount&) const = default;

    /// First 16 bytes of SHA-256("salus.account.v1" || encoding)
    [[nodiscard]] AccountId id() const;
};

/// Whether the key has the length of its suite. Errors: kUnsupported for an unknown suite, kMalformedEncoding
Status check_key(const AccountKey& key);
/// What the encoding cannot say of an account to be founded: a name, an owner where the kind has one, at least one
/// signing key, no key twice. Errors: as check_key
Status check_account(const FoundingAccount& account);

/// The Bech32m prefix of a kind of account: "salusorg", "salusnode", "salusdev", "salusgrant".
std::string_view address_prefix(AccountKind kind) noexcept;
/// The account's id as people write it. Source: BIP-350
std::string to_address(AccountKind kind, const AccountId& id);
/// Errors: kUsage
Result<AccountId> account_from_address(AccountKind kind, std::string_view text);

}  // namespace salus
