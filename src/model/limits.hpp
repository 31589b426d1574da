#pragma once

#include <cstddef>
#include <cstdint>

#include "base/strong_types.hpp"

/// Constants of protocol version 1 (docs/protocol.md, "Limits"). A later version chooses its own.
namespace salus {

inline constexpr std::uint32_t kProtocolVersion = 1;

inline constexpr std::size_t kTransactionBytesMax = 512 * 1024;
inline constexpr std::size_t kEnvelopeBytesMax = 768 * 1024;
/// No transaction is so small that more fit an envelope; entries of nothing would cost memory for no bytes.
inline constexpr std::size_t kEnvelopeTransactionsMax = 4096;
inline constexpr std::size_t kBlockBytesMax = 4'000'000;
/// Of a block of CometBFT: what envelopes may have in all, and what it adds.
inline constexpr std::size_t kEngineBlockBytesMax = 4'194'304;
/// What one member's envelopes bring in a block of senders for whom no active organisation answers.
inline constexpr std::size_t kObjectBytesPerBlock = 64 * 1024;
inline constexpr std::size_t kStateReadsMax = 1024;
inline constexpr std::size_t kStateWritesMax = 1024;
inline constexpr std::size_t kSignersMax = 4;
inline constexpr std::size_t kPublicKeyBytesMax = 2048;  ///< room for ML-DSA-65
inline constexpr std::size_t kSignatureBytesMax = 4096;
inline constexpr std::size_t kKeysPerAccountMax = 16;
inline constexpr std::size_t kMembersMax = 1000;
/// A vote costs a look at every member, so that whoever opens many proposals costs all. There is no limit for all
/// together: a few could use it up, and nobody could propose to suspend them.
inline constexpr std::size_t kOpenProposalsMax = 8;
inline constexpr std::size_t kPolicyBytesMax = 64 * 1024;
/// Of all validators that are voted: far below what CometBFT counts, also between the changes of a block.
inline constexpr std::uint64_t kVotedPowerMax = 1'000'000'000'000;

/// A transaction is admissible when block time < valid_until <= block time + window.
inline constexpr TimeMs kWindowMs = 120'000;

/// An append holds a multiple of this many leaves.
inline constexpr std::size_t kAppendMultiple = 16;
inline constexpr std::size_t kSupersededPerAppendMax = 1000;

inline constexpr TimeMs kHourMs = 3'600'000;
/// A suspended member is counted in thresholds for so long, else suspending would shrink the denominator.
inline constexpr TimeMs kSuspendedCountsMs = 30 * 24 * kHourMs;
/// A recovery that has passed may be executed for so long after its waiting period.
inline constexpr TimeMs kRecoveryOpenMs = 30 * 24 * kHourMs;
inline constexpr TimeMs kBreakGlassMs = 4 * kHourMs;
/// A late row may name an intent so many blocks back: the policy in force there is the one it is judged by.
inline constexpr Height kLateBlocksMax = 1'000'000;
inline constexpr TimeMs kReviewDueMs = 72 * kHourMs;

}  // namespace salus
