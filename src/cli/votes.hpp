#pragma once

#include "cli/session.hpp"
#include "model/contracts/governance.hpp"

namespace salus::cli {

/// What each command says that proposes something to the members.
struct ProposalArguments {
    SessionArguments session;
    std::uint64_t seconds = 72 * 3600;  ///< for which votes are taken
};
void declare_proposal(CLI::App& app, ProposalArguments& arguments);

/// Proposes `action`, which counts as the proposer's vote, and reports how it stands. Errors: those of transact
Result<Report> propose(const ProposalArguments& arguments, governance::Action action, Environment& environment);

}  // namespace salus::cli
