#include "application/check/check_accounts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "application/audit/audit_record.hpp"
#include "application/check/sealed_rows.hpp"
#include "application/reading/rows.hpp"
#include "base/encoding.hpp"
#include "crypto/secret.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/review_finding.hpp"

namespace salus::application {
namespace {

class AccountsChecker : SealedRows {
public:
    AccountsChecker(Vault& vault, const StateReader& state, const LogReader& audit_log, CheckReport& report)
        : SealedRows(vault, report), state_(state), audit_log_(audit_log) {}

    void run() {
        attempt("the table of audit events", check_events());
        attempt("the table of audit roots", check_roots());
        attempt("the table of consents", check_terms());
        attempt("the table of broken glass", check_openings());
        attempt("the table of disclosures", check_disclosures());
    }

private:
    Status check_events();
    Status check_roots();
    Status check_terms();
    Status check_openings();
    Status check_subjects_of(const AuditRecord& record);
    Status check_revoked(const GrantId& grant, std::uint64_t revoked, bool stands, const std::string& place);
    Status check_disclosures();
    Status check_next_row(const SubjectId& subject, std::uint64_t epoch, ByteView key,
                          const std::set<std::uint64_t>& known);

    const StateReader& state_;
    const LogReader& audit_log_;
    std::map<std::uint64_t, Hash> events_;
    std::uint64_t subject_entries_ = 0;
    bool every_record_opened_ = true;  ///< else nobody knows how many entries there are to be
};

std::string event_name(std::uint64_t number) { return "audit event " + std::to_string(number); }
std::string root_name(std::uint64_t interval) { return "audit root of interval " + std::to_string(interval); }

Status AccountsChecker::check_events() {
    SALUS_TRY(const auto events,
              (rows_of<std::uint64_t, TimeMs, AuditAction, Hash, Bytes>(
                  "audit", "SELECT number, time_ms, action, hash, sealed FROM audit_events ORDER BY number")));
    std::uint64_t expected = 1;
    for (const auto& [number, time_ms, action, hash, sealed] : events) {
        if (number != expected)
            missing(event_name(expected) + " to " + std::to_string(number - 1), "the numbers of the audit have a gap");
        expected = number + 1;
        ++report_.accounts;
        events_.emplace(number, hash);
        const auto record = open<AuditRecord>("audit-event", big_endian(number), sealed, event_name(number));
        if (record && (record->hash() != hash || record->number != number))
            altered(event_name(number), "its record is not what its hash says");
        if (!record) {
            every_record_opened_ = false;
            continue;
        }
        if (record->time_ms != time_ms || record->action != action)
            altered(event_name(number), "its row says another time or action than its record");
        SALUS_TRY_STATUS(check_subjects_of(*record));
    }
    SALUS_TRY(const auto entries, (rows_of<std::uint64_t>("audit", "SELECT COUNT(*) FROM audit_subjects")));
    if (every_record_opened_ && !entries.empty() && std::get<0>(entries.front()) != subject_entries_)
        find(Finding::Kind::kExtra, "the index of the audit by patient",
             "it has " + std::to_string(std::get<0>(entries.front())) + " entries, and the events give " +
                 std::to_string(subject_entries_));
    return {};
}

/// Under whom the event is found. Who was not found stands under nobody, in one entry.
Status AccountsChecker::check_subjects_of(const AuditRecord& record) {
    subject_entries_ += std::max<std::size_t>(record.subjects.size(), 1);
    for (const SubjectId& subject : record.subjects) {
        const SearchToken token = vault_.token("salus:audit", to_hex(subject));
        SALUS_TRY(const auto found, vault_.database().read([&](Reading& reading) {
            return reading.query_value<std::uint64_t>(
                "SELECT COUNT(*) FROM audit_subjects WHERE subject = :subject AND number = :number", token,
                record.number);
        }));
        if (found.value_or(0) == 0) missing(event_name(record.number), "its entry under a patient is gone");
    }
    return {};
}

Status AccountsChecker::check_roots() {
    SALUS_TRY(
        const auto roots,
        (rows_of<std::uint64_t, ByteArray<16>, Hash, std::uint64_t, std::uint64_t, Hash, std::optional<std::uint64_t>>(
            "audit",
            "SELECT interval_start, salt, events_root, first_event, event_count, leaf, log_index FROM audit_roots")));
    SALUS_TRY(const auto chain,
              read_value<audit::AuditState>(state_, Contract::kAudit, audit::audit_key(vault_.organisation())));
    const std::uint64_t filed = chain ? chain->log.count : 0;
    std::set<std::uint64_t> known;
    for (const auto& [interval, salt, events_root, first, count, leaf, log_index] : roots) {
        std::vector<Hash> hashes;
        const auto end = events_.lower_bound(first + count);
        for (auto event = events_.lower_bound(first); event != end; ++event) hashes.push_back(event->second);
        if (hashes.size() != count || log_root(hashes) != events_root)
            altered(root_name(interval), "it is not the root of its events");
        if (audit::audit_leaf(salt, interval, events_root) != leaf)
            altered(root_name(interval), "its leaf does not commit to it");
        if (!log_index) continue;
        if (*log_index >= filed) {
            missing(root_name(interval), "the vault says it is filed, the chain has no such leaf");
            continue;
        }
        known.insert(*log_index);
        SALUS_TRY(const Hash there, audit_log_.node(0, *log_index));
        if (there != leaf) altered(root_name(interval), "the chain's leaf is another");
    }
    const bool on_its_way = std::ranges::any_of(roots, [](const auto& row) { return !std::get<6>(row); });
    for (std::uint64_t index = 0; index < filed; ++index)
        if (!known.contains(index) && !on_its_way)
            missing("audit leaf " + std::to_string(index), "the chain has it, the vault has no root for it");
    return {};
}

Status AccountsChecker::check_terms() {
    SALUS_TRY(const auto consents,
              (rows_of<GrantId, SubjectId, std::uint64_t, Bytes>(
                  "consents", "SELECT grant_id, subject, revoked, sealed FROM consents ORDER BY grant_id")));
    for (const auto& [grant, subject, revoked, sealed] : consents) {
        const std::string place = "consent " + to_hex(grant);
        ++report_.accounts;
        const auto terms = open<GrantTerms>("terms", grant, sealed, place);
        SALUS_TRY(const auto chain,
                  read_decision<consent::GrantState>(state_, Contract::kConsent, consent::grant_key(grant)));
        // Without a state its transaction came to nothing, or is on its way.
        if (terms && chain && (terms->commitment() != chain->value.terms || terms->grant != grant))
            altered(place, "its terms are not those that the chain commits to");
        if (terms && terms->subject != subject) altered(place, "its row stands under another subject than its terms");
        SALUS_TRY_STATUS(
            check_revoked(grant, revoked, chain && chain->value.status == consent::GrantStatus::kActive, place));
    }
    return {};
}

/// A revocation counts in the house at once: until the chain has it, it waits in the outbox. `stands`: on the chain
Status AccountsChecker::check_revoked(const GrantId& grant, std::uint64_t revoked, bool stands,
                                      const std::string& place) {
    if (revoked > 1) altered(place, "whether it is revoked is not said");
    if (revoked == 0 || !stands) return {};
    SALUS_TRY(const auto waiting, vault_.database().read([&](Reading& reading) {
        return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM outbox WHERE reference = :grant", grant);
    }));
    if (waiting.value_or(0) == 0) altered(place, "it is marked as revoked, and stands on the chain");
    return {};
}

Status AccountsChecker::check_openings() {
    SALUS_TRY(const auto openings,
              (rows_of<BreakGlassId, SubjectId, TimeMs, Bytes, std::optional<Bytes>>(
                  "openings", "SELECT opening, subject, opened_ms, sealed, finding FROM openings ORDER BY opening")));
    for (const auto& [id, subject, opened_ms, sealed, finding] : openings) {
        const std::string place = "broken glass " + to_hex(id);
        ++report_.accounts;
        const auto terms = open<BreakGlassTerms>("opening", id, sealed, place);
        SALUS_TRY(const auto chain, read_decision<disclosure::BreakGlassState>(state_, Contract::kDisclosure,
                                                                               disclosure::break_glass_key(id)));
        if (terms && chain && terms->commitment() != chain->value.commitment)
            altered(place, "its terms are not those that the chain commits to");
        if (terms && (terms->subject != subject || terms->opened_ms != opened_ms))
            altered(place, "its row says another subject or time than its terms");
        if (finding) (void)open<ReviewFinding>("finding", id, *finding, place);
    }
    return {};
}

Status AccountsChecker::check_disclosures() {
    SALUS_TRY(const auto rows,
              (rows_of<std::uint64_t, Hash, SubjectId, RowPhase, std::optional<std::uint64_t>,
                       std::optional<std::uint64_t>, std::optional<Hash>, Bytes, std::optional<Bytes>>(
                  "disclosures",
                  "SELECT number, request, subject, phase, epoch, tag_index, tag, manifest, facts FROM disclosures "
                  "ORDER BY number")));
    SALUS_TRY(const auto view_keys,
              (rows_of<SubjectId, std::uint64_t, Bytes>("bindings", "SELECT subject, epoch, sealed FROM view_keys")));
    std::map<std::pair<SubjectId, std::uint64_t>, std::map<std::uint64_t, Hash>> tags;
    for (const auto& [number, request, subject, phase, epoch, index, tag, sealed, facts] : rows) {
        const std::string place = "disclosure " + std::to_string(number);
        ++report_.accounts;
        const auto manifest = open<Manifest>("manifest", request, sealed, place);
        if (facts)
            if (const auto opened = unseal("facts", request, *facts); !opened)
                altered(place, opened.error().to_string());
        if (epoch && index && tag) tags[{subject, *epoch}].emplace(*index, *tag);
        if (phase != RowPhase::kFiled) continue;
        if (!tag) {
            altered(place, "it is filed and has no tag");
            continue;
        }
        SALUS_TRY(const auto chain, read_value<disclosure::RowState>(state_, Contract::kDisclosure,
                                                                     disclosure::row_key(vault_.organisation(), *tag)));
        if (!chain)
            missing(place, "the vault says it is filed, the chain has no row under its tag");
        else if (manifest && chain->manifest != manifest->commitment())
            altered(place, "its manifest is not the one that the chain commits to");
    }
    for (const auto& [subject, epoch, sealed] : view_keys) {
        Bytes name = to_bytes(ByteView(subject));
        append(name, big_endian(epoch));
        auto opened = unseal("view-key", name, sealed);
        const std::string place = "view key of epoch " + std::to_string(epoch) + " of subject " + to_hex(subject);
        if (!opened) {
            altered(place, opened.error().to_string());
            continue;
        }
        const crypto::SecretBytes key(*std::move(opened));
        std::set<std::uint64_t> known;
        for (const auto& [index, tag] : tags[{subject, epoch}]) {
            known.insert(index);
            if (disclosure::disclosure_tag(key.expose(), index) != tag)
                altered(place, "row " + std::to_string(index) + " stands under another tag than it gives");
        }
        SALUS_TRY_STATUS(check_next_row(subject, epoch, key.expose(), known));
    }
    return {};
}

/// Rows of a list are numbered without gaps: one that the vault lacks is found in a gap, or behind the last.
Status AccountsChecker::check_next_row(const SubjectId& subject, std::uint64_t epoch, ByteView key,
                                       const std::set<std::uint64_t>& known) {
    const std::uint64_t last = known.empty() ? 0 : *known.rbegin();
    for (std::uint64_t index = 1; index <= last + 1; ++index) {
        if (known.contains(index)) continue;
        SALUS_TRY(const auto there,
                  state_.get(Contract::kDisclosure,
                             disclosure::row_key(vault_.organisation(), disclosure::disclosure_tag(key, index))));
        if (there)
            missing("row " + std::to_string(index) + " of epoch " + std::to_string(epoch) + " of subject " +
                        to_hex(subject),
                    "the chain has it, the vault has no disclosure for it");
    }
    return {};
}

}  // namespace

void check_accounts(Vault& vault, const StateReader& state, const LogReader& audit_log, CheckReport& report) {
    AccountsChecker(vault, state, audit_log, report).run();
}

}  // namespace salus::application
