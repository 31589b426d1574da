#pragma once

#include "application/consent/decision.hpp"
#include "application/house.hpp"
#include "model/reading.hpp"

namespace salus::application {

/// What is asked of a subject's record.
struct Scope {
    std::vector<std::string> types;      ///< empty: all
    std::vector<std::string> instances;  ///< "Type/id"; empty: all
    TimeMs since_ms = 0;                 ///< written at or after
    bool with_chain = false;             ///< for the patient: where each version stands in her chain
};

/// What may be handed over, and what decided it.
struct Assembled {
    std::vector<AnsweredResource> resources;
    std::vector<ResourceFacts> facts;  ///< of each, for the decision before sending
    std::vector<GrantId> grants;       ///< that permitted, each once, the first that was used first
};

/// Gathers the current versions of what is asked and allowed; what the decision withholds, or cannot judge, is left out
/// whole. Errors: kTooLarge beyond kAnswerBytesMax; those of the vault
Result<Assembled> assemble(Vault& vault, const Scope& scope, const std::vector<StandingConsent>& consents,
                           const Policy& policy, const DecisionRequest& request);

}  // namespace salus::application
