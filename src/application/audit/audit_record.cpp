#include "application/audit/audit_record.hpp"

namespace salus::application {
namespace {

constexpr std::size_t kPadMultiple = 512;

/// The first bytes of `text`, not through the middle of a character.
std::string cut(const std::string& text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end);
}

void pad(AuditRecord& record) {
    record.padding.assign(1, 0);
    const std::size_t least = codec::encoded_size(record);
    std::size_t more = (kPadMultiple - least % kPadMultiple) % kPadMultiple;
    // From 128 bytes on the padding's own length takes a second byte; 127 more cannot be had with it, nor without.
    if (more == 127) more += kPadMultiple;
    if (more > 127) --more;
    record.padding.assign(1 + more, 0);
}

}  // namespace

AuditEntry entry_of(const AuditRecord& record) {
    AuditEntry out;
    out.action = record.action;
    out.allowed = record.allowed;
    out.outcome = record.outcome;
    out.organisation = record.organisation;
    out.user = record.user;
    if (record.purpose != 0) out.purpose = static_cast<Purpose>(record.purpose);
    out.subjects = record.subjects;
    out.entities = record.entities;
    out.query = record.query;
    out.grants = record.grants;
    out.request_id = record.request_id;
    out.detail = record.detail;
    return out;
}

AuditRecord make_record(const AuditEntry& entry, std::uint64_t number, TimeMs time_ms, const Salt& salt) {
    AuditRecord record;
    record.salt = salt;
    record.number = number;
    record.time_ms = time_ms;
    record.action = entry.action;
    record.allowed = entry.allowed;
    record.outcome = cut(entry.outcome, 1000);
    record.organisation = entry.organisation;
    record.user = entry.user;
    record.purpose = entry.purpose ? static_cast<std::uint32_t>(*entry.purpose) : 0;
    record.subjects = entry.subjects;
    for (const std::string& entity : entry.entities) record.entities.push_back(cut(entity, 300));
    record.query = cut(entry.query, 8000);
    record.grants = entry.grants;
    if (record.grants.size() > 100) record.grants.resize(100);
    record.request_id = cut(entry.request_id, 200);
    record.detail = cut(entry.detail, 4000);
    pad(record);
    return record;
}

}  // namespace salus::application
