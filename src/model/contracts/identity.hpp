#pragma once

#include <variant>

#include "model/account.hpp"
#include "model/state.hpp"

/// Identity: the accounts of organisations, nodes and devices, and their keys. Source: docs/protocol.md, "Identity"
namespace salus::identity {

enum class AccountStatus : std::uint32_t { kActive = 1, kSuspended = 2 };
constexpr bool is_known(AccountStatus status) noexcept {
    return status == AccountStatus::kActive || status == AccountStatus::kSuspended;
}

// --- payloads; the sender is an organisation
// ------------------------------------------------------------------------------

/// Founds an admitted organisation (any member may carry it), or a node or device of the sender's own. Every founding
/// signing key is among the transaction's signers: proof of possession.
struct Found {
    FoundingAccount account;
    static constexpr std::string_view kName = "Found";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &Found::account));
};
/// Rotates keys of the sender, or of an account it owns. An added signing key is among the signers.
struct RotateKeys {
    AccountId account;
    std::vector<AccountKey> add;
    std::vector<AccountKey> retire;
    static constexpr std::string_view kName = "RotateKeys";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &RotateKeys::account),
                                                 codec::field<2>("add", &RotateKeys::add, kKeysPerAccountMax),
                                                 codec::field<3>("retire", &RotateKeys::retire, kKeysPerAccountMax));
};
/// Suspends or reinstates a node or device of the sender's, or confirms one after the sender was recovered.
struct SetStatus {
    AccountId account;
    AccountStatus status{};
    static constexpr std::string_view kName = "SetStatus";
    static constexpr auto kFields =
        codec::table(codec::field<1>("account", &SetStatus::account), codec::field<2>("status", &SetStatus::status));
};
/// Executes a passed recovery when its waiting period is over: the new key, among the signers, replaces all keys, and
/// what the organisation owns is not active until it is confirmed. Any member may carry it.
struct Recover {
    ProposalId proposal;
    static constexpr std::string_view kName = "Recover";
    static constexpr auto kFields = codec::table(codec::field<1>("proposal", &Recover::proposal));
};
/// The organisation itself, by an old key, stops a recovery, also while it is suspended: once, so that a thief of the
/// old key cannot do it for ever.
struct StopRecovery {
    ProposalId proposal;
    static constexpr std::string_view kName = "StopRecovery";
    static constexpr auto kFields = codec::table(codec::field<1>("proposal", &StopRecovery::proposal));
};
struct Payload {
    std::variant<Found, RotateKeys, SetStatus, Recover, StopRecovery> action;
    static constexpr std::string_view kName = "IdentityPayload";
    static constexpr auto kFields = codec::table(codec::field<1>("action", &Payload::action));
};

// --- state
// -------------------------------------------------------------------------------------------------------------

/// Table 1, decision values by account. A suspended organisation stands in governance, not here.
struct AccountState {
    AccountKind kind{};
    std::string name;
    std::optional<AccountId> owner;
    AccountStatus status{};
    std::vector<AccountKey> keys;  ///< those that are active
    bool recovery_stopped = false;
    /// Of an organisation: how often it was recovered. Of what it owns: that number, when it was founded or confirmed.
    /// Where the two differ, a thief of the old keys may hold it: it is not active.
    std::uint64_t recoveries = 0;

    static constexpr std::string_view kName = "AccountState";
    static constexpr auto kFields =
        codec::table(codec::field<1>("kind", &AccountState::kind), codec::field<2>("name", &AccountState::name, 200),
                     codec::field<3>("owner", &AccountState::owner), codec::field<4>("status", &AccountState::status),
                     codec::field<5>("keys", &AccountState::keys, kKeysPerAccountMax),
                     codec::field<6>("recovery_stopped", &AccountState::recovery_stopped),
                     codec::field<7>("recoveries", &AccountState::recoveries));
    bool operator==(const AccountState&) const = default;

    [[nodiscard]] bool has_signing_key(const Signer& key) const;
    /// The first key of that use, nullptr where there is none.
    [[nodiscard]] const AccountKey* key_for(KeyUse use) const;
};
/// Table 2, by SHA-256 of suite and key: whose signing key it is or was. It belongs to one account for ever. Keys for
/// sealing and TLS stand in no table: who names one shows nothing, and could take another's.
struct KeyOwner {
    AccountId account;
    static constexpr std::string_view kName = "KeyOwner";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &KeyOwner::account));
};
/// Table 3, by proposal: a recovery that was executed or stopped.
struct RecoveryState {
    bool executed = false;
    bool stopped = false;
    static constexpr std::string_view kName = "RecoveryState";
    static constexpr auto kFields = codec::table(codec::field<1>("executed", &RecoveryState::executed),
                                                 codec::field<2>("stopped", &RecoveryState::stopped));
};

/// Table 4, by the id that CometBFT calls a peer and a validator by: whose node's signing key has it.
struct NodeKey {
    AccountId account;
    static constexpr std::string_view kName = "NodeKey";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &NodeKey::account));
};

Bytes account_key(const AccountId& account);
Bytes key_owner_key(const Signer& key);
Bytes recovery_key(const ProposalId& proposal);
Bytes node_key_key(const ValidatorId& id);

enum class EventKind : std::uint32_t {
    kFounded = 1,
    kKeysRotated = 2,
    kStatusSet = 3,
    kRecovered = 4,
    kRecoveryStopped = 5
};

}  // namespace salus::identity

namespace salus {
SALUS_DECLARE_CODEC(identity::Payload)
SALUS_DECLARE_CODEC(identity::AccountState)
SALUS_DECLARE_CODEC(identity::KeyOwner)
SALUS_DECLARE_CODEC(identity::RecoveryState)
SALUS_DECLARE_CODEC(identity::NodeKey)
}  // namespace salus
