#include "base/time_text.hpp"
#include "model/enum_names.hpp"
#include "model/evidence_verifier.hpp"

namespace salus::evidence {
namespace {

/// Who acted, as the record names it.
std::string actor(const AuditRecord& record) {
    std::string text = organisation(record.organisation);
    if (record.user) text += ", " + record.user->id + " (" + record.user->name + ", " + record.user->role + ")";
    return text;
}

std::string audit_outcome(const AuditRecord& record) {
    if (record.allowed) return "allowed";
    return record.outcome.empty() ? "refused" : "refused (" + record.outcome + ")";
}

}  // namespace

/// That the event happened is the organisation's word, given before anybody asked for it: it can neither be altered nor
/// slipped in since. How many stand beside it nothing shows: `index` and `count` only say at which turns the path goes
/// left or right, and other numbers give the same turns. A credential that was shown at a refusal need not have been
/// good, so it is not judged here.
Shown Verifier::check_audit_event(const ProvenAuditEvent& event) const {
    const AuditRecord& record = event.record;
    SALUS_TRY(const ProvenLeaf* leaf, proven_leaf(event.leaf));
    const ProvenState& log = evidence_.states[leaf->log];
    if (log.contract != Contract::kAudit) return unproven("its leaf stands in no audit log");
    if (record.version != 1) return unproven("an audit event of an unknown version");
    SALUS_TRY_STATUS(check_inclusion(record.hash(), event.index, event.count, event.path, event.events_root));
    if (audit::audit_leaf(event.salt, event.interval, event.events_root) != leaf->leaf)
        return unproven("the leaf was made of another interval");
    return "event " + std::to_string(record.number) + " in the audit log of " + organisation(owner_in(log.key)) + ", " +
           to_iso_time(record.time_ms) + ": " + std::string(enum_name(record.action)) + " by " + actor(record) + ", " +
           audit_outcome(record) + "; under the root of the interval of " + to_iso_time(event.interval);
}

}  // namespace salus::evidence
