#include "execution/contracts/governance/validators.hpp"

#include <algorithm>
#include <map>

#include "model/contracts/system.hpp"

namespace salus::execution {
namespace {

using governance::ActiveValidator;
using governance::ValidatorSet;

__extension__ typedef unsigned __int128 Wide;

/// Fewer, and no step could be small enough: of two validators of equal power, each has half.
constexpr std::size_t kFewValidators = 3;

struct KnownValidators {
    ValidatorSet now;
    ActiveValidators before;  ///< when this block began; of an era's first block, those that the era begins with
};

/// Nothing where this network has none.
Result<std::optional<KnownValidators>> known_validators(Context& context) {
    const Bytes key = governance::validator_set_key();
    SALUS_TRY(auto newest, context.read_decision<ValidatorSet>(key));
    if (!newest || newest->value.validators.empty()) return std::optional<KnownValidators>{};
    KnownValidators known{newest->value, {}};
    Decision<ValidatorSet> before = *std::move(newest);
    while (before.place.height == context.place().height && before.n > 1) {
        SALUS_TRY(auto older, context.read_decision_at<ValidatorSet>(key, before.n - 1));
        if (older.value.era != known.now.era) break;
        before = std::move(older);
    }
    known.before = std::move(before.value.validators);
    return std::optional(std::move(known));
}

Result<KnownValidators> voted_validators(Context& context) {
    SALUS_TRY(auto known, known_validators(context));
    if (!known) return fail(ErrorCode::kGovernanceNoValidators, "this network has no validators");
    return *std::move(known);
}

/// The end where there is none.
template <class Validators>
auto find_id(Validators& validators, const ValidatorId& id) {
    return std::ranges::find(validators, id, [](const ActiveValidator& one) { return validator_id(one.key); });
}

std::uint64_t power_of_all(const ActiveValidators& validators) {
    std::uint64_t sum = 0;  // an era's record has less than 2^60 in all
    for (const ActiveValidator& one : validators) sum += one.power;
    return sum;
}

std::map<AccountId, std::uint64_t> power_by_organisation(const ActiveValidators& validators) {
    std::map<AccountId, std::uint64_t> powers;
    for (const ActiveValidator& one : validators) powers[one.organisation] += one.power;
    return powers;
}

/// Each change between two sets, ascending by key: what stood before, and what stands now, one of them perhaps nullptr.
template <class Visit>
void each_change(const ActiveValidators& before, const ActiveValidators& now, const Visit& visit) {
    auto old = before.begin();
    auto fresh = now.begin();
    while (old != before.end() || fresh != now.end()) {
        if (fresh == now.end() || (old != before.end() && old->key < fresh->key)) {
            visit(&*old++, static_cast<const ActiveValidator*>(nullptr));
        } else if (old == before.end() || fresh->key < old->key) {
            visit(static_cast<const ActiveValidator*>(nullptr), &*fresh++);
        } else {
            if (old->power != fresh->power) visit(&*old, &*fresh);
            ++old;
            ++fresh;
        }
    }
}

/// An offline file of certificates follows the validators over each block of ours: more than two thirds of the new ones
/// must be more than a third of the old. That is so where twice what goes, and what comes, are not more than was there.
Status check_moved(const ActiveValidators& before, const ActiveValidators& now) {
    std::uint64_t comes = 0;
    std::uint64_t goes = 0;
    each_change(before, now, [&](const ActiveValidator* old, const ActiveValidator* fresh) {
        const std::uint64_t had = old == nullptr ? 0 : old->power;
        const std::uint64_t has = fresh == nullptr ? 0 : fresh->power;
        (has > had ? comes : goes) += has > had ? has - had : had - has;
    });
    const std::uint64_t all = power_of_all(before);
    if (3 * (comes + goes) <= all) return {};
    if (before.size() < kFewValidators && comes + 2 * goes <= all) return {};
    return fail(ErrorCode::kGovernanceValidatorsMoved,
                std::to_string(comes + goes) + " of the power of " + std::to_string(all) + " would move in one block");
}

/// Whoever was within its share stays there; whoever was not gets no larger one. A third, or an equal share where there
/// are fewer than three organisations.
Status check_shares(const ActiveValidators& before, const ActiveValidators& now) {
    const auto old_powers = power_by_organisation(before);
    const auto powers = power_by_organisation(now);
    const Wide old_all = power_of_all(before);
    const Wide all = power_of_all(now);
    for (const auto& [organisation, power] : powers) {
        if (std::min<std::size_t>(powers.size(), 3) * Wide{power} <= all) continue;
        const auto old = old_powers.find(organisation);
        if (old != old_powers.end() && Wide{power} * old_all <= Wide{old->second} * all) continue;
        return fail(ErrorCode::kGovernanceValidatorShare, "an organisation would have " + std::to_string(power) +
                                                              " of the power of " + std::to_string(power_of_all(now)));
    }
    return {};
}

/// What CometBFT and every file of certificates ask of a change, whoever makes it.
Status check_possible(const KnownValidators& known, const ActiveValidators& now) {
    if (now.empty()) return fail(ErrorCode::kGovernanceLastValidator, "no validator would be left");
    return check_moved(known.before, now);
}

Status check_voted(Context& context, const KnownValidators& known, const ActiveValidators& now) {
    SALUS_TRY(const auto limited, context.facts().parameter(governance::Parameter::kPowerLimit));
    if (limited == 1) SALUS_TRY_STATUS(check_shares(known.now.validators, now));
    return check_possible(known, now);
}

Status check_power(std::uint64_t power, std::uint64_t had, const ActiveValidators& validators) {
    const std::uint64_t others = power_of_all(validators) - had;
    if (power == 0 || power == had) return fail(ErrorCode::kGovernanceValidatorPower, "not a new power from 1 on");
    if (power > had && (power > kVotedPowerMax || others > kVotedPowerMax - power))
        return fail(ErrorCode::kGovernanceValidatorPower, "the validators would have too much power in all");
    return {};
}

/// The active member whose active node signs with `key`.
Result<AccountId> organisation_of_node(const Context& context, const Signer& key) {
    const auto no_node = [] { return fail(ErrorCode::kGovernanceValidatorNode, "the key is no active node's"); };
    SALUS_TRY(const auto owner, context.facts().key_owner(key));
    if (!owner) return no_node();
    SALUS_TRY(const auto node, context.facts().account(*owner));
    if (!node || node->kind != AccountKind::kNode || node->status != identity::AccountStatus::kActive ||
        !node->has_signing_key(key))
        return no_node();
    SALUS_TRY(const auto organisation, context.facts().account(*node->owner));
    SALUS_TRY(const auto member, context.facts().member(*node->owner));
    if (!organisation || organisation->recoveries != node->recoveries || !member ||
        member->status != governance::MemberStatus::kActive)
        return no_node();
    return *node->owner;
}

Result<ActiveValidators> changed(Context& context, const KnownValidators& known, const governance::AddValidator& add) {
    ActiveValidators now = known.now.validators;
    if (!crypto::in_prime_subgroup(add.key.key()))
        return fail(ErrorCode::kGovernanceValidatorKey, "the key is none of CometBFT's");
    const auto place = std::ranges::lower_bound(now, add.key, {}, &ActiveValidator::key);
    if (place != now.end() && place->key == add.key)
        return fail(ErrorCode::kGovernanceValidatorExists, "the key is a validator's");
    if (now.size() >= kMembersMax) return fail(ErrorCode::kGovernanceValidatorsFull, "there are as many as can be");
    SALUS_TRY(const AccountId organisation, organisation_of_node(context, add.key));
    SALUS_TRY_STATUS(check_power(add.power, 0, now));
    now.insert(place, {add.key, add.power, organisation, context.place().height, context.time_ms()});
    SALUS_TRY_STATUS(check_voted(context, known, now));
    return now;
}

Result<ActiveValidators> changed(Context& context, const KnownValidators& known,
                                 const governance::SetValidatorPower& set) {
    ActiveValidators now = known.now.validators;
    const auto place = find_id(now, set.validator);
    if (place == now.end()) return fail(ErrorCode::kGovernanceNoValidator, "no validator has that id");
    SALUS_TRY_STATUS(check_power(set.power, place->power, now));
    place->power = set.power;
    SALUS_TRY_STATUS(check_voted(context, known, now));
    return now;
}

Result<ActiveValidators> changed(Context& context, const KnownValidators& known,
                                 const governance::RemoveValidator& remove) {
    ActiveValidators now = known.now.validators;
    const auto place = find_id(now, remove.validator);
    if (place == now.end()) return fail(ErrorCode::kGovernanceNoValidator, "no validator has that id");
    now.erase(place);
    SALUS_TRY_STATUS(check_voted(context, known, now));
    return now;
}

/// Shares are not asked: whoever is suspended must go.
Result<ActiveValidators> without(const KnownValidators& known, const AccountId& organisation) {
    ActiveValidators now = known.now.validators;
    std::erase_if(now, [&](const ActiveValidator& one) { return one.organisation == organisation; });
    if (now.size() != known.now.validators.size()) SALUS_TRY_STATUS(check_possible(known, now));
    return now;
}

Status put(Context& context, const KnownValidators& known, ActiveValidators now) {
    each_change(known.now.validators, now, [&](const ActiveValidator* old, const ActiveValidator* fresh) {
        const ActiveValidator& named = fresh == nullptr ? *old : *fresh;
        context.emit(governance::EventKind::kValidator, validator_id(named.key),
                     to_bytes(big_endian(fresh == nullptr ? std::uint64_t{0} : fresh->power)));
    });
    return context.decide(governance::validator_set_key(), ValidatorSet{known.now.era, std::move(now)});
}

template <class Action>
Status check_voted_change(Context& context, const Action& action) {
    SALUS_TRY(const auto known, voted_validators(context));
    SALUS_TRY_STATUS(changed(context, known, action));
    return {};
}

template <class Action>
Status make_voted_change(Context& context, const Action& action) {
    SALUS_TRY(const auto known, voted_validators(context));
    SALUS_TRY(auto now, changed(context, known, action));
    return put(context, known, std::move(now));
}

}  // namespace

Status check_change(Context& context, const governance::AddValidator& add) { return check_voted_change(context, add); }

Status check_change(Context& context, const governance::SetValidatorPower& set) {
    return check_voted_change(context, set);
}

Status check_change(Context& context, const governance::RemoveValidator& remove) {
    return check_voted_change(context, remove);
}

Status check_change(Context& context, const governance::Suspend& suspend) {
    SALUS_TRY(const auto known, known_validators(context));
    if (known) SALUS_TRY_STATUS(without(*known, suspend.account));
    return {};
}

Status make_change(Context& context, const governance::AddValidator& add) { return make_voted_change(context, add); }

Status make_change(Context& context, const governance::SetValidatorPower& set) {
    return make_voted_change(context, set);
}

Status make_change(Context& context, const governance::RemoveValidator& remove) {
    return make_voted_change(context, remove);
}

Status make_change(Context& context, const governance::Suspend& suspend) {
    SALUS_TRY(const auto known, known_validators(context));
    if (!known) return {};
    SALUS_TRY(auto now, without(*known, suspend.account));
    if (now.size() == known->now.validators.size()) return {};
    return put(context, *known, std::move(now));
}

Result<bool> remove_faulty(Context& context, const ValidatorId& validator) {
    SALUS_TRY(const auto known, known_validators(context));
    if (!known) return false;
    ActiveValidators now = known->now.validators;
    const auto place = find_id(now, validator);
    if (place == now.end()) return false;
    const AccountId organisation = place->organisation;
    now.erase(place);
    if (!check_possible(*known, now)) return false;
    SALUS_TRY_STATUS(context.decide(governance::validator_set_key(), ValidatorSet{known->now.era, std::move(now)}));
    context.emit(system_state::EventKind::kPowerRemoved, validator, to_bytes(ByteView(organisation)));
    return true;
}

Status begin_validators(Context& context, const ValidatorSet& set) {
    const Bytes key = governance::validator_set_key();
    SALUS_TRY(const auto before, context.read_decision<ValidatorSet>(key));
    if (!before && set.validators.empty()) return {};
    return context.decide(key, set);
}

Result<std::vector<Validator>> validator_updates(Context& context) {
    std::vector<Validator> updates;
    SALUS_TRY(const auto known, known_validators(context));
    if (!known) return updates;
    each_change(known->before, known->now.validators, [&](const ActiveValidator* old, const ActiveValidator* fresh) {
        const ActiveValidator& named = fresh == nullptr ? *old : *fresh;
        updates.push_back({named.key, fresh == nullptr ? 0 : fresh->power, named.organisation});
    });
    return updates;
}

}  // namespace salus::execution
