#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/block.hpp"
#include "model/certificate.hpp"
#include "model/evidence.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"
#include "model/state_tree.hpp"

/// Step 4 of a transaction's way: hashed and added. Source: ARCHITECTURE.md, "The walk of a transaction"
namespace salus::store {

class MemoryDisk;

struct LogWrite {
    Contract contract{};
    AccountId owner;
    std::uint64_t first_index = 0;
    std::vector<Hash> leaves;
};

/// Everything that one engine block changes; written in one batch.
struct Commit {
    EngineHeight engine = 0;
    TimeMs engine_time_ms = 0;
    std::optional<Block> block;  ///< nothing: an engine block without a Salus block
    Hash hash{};                 ///< of that block
    std::optional<Certificate> certificate;
    std::vector<StateChange> changes;  ///< ascending by path
    std::vector<NodeWrite> nodes;      ///< ascending
    std::vector<LogWrite> logs;
    std::optional<EraRecord> era;         ///< that the block opened
    std::vector<ProvenState> era_states;  ///< what that was judged by
};

struct StoredTip {
    Era era = 1;
    EngineHeight engine = 0;
    TimeMs engine_time_ms = 0;
    BlockHeader header;   ///< before the first block one of height 0, with the time and the state_root of the genesis
    Hash hash{};          ///< of that header; before the first block, the network id
    LogFrontier history;  ///< of history_leaf of blocks 1..height
};

struct StoredPlace {
    Height height = 0;
    std::uint32_t index = 0;
    Receipt receipt;
};

/// A consistent version of the store. Any thread. Keeps the store open while it lives.
class StoreView : public StateReader, public TreeReader {
public:
    [[nodiscard]] virtual const StoredTip& tip() const = 0;
    /// The value at a path, nothing where there is none. Errors: kIo, kCorrupt
    [[nodiscard]] virtual Result<std::optional<Bytes>> at(const Hash& path) const = 0;
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const final {
        return at(state_path(contract, key));
    }
    /// Complete nodes of a log. What is in a log never changes, so an older version may show younger nodes too; how
    /// many leaves were in it then stands in the state. They may outlive the view.
    [[nodiscard]] virtual std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const = 0;
    [[nodiscard]] virtual std::unique_ptr<LogReader> history() const = 0;
};

/// The chain on disk, or its in-memory twin. One writer, many readers.
///
/// Invariants: blocks stand without a gap from 1 to tip; the state is that after tip; a commit is there wholly or not
/// at all.
class ChainStore {
public:
    virtual ~ChainStore() = default;

    /// Writes `commit` on top of the newest one. Readable at once, durable with the next sync. May run beside a sync.
    /// Pre: continues the tip. Errors: kIo; afterwards the store refuses every write
    virtual Status write(const Commit& commit) = 0;
    /// Returns once everything written survives power loss. Errors: kIo, and as above
    virtual Status sync() = 0;
    /// `changes_validators`: it is by others than those before it in its era, and listed as such.
    /// Durable with the next sync. Errors: kNotFound, kIo
    virtual Status put_certificate(Height height, const Certificate& certificate, bool changes_validators) = 0;

    /// The newest version, written or synced.
    [[nodiscard]] virtual std::shared_ptr<const StoreView> view() const = 0;
    /// The version after block `height`, from undo records of the last 1,024 blocks or 10 minutes, whichever is more.
    /// Errors: kNotFound above the tip; kGone below what is kept; kTooLarge where more than `undo_bytes_max` bytes of
    /// undo records lie between
    [[nodiscard]] virtual Result<std::shared_ptr<const StoreView>> view_at(
        Height height, std::size_t undo_bytes_max = SIZE_MAX) const = 0;

    // What was written, whether synced or not. Errors: kNotFound, kIo, kCorrupt
    [[nodiscard]] virtual Result<Block> block(Height height) const = 0;
    /// That of height 0: see StoredTip
    [[nodiscard]] virtual Result<BlockHeader> header(Height height) const = 0;
    [[nodiscard]] virtual Result<std::optional<Certificate>> certificate(Height height) const = 0;
    /// The blocks of an era whose certificates were put as changing the validators, ascending.
    [[nodiscard]] virtual Result<std::vector<Height>> validator_changes(Era era) const = 0;
    /// Reads no block.
    [[nodiscard]] virtual Result<std::optional<StoredPlace>> find(const TxId& id) const = 0;
    [[nodiscard]] virtual Result<std::vector<EraRecord>> eras() const = 0;
    /// Of an era after the first: Commit::era_states.
    [[nodiscard]] virtual Result<std::vector<ProvenState>> era_states(Era era) const = 0;
    [[nodiscard]] virtual Result<Bytes> genesis() const = 0;

    /// What damaged_tables finds of the files on which it stands.
    [[nodiscard]] virtual std::vector<std::string> damaged_files(
        const std::function<void(std::uint64_t, std::uint64_t)>& progress) const = 0;
};

/// What a new store begins with.
struct Founding {
    Bytes genesis;
    NetworkId network_id;
    TimeMs time_ms = 0;
    EraRecord era;
    std::vector<StateChange> state;  ///< ascending by path
    TreeUpdate tree;
};

/// Memory for what is read of the disk.
inline constexpr std::size_t kCacheMib = 256;

/// Opens the RocksDB in `directory`, or founds it there where `founding` is given and none is.
/// Errors: kLocked, kSchema, kCorrupt, kIo, kNotFound (none there), kConflict (one is there and `founding` is given)
Result<std::unique_ptr<ChainStore>> open_rocksdb(const std::filesystem::path& directory, const Founding* founding,
                                                 std::size_t cache_mib = kCacheMib);

/// Opens one that no node is running on, and changes nothing in it. Errors: as above
Result<std::unique_ptr<const ChainStore>> open_rocksdb_to_read(const std::filesystem::path& directory);

/// The in-memory twin, on a disk that can lose power and fail. Errors: as open_rocksdb
Result<std::unique_ptr<ChainStore>> open_memory(MemoryDisk& disk, const Founding* founding);

}  // namespace salus::store
