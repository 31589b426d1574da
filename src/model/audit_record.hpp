#pragma once

#include <string>
#include <vector>

#include "model/manifest.hpp"

/// One access, as an organisation keeps it and as its hash stands under a root on the chain. Source: docs/protocol.md,
/// "Audit event"
namespace salus {

/// What was done. Rendered as IHE BALP on reading. Numbers are stored.
enum class AuditAction : std::uint32_t {
    kRead = 1,
    kVread = 2,
    kHistory = 3,
    kSearch = 4,
    kCreate = 5,
    kUpdate = 6,
    kBatch = 7,
    kDisclose = 8,  ///< to another organisation or to the patient's wallet
    kDecision = 9,  ///< an authorisation decision, allowed or refused, also for who was not found
    kBreakGlass = 10,
    kReview = 11,
    kResend = 12,     ///< the same answer to the same request again: no disclosure of its own
    kDelivered = 13,  ///< the recipient's word that what was disclosed has come
    kLogin = 14,
    kBind = 15,
    kConsent = 16,
    kDownload = 17,
};
constexpr bool is_known(AuditAction action) noexcept {
    return action >= AuditAction::kRead && action <= AuditAction::kDownload;
}

struct AuditRecord {
    std::uint32_t version = 1;
    Salt salt{};  ///< so that nobody guesses an event from the proof of its neighbour
    std::uint64_t number = 0;
    TimeMs time_ms = 0;
    AuditAction action{};
    bool allowed = false;
    std::string outcome;     ///< why refused
    AccountId organisation;  ///< whose caller it was
    std::optional<StaffCredential> user;
    std::uint32_t purpose = 0;  ///< Purpose; 0: none
    std::vector<SubjectId> subjects;
    std::vector<std::string> entities;  ///< "Observation/7f../_history/2"
    std::string query;
    std::vector<GrantId> grants;
    std::string request_id;  ///< hex
    std::string detail;
    Bytes padding;  ///< to a multiple of 512 bytes: a refusal and a not-found look alike at rest

    static constexpr std::string_view kName = "AuditRecord";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &AuditRecord::version), codec::field<2>("salt", &AuditRecord::salt),
        codec::field<3>("number", &AuditRecord::number), codec::field<4>("time_ms", &AuditRecord::time_ms),
        codec::field<5>("action", &AuditRecord::action), codec::field<6>("allowed", &AuditRecord::allowed),
        codec::field<7>("outcome", &AuditRecord::outcome, 1000),
        codec::field<8>("organisation", &AuditRecord::organisation), codec::field<9>("user", &AuditRecord::user),
        codec::field<10>("purpose", &AuditRecord::purpose), codec::field<11>("subjects", &AuditRecord::subjects),
        codec::field<12>("entities", &AuditRecord::entities, codec::kNoLimit, 300),
        codec::field<13>("query", &AuditRecord::query, 8000), codec::field<14>("grants", &AuditRecord::grants, 100),
        codec::field<15>("request_id", &AuditRecord::request_id, 200),
        codec::field<16>("detail", &AuditRecord::detail, 4000),
        codec::field<17>("padding", &AuditRecord::padding, 1024));
    bool operator==(const AuditRecord&) const = default;

    /// The hash that the interval's root is over: RFC 6962, leaf.
    [[nodiscard]] Hash hash() const;
};

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(AuditRecord)
}  // namespace salus
