#pragma once

#include "execution/context.hpp"

/// Who votes in CometBFT: by vote, by what follows from a vote, and by evidence. Whatever is changed here, CometBFT
/// takes. Source: docs/protocol.md, "Validators"
namespace salus::execution {

using ActiveValidators = std::vector<governance::ActiveValidator>;  ///< ascending by key

/// Whether the members could do that here in the block. Errors: governance's, and those of the context
Status check_change(Context& context, const governance::AddValidator& add);
Status check_change(Context& context, const governance::SetValidatorPower& set);
Status check_change(Context& context, const governance::RemoveValidator& remove);
/// Suspending takes the power of all validators of the organisation, if it has any.
Status check_change(Context& context, const governance::Suspend& suspend);

/// The same, and does it.
Status make_change(Context& context, const governance::AddValidator& add);
Status make_change(Context& context, const governance::SetValidatorPower& set);
Status make_change(Context& context, const governance::RemoveValidator& remove);
Status make_change(Context& context, const governance::Suspend& suspend);

/// Takes the power of one that has misbehaved. False, and nothing is done, where it has none; or where all that are
/// left, or too many at once, would go: that is for the members to decide. Errors: the reader's
Result<bool> remove_faulty(Context& context, const ValidatorId& validator);

/// Those of an era that begins. Errors: the reader's
Status begin_validators(Context& context, const governance::ValidatorSet& set);

/// What this block has changed so far, as CometBFT is told: ascending by key, power 0 removes. Errors: the reader's
Result<std::vector<Validator>> validator_updates(Context& context);

}  // namespace salus::execution
