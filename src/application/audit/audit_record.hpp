#pragma once

#include "application/audit/audit_log.hpp"
#include "model/codec.hpp"

namespace salus::application {

/// An access as it is stored and as its hash stands under the interval's root.
struct AuditRecord {
    std::uint32_t version = 1;
    ByteArray<16> salt{};  ///< so that nobody guesses an event from the proof of its neighbour
    std::uint64_t number = 0;
    TimeMs time_ms = 0;
    AuditAction action{};
    bool allowed = false;
    std::string outcome;
    AccountId organisation;
    std::optional<StaffCredential> user;
    std::uint32_t purpose = 0;  ///< Purpose; 0: none
    std::vector<SubjectId> subjects;
    std::vector<std::string> entities;
    std::string query;
    std::vector<GrantId> grants;
    std::string request_id;
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
    [[nodiscard]] AuditEntry entry() const;
};

/// Strings are cut to what a record holds.
AuditRecord make_record(const AuditEntry& entry, std::uint64_t number, TimeMs time_ms, const ByteArray<16>& salt);

}  // namespace salus::application
