#pragma once

#include <optional>
#include <string>
#include <vector>

#include "application/consent/labels.hpp"
#include "application/consent/policy.hpp"
#include "model/manifest.hpp"
#include "model/state.hpp"

/// May this be disclosed? A pure function of the consents with their terms opened, the policy, the request and the
/// time: the same on every machine, and again for any past block. Source: docs/protocol.md, "Policy"
namespace salus::application {

/// A grant or denial as it stands.
struct StandingConsent {
    GrantTerms terms;
    Place created;         ///< block order: an author's own date proves nothing
    bool active = true;    ///< on the chain, and not revoked in the house
    bool readable = true;  ///< else nobody knows its terms: a denial of everything, whatever is permitted later
};

/// The one action of version 1.
inline constexpr std::uint64_t kActionRead = 1;

struct DecisionRequest {
    AccountId custodian;
    SubjectId subject;
    AccountId requester;
    std::optional<StaffCredential> user;
    Purpose purpose{};
    std::uint64_t action = kActionRead;
    TimeMs now_ms = 0;
};

/// What the consents alone say.
enum class Ruling { kNoConsent, kPermit, kDeny };

struct Decision {
    bool allowed = false;
    Ruling ruling = Ruling::kNoConsent;
    PolicyRule rule = PolicyRule::kGrantNeeded;
    std::vector<GrantId> consents;  ///< that decided: of a permit the grant first, else the denial
    std::string outcome;            ///< why not, for the custodian's audit; empty where allowed
};

/// Decides for one resource; for the request as a whole where `facts` is null: then what a criterion on content could
/// match counts as permitted and not as denied, and each resource is decided by itself.
Decision decide(const std::vector<StandingConsent>& consents, const Policy& policy, const DecisionRequest& request,
                const ResourceFacts* facts);

}  // namespace salus::application
