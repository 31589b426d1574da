#pragma once

#include <filesystem>

#include "store/chain_store.hpp"

namespace salus::node {

/// What a ledger begins with. Errors: those of parse_genesis
Result<store::Founding> founding_of(ByteView genesis);

/// Opens the ledger in `directory`, and founds it first where none stands. It is founded beside and takes its name when
/// it is whole: whatever a process that was killed left behind, the next one starts. Errors: those of parse_genesis and
/// open_rocksdb; kConflict where the ledger there has another genesis; kCorrupt where other files stand there
Result<std::unique_ptr<store::ChainStore>> open_or_found(const std::filesystem::path& directory, ByteView genesis,
                                                         std::size_t cache_mib = store::kCacheMib);

}  // namespace salus::node
