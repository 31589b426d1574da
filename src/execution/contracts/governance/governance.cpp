#include "execution/contracts/governance/governance.hpp"

#include <algorithm>

#include "execution/contracts/governance/actions.hpp"

namespace salus::execution {
namespace {

using governance::ProposalState;
using governance::ProposalStatus;

/// Counts, and does at once what has passed. Where that cannot be done any more, the deciding vote fails and the
/// proposal stays open until it expires.
Status decide(Context& context, const Members& members, ProposalState state) {
    const ProposalId id = state.proposal.id();
    SALUS_TRY(const Verdict verdict, tally(context, members, state));
    if (verdict != Verdict::kOpen) {
        const bool passed = verdict == Verdict::kPassed;
        state.status = passed ? ProposalStatus::kPassed : ProposalStatus::kRejected;
        state.decided = context.place();
        state.decided_ms = context.time_ms();
        context.emit(passed ? governance::EventKind::kPassed : governance::EventKind::kRejected, id);
    }
    SALUS_TRY_STATUS(context.write(governance::proposal_key(id), state));
    if (verdict != Verdict::kPassed) return {};
    SALUS_TRY_STATUS(check_action(context, state.proposal.action));
    SALUS_TRY_STATUS(check_remaining(members, state.proposal.action));
    return execute_action(context, members, state.proposal);
}

/// Those of the sender that are not decided and have not expired.
Result<governance::OpenProposals> open_proposals(Context& context, const AccountId& sender) {
    governance::OpenProposals open;
    SALUS_TRY(const auto listed, context.read<governance::OpenProposals>(governance::open_proposals_key(sender)));
    if (!listed) return open;
    for (const ProposalId& id : listed->proposals) {
        SALUS_TRY(const auto state, context.read<ProposalState>(governance::proposal_key(id)));
        if (!state) return fail(ErrorCode::kCorrupt, "the list of open proposals names one that has no state");
        if (state->status == ProposalStatus::kOpen && context.time_ms() < state->proposal.expires_ms)
            open.proposals.push_back(id);
    }
    return open;
}

Status act(Context& context, const governance::Propose& propose) {
    SALUS_TRY(const AccountId sender, context.organisation());
    const ProposalId id = propose.proposal.id();
    SALUS_TRY(const auto before, context.read<ProposalState>(governance::proposal_key(id)));
    if (before) return fail(ErrorCode::kGovernanceProposalExists, "that proposal was made already");
    SALUS_TRY(const auto lifetime, context.facts().parameter(governance::Parameter::kProposalLifetimeMs));
    const TimeMs now = context.time_ms();
    if (propose.proposal.expires_ms <= now || propose.proposal.expires_ms - now > lifetime)
        return fail(ErrorCode::kGovernanceExpiry, "the proposal's end lies in the past or too far ahead");
    // Before all members are read: what is refused costs little.
    SALUS_TRY_STATUS(check_action(context, propose.proposal.action));
    SALUS_TRY(auto open, open_proposals(context, sender));
    if (open.proposals.size() >= kOpenProposalsMax)
        return fail(ErrorCode::kGovernanceProposalsFull, "the sender has as many open proposals as can be");
    open.proposals.push_back(id);
    SALUS_TRY_STATUS(context.write(governance::open_proposals_key(sender), open));
    SALUS_TRY(const Members members, read_members(context));
    SALUS_TRY_STATUS(check_remaining(members, propose.proposal.action));
    context.emit(governance::EventKind::kProposed, id);
    return decide(context, members, {propose.proposal, ProposalStatus::kOpen, {sender}, {}, {}, 0});
}

Status act(Context& context, const governance::Vote& vote) {
    SALUS_TRY(const AccountId sender, context.organisation());
    SALUS_TRY(auto proposal, context.read<ProposalState>(governance::proposal_key(vote.proposal)));
    if (!proposal) return fail(ErrorCode::kGovernanceNoProposal, "no proposal has that id");
    if (proposal->status != ProposalStatus::kOpen)
        return fail(ErrorCode::kGovernanceDecided, "the proposal is decided");
    if (context.time_ms() >= proposal->proposal.expires_ms)
        return fail(ErrorCode::kGovernanceExpired, "the proposal has expired");
    if (std::ranges::binary_search(proposal->approvals, sender) ||
        std::ranges::binary_search(proposal->rejections, sender))
        return fail(ErrorCode::kGovernanceVoted, "the member has voted");
    auto& votes = vote.approve ? proposal->approvals : proposal->rejections;
    votes.insert(std::ranges::lower_bound(votes, sender), sender);
    SALUS_TRY(const Members members, read_members(context));
    Bytes approve{static_cast<std::uint8_t>(vote.approve ? 1 : 0)};
    context.emit(governance::EventKind::kVoted, vote.proposal, std::move(approve));
    return decide(context, members, *std::move(proposal));
}

}  // namespace

Status run_governance(Context& context, ByteView payload) {
    SALUS_TRY(const auto decoded, decode_payload<governance::Payload>(Contract::kGovernance, payload));
    return std::visit([&](const auto& action) { return act(context, action); }, decoded.action);
}

}  // namespace salus::execution
