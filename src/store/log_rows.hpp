#pragma once

#include <memory>

#include "model/merkle_log.hpp"
#include "store/kv.hpp"

/// RFC 6962 logs as they are stored: in rows of 16 hashes on levels 0, 4, 8, ...; a full row's root stands in the row
/// of the level above it, and levels between are computed from a row. So a leaf costs 34 bytes, and a node one read.
namespace salus::store {

/// Appends `leaves` from `first_index` on; `before` shows what stands.
/// Errors: kIo, kCorrupt where `before` does not end at first_index
Status append_log(const Snapshot& before, Batch& batch, Family family, ByteView prefix, std::uint64_t first_index,
                  std::span<const Hash> leaves);

/// Reads a log; keeps `snapshot`.
std::unique_ptr<LogReader> read_log(std::shared_ptr<const Snapshot> snapshot, Family family, Bytes prefix);

}  // namespace salus::store
