#include "application/consent/decision.hpp"

#include <algorithm>
#include <limits>

namespace salus::application {
namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}
template <class T>
bool intersects(const std::vector<T>& a, const std::vector<T>& b) {
    return std::any_of(a.begin(), a.end(), [&](const T& value) { return contains(b, value); });
}
/// Whether `narrow` names something, all of which `wide` names too. Where `wide` names nothing it stands for
/// everything.
template <class T>
bool within(const std::vector<T>& narrow, const std::vector<T>& wide) {
    if (wide.empty()) return true;
    return !narrow.empty() &&
           std::all_of(narrow.begin(), narrow.end(), [&](const T& value) { return contains(wide, value); });
}

/// Whether criteria match a request and, where there is one, a resource. What is not known counts against disclosure:
/// it makes a denial match and a permit not.
class Match {
public:
    Match(const DecisionRequest& request, const ResourceFacts* facts, Decide sense)
        : request_(request), facts_(facts), deny_(sense == Decide::kDeny) {}

    [[nodiscard]] bool operator()(const Criteria& criteria) const { return actor(criteria) && content(criteria); }

private:
    [[nodiscard]] bool actor(const Criteria& c) const {
        if (!c.organisations.empty() && !contains(c.organisations, request_.requester)) return false;
        if (!c.practitioners.empty() && !(request_.user ? contains(c.practitioners, request_.user->id) : deny_))
            return false;
        if (!c.roles.empty() && !(request_.user ? contains(c.roles, request_.user->role) : deny_)) return false;
        if (!c.purposes.empty() && !contains(c.purposes, static_cast<std::uint64_t>(request_.purpose))) return false;
        return c.actions.empty() || contains(c.actions, request_.action);
    }

    [[nodiscard]] bool content(const Criteria& c) const {
        if (!facts_) return !deny_ || !names_content(c);
        if (!c.types.empty() && !contains(c.types, facts_->type)) return false;
        if (!c.instances.empty() && !contains(c.instances, facts_->type + "/" + facts_->id)) return false;
        if (!c.codes.empty() && !intersects(c.codes, facts_->codes)) return false;
        if (!c.labels.empty() && !(deny_ ? intersects(c.labels, facts_->labels) : within(facts_->labels, c.labels)))
            return false;
        if (!c.author.empty() && !contains(facts_->authors, c.author) && !(deny_ && facts_->authors.empty()))
            return false;
        if (c.data_from_ms == 0 && c.data_until_ms == 0) return true;
        if (!facts_->dated) return deny_;
        // A permit covers what lies within its times, a denial all that reaches into them.
        const TimeMs until_ms = std::max(facts_->until_ms, facts_->time_ms + 1);
        const TimeMs end_ms = c.data_until_ms == 0 ? std::numeric_limits<TimeMs>::max() : c.data_until_ms;
        return deny_ ? until_ms > c.data_from_ms && facts_->time_ms < end_ms
                     : facts_->time_ms >= c.data_from_ms && until_ms <= end_ms;
    }

    static bool names_content(const Criteria& c) {
        return !c.types.empty() || !c.instances.empty() || !c.codes.empty() || !c.labels.empty() || !c.author.empty() ||
               c.data_from_ms != 0 || c.data_until_ms != 0;
    }

    const DecisionRequest& request_;
    const ResourceFacts* facts_;
    bool deny_;
};

/// A consent that speaks to the request: what it says and by which criteria.
struct Voice {
    const StandingConsent* consent;
    Decide says;
    const Criteria* by;
};

constexpr Decide opposite(Decide decide) { return decide == Decide::kPermit ? Decide::kDeny : Decide::kPermit; }

/// Rule 1 and the inside of one consent: inner provisions are exceptions.
std::optional<Voice> voice_of(const StandingConsent& consent, const DecisionRequest& request,
                              const ResourceFacts* facts) {
    const GrantTerms& terms = consent.terms;
    if (!consent.active || terms.custodian != request.custodian || terms.subject != request.subject)
        return std::nullopt;
    if (request.now_ms < terms.from_ms || request.now_ms >= terms.until_ms) return std::nullopt;
    if (!Match(request, facts, terms.decide)(terms.scope)) return std::nullopt;
    const Decide exception = opposite(terms.decide);
    for (const Criteria& criteria : terms.exceptions)
        if (Match(request, facts, exception)(criteria)) return Voice{&consent, exception, &criteria};
    return Voice{&consent, terms.decide, &terms.scope};
}

bool is_specific(const Criteria& c) {
    return !c.organisations.empty() || !c.practitioners.empty() || !c.roles.empty() || !c.types.empty() ||
           !c.codes.empty() || !c.labels.empty();
}

/// Whether a permit speaks of no more than the denial did, in everything that the denial named.
bool no_broader(const Criteria& permit, const Criteria& denial) {
    return within(permit.organisations, denial.organisations) && within(permit.practitioners, denial.practitioners) &&
           within(permit.roles, denial.roles) && within(permit.types, denial.types) &&
           within(permit.codes, denial.codes) && within(permit.labels, denial.labels);
}

/// Rule 3: whether an older denial stands against the permits that came after it.
bool survives(const Voice& denial, const std::vector<Voice>& voices) {
    if (!denial.consent->readable) return true;
    if (!is_specific(*denial.by)) return false;
    return std::none_of(voices.begin(), voices.end(), [&](const Voice& later) {
        return later.says == Decide::kPermit && later.consent->created > denial.consent->created &&
               (contains(later.consent->terms.supersedes, denial.consent->terms.grant) ||
                no_broader(*later.by, *denial.by));
    });
}

/// What the consents say, and which of them.
std::pair<Ruling, std::vector<GrantId>> rule(const std::vector<StandingConsent>& consents,
                                             const DecisionRequest& request, const ResourceFacts* facts) {
    std::vector<Voice> voices;
    for (const StandingConsent& consent : consents)
        if (auto voice = voice_of(consent, request, facts)) voices.push_back(*voice);
    if (voices.empty()) return {Ruling::kNoConsent, {}};
    std::sort(voices.begin(), voices.end(),
              [](const Voice& a, const Voice& b) { return a.consent->created < b.consent->created; });
    const Voice& newest = voices.back();
    if (newest.says == Decide::kDeny) return {Ruling::kDeny, {newest.consent->terms.grant}};
    for (const Voice& voice : voices)
        if (voice.says == Decide::kDeny && survives(voice, voices))
            return {Ruling::kDeny, {voice.consent->terms.grant}};
    return {Ruling::kPermit, {newest.consent->terms.grant}};
}

}  // namespace

Decision decide(const std::vector<StandingConsent>& consents, const Policy& policy, const DecisionRequest& request,
                const ResourceFacts* facts) {
    Decision decision;
    std::tie(decision.ruling, decision.consents) = rule(consents, request, facts);
    decision.rule = policy.rule(request.purpose, facts ? facts->labels : std::vector<std::string>{});
    switch (decision.rule) {
        case PolicyRule::kAlways:
            decision.allowed = true;
            break;
        case PolicyRule::kUnlessObjected:
            decision.allowed = decision.ruling != Ruling::kDeny;
            break;
        case PolicyRule::kGrantNeeded:
            decision.allowed = decision.ruling == Ruling::kPermit;
            break;
    }
    if (!decision.allowed) decision.outcome = decision.ruling == Ruling::kDeny ? "denied by consent" : "no consent";
    return decision;
}

}  // namespace salus::application
