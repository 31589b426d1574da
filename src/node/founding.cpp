#include "node/founding.hpp"

#include "base/file.hpp"
#include "model/genesis.hpp"

namespace salus::node {
namespace {

/// The tree before the first leaf.
class EmptyTree final : public TreeReader {
public:
    Result<std::optional<Bytes>> node(const NodeId&) const override { return std::optional<Bytes>{}; }
    Result<std::vector<StateLeaf>> leaves(const NodeId&, std::size_t) const override {
        return std::vector<StateLeaf>{};
    }
};

/// Beside, and named when it is whole.
Status found_beside(const std::filesystem::path& directory, const store::Founding& founding) {
    std::filesystem::path unfinished = directory;
    unfinished += ".new";
    std::error_code error;
    std::filesystem::remove_all(unfinished, error);
    if (error) return fail(ErrorCode::kIo, "cannot clear " + unfinished.string() + ": " + error.message());
    if (const auto founded = store::open_rocksdb(unfinished, &founding); !founded) return fail(founded.error());
    std::filesystem::rename(unfinished, directory, error);
    if (error) return fail(ErrorCode::kIo, "cannot name " + directory.string() + ": " + error.message());
    return sync_directory(directory.has_parent_path() ? directory.parent_path() : ".");
}

/// Pre: no ledger stands in `directory`
Status found_ledger(const std::filesystem::path& directory, ByteView genesis) {
    SALUS_TRY(const auto founding, founding_of(genesis));
    std::error_code error;
    if (!std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error))
        return found_beside(directory, founding);
    // A database in which nothing was founded. Files of any other kind may be what is left of a ledger.
    if (!std::filesystem::exists(directory / "CURRENT", error))
        return fail(ErrorCode::kCorrupt, directory.string() + " holds files, and no ledger can be read from them");
    if (const auto founded = store::open_rocksdb(directory, &founding); !founded) return fail(founded.error());
    return {};
}

}  // namespace

Result<store::Founding> founding_of(ByteView genesis) {
    SALUS_TRY(const Genesis parsed, parse_genesis(genesis));
    store::Founding founding;
    founding.genesis = to_bytes(genesis);
    founding.network_id = parsed.network_id();
    founding.time_ms = parsed.time_ms;
    founding.era = parsed.era;
    founding.state = genesis_state(parsed);
    SALUS_TRY(founding.tree, update_tree(EmptyTree{}, founding.state));
    return founding;
}

Result<std::unique_ptr<store::ChainStore>> open_or_found(const std::filesystem::path& directory, ByteView genesis,
                                                         std::size_t cache_mib) {
    auto store = store::open_rocksdb(directory, nullptr, cache_mib);
    if (!store && store.error().code == ErrorCode::kNotFound) {
        SALUS_TRY_STATUS(found_ledger(directory, genesis));
        store = store::open_rocksdb(directory, nullptr, cache_mib);
    }
    if (!store) return store;
    SALUS_TRY(const Bytes stored, (*store)->genesis());
    if (!equal(stored, genesis))
        return fail(ErrorCode::kConflict, "the ledger in " + directory.string() + " has another genesis");
    return store;
}

}  // namespace salus::node
