#include "execution/contracts/identity/identity.hpp"

#include <algorithm>

namespace salus::execution {
namespace {

using identity::AccountState;
using identity::AccountStatus;

/// Makes a signing key that of `account` for ever: who adds it shows that he has it. A key for sealing or TLS cannot
/// show that, so that naming one takes it from nobody. A node's is found by what CometBFT calls it, too.
Status claim_key(Context& context, const AccountId& account, AccountKind kind, const AccountKey& key) {
    if (key.use != KeyUse::kSign) return {};
    const Signer signer = signer_of(key);
    if (!context.take_signer(signer)) return fail(ErrorCode::kIdentityPossession, "a new signing key has not signed");
    SALUS_TRY(const bool taken, context.facts().key_taken(signer));
    if (taken) return fail(ErrorCode::kIdentityKeyUsed, "a key has an owner");
    if (kind == AccountKind::kNode && signer.suite == crypto::SignatureSuite::kEd25519)
        SALUS_TRY_STATUS(context.write(identity::node_key_key(validator_id(signer)), identity::NodeKey{account}));
    return context.write(identity::key_owner_key(signer), identity::KeyOwner{account});
}

Result<AccountState> existing(const Context& context, const AccountId& id) {
    SALUS_TRY(auto account, context.facts().account(id));
    if (!account) return fail(ErrorCode::kIdentityNoAccount, "no account has that id");
    return *std::move(account);
}

/// An organisation founds itself once it is admitted, carried by a member; a node or device is founded by its owner.
Status check_founder(const Context& context, const AccountId& sender, const FoundingAccount& account) {
    if (account.kind != AccountKind::kOrganisation) {
        if (account.owner == sender) return {};
        return fail(ErrorCode::kIdentityOwner, "the account is to be owned by another organisation");
    }
    SALUS_TRY(const auto member, context.facts().member(account.id()));
    if (member && member->status == governance::MemberStatus::kActive) return {};
    return fail(ErrorCode::kIdentityNotAdmitted, "the organisation is not admitted");
}

Status act(Context& context, const identity::Found& found) {
    SALUS_TRY(const AccountId sender, context.organisation());
    const FoundingAccount& account = found.account;
    if (auto status = check_account(account); !status) return fail(ErrorCode::kIdentityAccount, status.error().message);
    const AccountId id = account.id();
    SALUS_TRY(const auto before, context.facts().account(id));
    if (before) return fail(ErrorCode::kIdentityExists, "the account is founded already");
    SALUS_TRY_STATUS(check_founder(context, sender, account));
    for (const AccountKey& key : account.keys) SALUS_TRY_STATUS(claim_key(context, id, account.kind, key));
    AccountState state{account.kind, account.name, account.owner, AccountStatus::kActive, account.keys, false, 0};
    if (account.owner) {
        SALUS_TRY(const auto owner, existing(context, *account.owner));
        state.recoveries = owner.recoveries;
    }
    SALUS_TRY_STATUS(context.decide(identity::account_key(id), state));
    context.emit(identity::EventKind::kFounded, id);
    return {};
}

Status retire_keys(AccountState& account, const std::vector<AccountKey>& retired) {
    for (const AccountKey& key : retired)
        if (std::erase(account.keys, key) == 0)
            return fail(ErrorCode::kIdentityKeyUnknown, "a key to retire is not active");
    return {};
}

Status add_keys(Context& context, const AccountId& id, AccountState& account, const std::vector<AccountKey>& added) {
    for (const AccountKey& key : added) {
        if (auto status = check_key(key); !status) return fail(ErrorCode::kIdentityAccount, status.error().message);
        if (std::ranges::count(account.keys, key.public_key, &AccountKey::public_key) != 0)
            return fail(ErrorCode::kIdentityKeyUsed, "the account has that key");
        SALUS_TRY_STATUS(claim_key(context, id, account.kind, key));
        account.keys.push_back(key);
    }
    return {};
}

Status act(Context& context, const identity::RotateKeys& rotate) {
    SALUS_TRY(const AccountId sender, context.organisation());
    SALUS_TRY(auto account, existing(context, rotate.account));
    if (rotate.account != sender && account.owner != sender)
        return fail(ErrorCode::kIdentityOwner, "the account is another organisation's");
    if (rotate.add.empty() && rotate.retire.empty()) return fail(ErrorCode::kIdentityNoChange, "no key to rotate");
    SALUS_TRY_STATUS(retire_keys(account, rotate.retire));
    SALUS_TRY_STATUS(add_keys(context, rotate.account, account, rotate.add));
    if (account.key_for(KeyUse::kSign) == nullptr)
        return fail(ErrorCode::kIdentityLastKey, "no signing key would be left");
    if (account.keys.size() > kKeysPerAccountMax)
        return fail(ErrorCode::kIdentityKeyCount, std::to_string(account.keys.size()) + " keys are too many");
    SALUS_TRY_STATUS(context.decide(identity::account_key(rotate.account), account));
    context.emit(identity::EventKind::kKeysRotated, rotate.account);
    return {};
}

/// Of nodes and devices. An organisation has no owner: its members suspend it in governance. Whoever was recovered
/// confirms by this what it owned before.
Status act(Context& context, const identity::SetStatus& set) {
    SALUS_TRY(const AccountId sender, context.organisation());
    SALUS_TRY(auto account, existing(context, set.account));
    if (account.owner != sender) return fail(ErrorCode::kIdentityOwner, "the account is not owned by the sender");
    SALUS_TRY(const auto owner, existing(context, sender));
    const bool confirms = set.status == AccountStatus::kActive && account.recoveries != owner.recoveries;
    if (account.status == set.status && !confirms)
        return fail(ErrorCode::kIdentityNoChange, "the account has that status already");
    account.status = set.status;
    if (confirms) account.recoveries = owner.recoveries;
    SALUS_TRY_STATUS(context.decide(identity::account_key(set.account), account));
    context.emit(identity::EventKind::kStatusSet, set.account,
                 to_bytes(big_endian(static_cast<std::uint32_t>(set.status))));
    return {};
}

struct OpenRecovery {
    governance::RecoverOrganisation what;
    Place decided;
    TimeMs decided_ms = 0;
};

/// A recovery that was voted, the account's newest, neither executed nor stopped, and not too old.
Result<OpenRecovery> open_recovery(Context& context, const ProposalId& proposal) {
    SALUS_TRY(const auto resolution, context.facts().resolution(proposal));
    const auto* recover = resolution ? std::get_if<governance::RecoverOrganisation>(&resolution->action) : nullptr;
    if (recover == nullptr) return fail(ErrorCode::kIdentityNoRecovery, "no recovery was decided by that vote");
    SALUS_TRY(const auto over, context.read<identity::RecoveryState>(identity::recovery_key(proposal)));
    SALUS_TRY(const auto newest, context.facts().newest_recovery(recover->account));
    SALUS_TRY(const auto wait_ms, context.facts().parameter(governance::Parameter::kRecoveryWaitMs));
    const bool too_old = context.time_ms() - resolution->decided_ms >= wait_ms + kRecoveryOpenMs;
    if (over || newest != proposal || too_old)
        return fail(ErrorCode::kIdentityRecoveryOver, "the recovery was executed or stopped, or another came after it");
    return OpenRecovery{*recover, resolution->decided, resolution->decided_ms};
}

/// Both must have passed: hours alone pass while the chain stands still and nobody can object, blocks alone in minutes.
Result<bool> waited(const Context& context, const OpenRecovery& recovery) {
    SALUS_TRY(const auto wait_ms, context.facts().parameter(governance::Parameter::kRecoveryWaitMs));
    SALUS_TRY(const auto wait_blocks, context.facts().parameter(governance::Parameter::kRecoveryWaitBlocks));
    return context.time_ms() - recovery.decided_ms >= wait_ms &&
           context.place().height - recovery.decided.height >= wait_blocks;
}

/// No key of before stays: whoever stole the signing key may have the others, and added some.
Status act(Context& context, const identity::Recover& recover) {
    SALUS_TRY_STATUS(context.organisation());
    SALUS_TRY(const auto recovery, open_recovery(context, recover.proposal));
    SALUS_TRY(const bool over, waited(context, recovery));
    if (!over) return fail(ErrorCode::kIdentityWaiting, "the waiting period is not over");
    const auto& [id, new_key] = recovery.what;
    SALUS_TRY(auto account, existing(context, id));
    const AccountKey key{KeyUse::kSign, static_cast<std::uint32_t>(new_key.suite), new_key.public_key};
    SALUS_TRY_STATUS(claim_key(context, id, account.kind, key));
    account.keys = {key};
    ++account.recoveries;
    account.recovery_stopped = false;  // whoever holds the new key has stopped nothing yet
    SALUS_TRY_STATUS(context.decide(identity::account_key(id), account));
    SALUS_TRY_STATUS(context.write(identity::recovery_key(recover.proposal), identity::RecoveryState{true, false}));
    context.emit(identity::EventKind::kRecovered, id);
    return {};
}

/// May come as long as the recovery is not executed, also after the waiting period.
Status act(Context& context, const identity::StopRecovery& stop) {
    SALUS_TRY(const AccountId sender, context.organisation());
    SALUS_TRY(const auto recovery, open_recovery(context, stop.proposal));
    if (recovery.what.account != sender)
        return fail(ErrorCode::kIdentityOwner, "the recovery is of another organisation");
    SALUS_TRY(auto account, existing(context, sender));
    if (account.recovery_stopped) return fail(ErrorCode::kIdentityStopUsed, "a recovery was stopped before");
    account.recovery_stopped = true;
    SALUS_TRY_STATUS(context.decide(identity::account_key(sender), account));
    SALUS_TRY_STATUS(context.write(identity::recovery_key(stop.proposal), identity::RecoveryState{false, true}));
    context.emit(identity::EventKind::kRecoveryStopped, sender);
    return {};
}

}  // namespace

Status run_identity(Context& context, ByteView payload) {
    SALUS_TRY(const auto decoded, decode_payload<identity::Payload>(Contract::kIdentity, payload));
    return std::visit([&](const auto& action) { return act(context, action); }, decoded.action);
}

}  // namespace salus::execution
