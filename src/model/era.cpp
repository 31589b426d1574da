#include "model/era.hpp"

#include <algorithm>
#include <set>

#include "model/cometbft/trust.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"

namespace salus {
namespace {

using governance::MemberState;
using governance::MemberStatus;

tl::unexpected<Error> bad_era(std::string why) { return fail(ErrorCode::kCertificateInvalid, std::move(why)); }

/// Errors: kCertificateInvalid for one that is no member; those of the reader
Result<MemberState> read_member(const StateReader& state, const AccountId& account) {
    SALUS_TRY(auto member, read_decision<MemberState>(state, Contract::kGovernance, governance::member_key(account)));
    if (!member) return bad_era("the era record names an organisation that is no member");
    return std::move(member->value);
}

Status check_signature(const MemberSignature& signature, const Hash& record, const StateReader& state) {
    SALUS_TRY(const auto account, read_decision<identity::AccountState>(state, Contract::kIdentity,
                                                                        identity::account_key(signature.member)));
    if (!account || !account->value.has_signing_key(signature.key))
        return bad_era("the era record is signed by a key that is not its member's");
    if (!crypto::verify(signature.key.key(), era_signed_bytes(record), signature.signature))
        return bad_era("a member's signature under the era record does not verify");
    return {};
}

}  // namespace

Status check_era_form(const EraRecord& record) {
    const bool embedded = record.engine == EngineKind::kEmbedded;
    if (embedded && record.validators.size() != 1) return bad_era("an embedded era has one operator");
    if (embedded != record.chain_id.empty()) return bad_era("a chain id belongs to CometBFT and only to it");
    if (record.validators.empty()) return bad_era("an era without validators");
    std::set<Signer> keys;
    for (const Validator& validator : record.validators) {
        const auto* suite = crypto::suite_info(validator.key.suite);
        if (suite == nullptr || validator.key.public_key.size() != suite->public_key_bytes)
            return bad_era("a validator's key has not the length of its suite");
        if (validator.power == 0) return bad_era("a validator without power");
        if (!keys.insert(validator.key).second) return bad_era("a validator's key stands twice");
    }
    if (!embedded) SALUS_TRY_STATUS(cometbft::ValidatorTrust::in(record));
    return {};
}

Status check_era(const EraRecord& record, const EraRecord& previous, const BlockHeader& parent,
                 const StateReader& state) {
    if (record.era != previous.era + 1 || parent.era != previous.era)
        return bad_era("the era record does not follow the era before it");
    if (record.first_height != parent.height + 1 || record.parent_hash != parent.hash())
        return bad_era("the era record does not continue its parent block");
    SALUS_TRY_STATUS(check_era_form(record));

    SALUS_TRY(const auto list,
              read_value<governance::MemberList>(state, Contract::kGovernance, governance::member_list_key()));
    if (!list) return bad_era("the state lists no members");
    std::uint64_t counted = 0;
    std::set<AccountId> active;
    for (const AccountId& account : list->accounts) {
        SALUS_TRY(const auto member, read_member(state, account));
        const bool is_active = member.status == MemberStatus::kActive;
        if (is_active) active.insert(account);
        if (is_active || parent.time_ms - member.suspended_ms < kSuspendedCountsMs) ++counted;
    }
    for (const Validator& validator : record.validators)
        if (!active.contains(validator.organisation)) return bad_era("a validator's organisation is no active member");

    const Hash hash = record.hash();
    for (std::size_t i = 0; i < record.signatures.size(); ++i) {
        const MemberSignature& signature = record.signatures[i];
        if (i > 0 && record.signatures[i - 1].member >= signature.member)
            return bad_era("the signatures of an era record ascend by member");
        if (!active.contains(signature.member)) return bad_era("the era record is signed by no active member");
        SALUS_TRY_STATUS(check_signature(signature, hash, state));
    }
    SALUS_TRY(const auto threshold,
              read_decision<governance::ParameterState>(
                  state, Contract::kGovernance, governance::parameter_key(governance::Parameter::kThresholdPercent)));
    if (!threshold) return bad_era("the state has no threshold");
    if (100 * record.signatures.size() < threshold->value.value * counted)
        return bad_era(std::to_string(record.signatures.size()) + " of " + std::to_string(counted) +
                       " members signed the era record; the threshold is " + std::to_string(threshold->value.value) +
                       " percent");
    return {};
}

governance::ValidatorSet validator_set_of(const EraRecord& record, Height height, TimeMs time_ms) {
    governance::ValidatorSet set;
    set.era = record.era;
    if (record.engine == EngineKind::kEmbedded) return set;
    for (const Validator& validator : record.validators)
        set.validators.push_back({validator.key, validator.power, validator.organisation, height, time_ms});
    std::ranges::sort(set.validators, {}, &governance::ActiveValidator::key);
    return set;
}

void sign_era(EraRecord& record, const AccountId& member, const crypto::SigningKey& key) {
    std::erase_if(record.signatures, [&](const MemberSignature& old) { return old.member == member; });
    MemberSignature signature{member, Signer::of(key.public_key()), key.sign(era_signed_bytes(record.hash()))};
    const auto place = std::ranges::lower_bound(record.signatures, member, {}, &MemberSignature::member);
    record.signatures.insert(place, std::move(signature));
}

}  // namespace salus
