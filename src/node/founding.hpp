#pragma once

#include <filesystem>

#include "store/chain_store.hpp"

namespace salus::node {

/// What a ledger begins with. Errors: those of parse_genesis
Result<store::Founding> founding_of(ByteView genesis);

/// Founds a ledger in `directory`, durably, and closes it. Errors: those of parse_genesis and open_rocksdb
Status found_ledger(const std::filesystem::path& directory, ByteView genesis);

}  // namespace salus::node
