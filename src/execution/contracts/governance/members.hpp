#pragma once

#include "execution/context.hpp"

namespace salus::execution {

struct Member {
    AccountId account;
    governance::MemberState state;
};
/// All members, ascending by account.
using Members = std::vector<Member>;

Result<Members> read_members(Context& context);
/// nullptr where `account` is not a member.
const Member* find_member(const Members& members, const AccountId& account) noexcept;
std::size_t count_active(const Members& members) noexcept;

/// Whether a proposal has its majority. Source: docs/protocol.md, "Governance"
enum class Verdict { kOpen, kPassed, kRejected };

/// Counts votes on `proposal` at block time. Counted in the denominator is who is active or was suspended less than
/// kSuspendedCountsMs ago; a vote counts as long as its member is active.
Result<Verdict> tally(const Context& context, const Members& members, const governance::ProposalState& proposal);

}  // namespace salus::execution
