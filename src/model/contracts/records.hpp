#pragma once

#include <variant>
#include <vector>

#include "model/limits.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"

/// Records: one append-only RFC 6962 log a custodian, over the leaves of all its patients, and what was superseded in
/// it. Source: docs/protocol.md, "Records"
namespace salus::records {

/// The sender, an organisation, appends to its own log.
struct Append {
    std::uint64_t first_index = 0;  ///< the count it expects
    Bytes leaves;                   ///< 32 bytes each, a multiple of 16 of them
    Bytes superseded;               ///< nullifiers of the versions that these replace, 32 bytes each
    static constexpr std::string_view kName = "Append";
    static constexpr auto kFields =
        codec::table(codec::field<1>("first_index", &Append::first_index),
                     codec::field<2>("leaves", &Append::leaves, kTransactionBytesMax),
                     codec::field<3>("superseded", &Append::superseded, 32 * kSupersededPerAppendMax));
};
struct Payload {
    std::variant<Append> action;
    static constexpr std::string_view kName = "RecordsPayload";
    static constexpr auto kFields = codec::table(codec::field<1>("action", &Payload::action));
};

/// Table 1, by custodian: its log.
using LogState = LogFrontier;
/// Table 2, by custodian and nullifier: where it was superseded.
using SupersededState = Place;

Bytes log_key(const AccountId& custodian);
Bytes superseded_key(const AccountId& custodian, const Hash& nullifier);

enum class EventKind : std::uint32_t { kAppended = 1 };

}  // namespace salus::records

namespace salus {
SALUS_DECLARE_CODEC(records::Payload)
}  // namespace salus
