#pragma once

#include <span>

#include "model/evidence.hpp"

namespace salus {

/// A key that a wallet keeps of a custodian: the tags of its disclosure rows in one epoch are made by it.
struct ListKey {
    std::uint64_t epoch = 0;
    Hash key{};
};

/// How many places beyond a list's end are shown to be empty.
inline constexpr std::uint64_t kAbsentRows = 64;

/// What the evidence shows, and whether it is a patient's whole list at `custodian`: under each of `keys` rows 1..n,
/// each opened, and the absence of n+1..n+64; and no row besides. Every tag is made anew from `keys`: what the evidence
/// says of keys and places is not believed. Source: docs/protocol.md, "The patient's list"
Verdict verify_disclosure_list(const Evidence& evidence, const std::optional<NetworkId>& network,
                               const AccountId& custodian, std::span<const ListKey> keys);

}  // namespace salus
