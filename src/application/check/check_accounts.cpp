#include "application/check/check_accounts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "application/audit/audit_record.hpp"
#include "application/reading/rows.hpp"
#include "base/encoding.hpp"
#include "crypto/secret.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"

namespace salus::application {
namespace {

class AccountsChecker {
public:
    AccountsChecker(Vault& vault, const StateReader& state, const LogReader& audit_log, CheckReport& report)
        : vault_(vault), state_(state), audit_log_(audit_log), report_(report) {}

    Status run() {
        SALUS_TRY_STATUS(check_events());
        SALUS_TRY_STATUS(check_roots());
        SALUS_TRY_STATUS(check_terms());
        SALUS_TRY_STATUS(check_openings());
        return check_disclosures();
    }

private:
    void find(Finding::Kind kind, std::string what, std::string why) {
        report_.findings.push_back({kind, std::move(what), std::move(why)});
    }
    void altered(std::string what, std::string why) { find(Finding::Kind::kAltered, std::move(what), std::move(why)); }
    void missing(std::string what, std::string why) { find(Finding::Kind::kMissing, std::move(what), std::move(why)); }

    /// Rows of a component's table; none where this vault never had it.
    template <class... Columns>
    Result<std::vector<std::tuple<Columns...>>> rows_of(std::string_view component, std::string_view sql) {
        return vault_.database().read([&](Reading& reading) -> Result<std::vector<std::tuple<Columns...>>> {
            SALUS_TRY(const auto version,
                      reading.query_value<std::uint64_t>(
                          "SELECT version FROM schema_versions WHERE component = :component", component));
            if (!version) return std::vector<std::tuple<Columns...>>{};
            return reading.query<Columns...>(sql);
        });
    }
    Result<Bytes> unseal(std::string_view what, ByteView name, ByteView sealed) {
        Bytes associated = to_bytes(what);
        append(associated, name);
        return vault_.keys().unseal(KekKind::kAccountability, vault_.organisation().bytes, associated, sealed);
    }
    /// What `sealed` holds; a finding where it does not open.
    template <class Message>
    std::optional<Message> open(std::string_view what, ByteView name, ByteView sealed, const std::string& place) {
        const auto opened = unseal(what, name, sealed);
        auto message = opened ? codec::decode<Message>(*opened) : Result<Message>(tl::make_unexpected(opened.error()));
        if (message) return *std::move(message);
        altered(place, message.error().to_string());
        return std::nullopt;
    }

    Status check_events();
    Status check_roots();
    Status check_terms();
    Status check_openings();
    Status check_disclosures();
    Status check_next_row(const SubjectId& subject, std::uint64_t epoch, ByteView key,
                          const std::set<std::uint64_t>& known);

    Vault& vault_;
    const StateReader& state_;
    const LogReader& audit_log_;
    CheckReport& report_;
    std::map<std::uint64_t, Hash> events_;
};

std::string event_name(std::uint64_t number) { return "audit event " + std::to_string(number); }
std::string root_name(std::uint64_t interval) { return "audit root of interval " + std::to_string(interval); }

Status AccountsChecker::check_events() {
    SALUS_TRY(const auto events, (rows_of<std::uint64_t, Hash, Bytes>(
                                     "audit", "SELECT number, hash, sealed FROM audit_events ORDER BY number")));
    std::uint64_t expected = 1;
    for (const auto& [number, hash, sealed] : events) {
        if (number != expected)
            missing(event_name(expected) + " to " + std::to_string(number - 1), "the numbers of the audit have a gap");
        expected = number + 1;
        ++report_.accounts;
        events_.emplace(number, hash);
        const auto record = open<AuditRecord>("audit-event", big_endian(number), sealed, event_name(number));
        if (record && (record->hash() != hash || record->number != number))
            altered(event_name(number), "its record is not what its hash says");
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
              (rows_of<GrantId, Bytes>("consents", "SELECT grant_id, sealed FROM consents ORDER BY grant_id")));
    for (const auto& [grant, sealed] : consents) {
        const std::string place = "consent " + to_hex(grant);
        ++report_.accounts;
        const auto terms = open<GrantTerms>("terms", grant, sealed, place);
        SALUS_TRY(const auto chain,
                  read_decision<consent::GrantState>(state_, Contract::kConsent, consent::grant_key(grant)));
        // Without a state its transaction came to nothing, or is on its way.
        if (terms && chain && (terms->commitment() != chain->value.terms || terms->grant != grant))
            altered(place, "its terms are not those that the chain commits to");
    }
    return {};
}

Status AccountsChecker::check_openings() {
    SALUS_TRY(const auto openings,
              (rows_of<BreakGlassId, Bytes>("openings", "SELECT opening, sealed FROM openings ORDER BY opening")));
    for (const auto& [id, sealed] : openings) {
        const std::string place = "broken glass " + to_hex(id);
        ++report_.accounts;
        const auto terms = open<BreakGlassTerms>("opening", id, sealed, place);
        SALUS_TRY(const auto chain, read_decision<disclosure::BreakGlassState>(state_, Contract::kDisclosure,
                                                                               disclosure::break_glass_key(id)));
        if (terms && chain && terms->commitment() != chain->value.commitment)
            altered(place, "its terms are not those that the chain commits to");
    }
    return {};
}

Status AccountsChecker::check_disclosures() {
    SALUS_TRY(const auto rows,
              (rows_of<std::uint64_t, Hash, SubjectId, RowPhase, std::optional<std::uint64_t>,
                       std::optional<std::uint64_t>, std::optional<Hash>, Bytes>(
                  "disclosures",
                  "SELECT number, request, subject, phase, epoch, tag_index, tag, manifest FROM disclosures ORDER BY "
                  "number")));
    SALUS_TRY(const auto view_keys,
              (rows_of<SubjectId, std::uint64_t, Bytes>("bindings", "SELECT subject, epoch, sealed FROM view_keys")));
    std::map<std::pair<SubjectId, std::uint64_t>, std::map<std::uint64_t, Hash>> tags;
    for (const auto& [number, request, subject, phase, epoch, index, tag, sealed] : rows) {
        const std::string place = "disclosure " + std::to_string(number);
        ++report_.accounts;
        const auto manifest = open<Manifest>("manifest", request, sealed, place);
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

Status check_accounts(Vault& vault, const StateReader& state, const LogReader& audit_log, CheckReport& report) {
    return AccountsChecker(vault, state, audit_log, report).run();
}

}  // namespace salus::application
