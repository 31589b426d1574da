#pragma once

#include <variant>

#include "model/account.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"

/// Audit: an organisation's log of audit roots, one leaf an interval. Source: docs/protocol.md, "Audit"
namespace salus::audit {

/// The sender, an organisation, appends the leaf of one interval to its own log.
struct FileRoot {
    std::uint64_t interval = 0;  ///< rises with each; after downtime one leaf covers the gap
    Hash leaf{};                 ///< SHA-256(0x00 || salt[16] || u64 interval || root of its events)
    static constexpr std::string_view kName = "FileAuditRoot";
    static constexpr auto kFields =
        codec::table(codec::field<1>("interval", &FileRoot::interval), codec::field<2>("leaf", &FileRoot::leaf));
};
struct Payload {
    std::variant<FileRoot> action;
    static constexpr std::string_view kName = "AuditPayload";
    static constexpr auto kFields = codec::table(codec::field<1>("action", &Payload::action));
};

/// Table 1, by organisation.
struct AuditState {
    std::uint64_t interval = 0;  ///< the newest filed
    LogFrontier log;
    static constexpr std::string_view kName = "AuditState";
    static constexpr auto kFields =
        codec::table(codec::field<1>("interval", &AuditState::interval), codec::field<2>("log", &AuditState::log));
    bool operator==(const AuditState&) const = default;
};

Bytes audit_key(const AccountId& organisation);
/// The leaf of an interval.
Hash audit_leaf(const ByteArray<16>& salt, std::uint64_t interval, const Hash& events_root);

enum class EventKind : std::uint32_t { kRootFiled = 1 };

}  // namespace salus::audit

namespace salus {
SALUS_DECLARE_CODEC(audit::Payload)
SALUS_DECLARE_CODEC(audit::AuditState)
}  // namespace salus
