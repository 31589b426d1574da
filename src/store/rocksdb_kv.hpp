#pragma once

#include <filesystem>

#include "store/kv.hpp"

namespace rocksdb {
class Env;
}

namespace salus::store {

enum class Access {
    kExisting,  ///< to write; one is there
    kNew,       ///< to write; none is there, or one whose founding was cut short
    kReadOnly   ///< nothing in the directory changes
};

/// Opens the RocksDB in `directory` and holds its LOCK. `cache_bytes`: of its blocks, kept in memory. `env`:
/// of a test, whose disk fails; nullptr: the machine's.
/// Errors: kNotFound, kLocked, kSchema (other families), kCorrupt (also: less is there than was once synced), kIo
Result<std::unique_ptr<Kv>> rocksdb_kv(const std::filesystem::path& directory, Access access, std::size_t cache_bytes,
                                       rocksdb::Env* env = nullptr);

}  // namespace salus::store
