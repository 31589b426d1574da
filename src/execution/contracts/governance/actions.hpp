#pragma once

#include "execution/contracts/governance/members.hpp"

namespace salus::execution {

/// Whether the members could do that now: asked when it is proposed, and again when it has passed, for much may have
/// changed in between. Reads few of them. Errors: governance's, and those of the context
Status check_action(Context& context, const governance::Action& action);
/// What only all members together tell: that one active one would be left. Pre: check_action holds
Status check_remaining(const Members& members, const governance::Action& action);

/// Does it at once. A recovery and a policy are only resolved: identity and disclosure act on them.
/// Pre: check_action and check_remaining hold of its action
Status execute_action(Context& context, const Members& members, const governance::Proposal& proposal);

}  // namespace salus::execution
