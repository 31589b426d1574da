#include "store/chain_store.hpp"

#include "store/kv_chain_store.hpp"
#include "store/memory_kv.hpp"
#include "store/rocksdb_kv.hpp"

namespace salus::store {
namespace {

/// Of the memory for what is read of the disk, this part again for values of the newest state.
constexpr std::size_t kValuesShare = 4;
/// The twin keeps few, so that its users see values forgotten too.
constexpr std::size_t kMemoryValuesBytes = 32U << 10U;

/// The store below does not know its own name: whoever reads the error wants the directory.
Error in_directory(const std::filesystem::path& directory, Error error) {
    const ErrorCode code = error.code;
    return {code, "the ledger in " + directory.string(), std::move(error)};
}

Result<std::unique_ptr<KvChainStore>> open_in(const std::filesystem::path& directory, Access access,
                                              const Founding* founding, std::size_t cache_mib = kCacheMib) {
    SALUS_TRY(auto kv, rocksdb_kv(directory, access, cache_mib << 20U));
    auto store = KvChainStore::open(std::move(kv), founding, (cache_mib << 20U) / kValuesShare);
    if (!store) return fail(in_directory(directory, std::move(store).error()));
    return store;
}

}  // namespace

Result<std::unique_ptr<ChainStore>> open_rocksdb(const std::filesystem::path& directory, const Founding* founding,
                                                 std::size_t cache_mib) {
    return open_in(directory, founding != nullptr ? Access::kNew : Access::kExisting, founding, cache_mib);
}

Result<std::unique_ptr<const ChainStore>> open_rocksdb_to_read(const std::filesystem::path& directory) {
    return open_in(directory, Access::kReadOnly, nullptr);
}

Result<std::unique_ptr<ChainStore>> open_memory(MemoryDisk& disk, const Founding* founding) {
    return KvChainStore::open(memory_kv(disk), founding, kMemoryValuesBytes);
}

}  // namespace salus::store
