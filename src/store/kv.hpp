#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// The ordered key-value families under the chain store: RocksDB, or maps in memory. All that the chain store means is
/// written once, over this interface; so the twin in memory cannot differ from the disk.
namespace salus::store {

/// A column family; its number is its place in tables, its name (family_name) is on the disk.
enum class Family : std::size_t {
    kMeta,          ///< see keys.hpp
    kBlocks,        ///< u64 height -> Block
    kHeaders,       ///< u64 height -> BlockHeader; height 0 is the genesis state
    kCertificates,  ///< u64 height -> Certificate
    kTransactions,  ///< 16 bytes of the id || u40 height || u24 index -> Receipt
    kState,         ///< path -> value
    kNodes,         ///< u8 nibbles || prefix -> node of the state tree
    kLogs,          ///< u16 contract || owner || u8 level || u64 row -> up to 16 hashes
    kHistory,       ///< u8 level || u64 row -> up to 16 history leaves
    kUndo,          ///< u64 height -> UndoRecord
};
inline constexpr std::size_t kFamilies = 10;
const char* family_name(Family family) noexcept;

/// Changes that are written together or not at all.
class Batch {
public:
    virtual ~Batch() = default;
    virtual void put(Family family, ByteView key, ByteView value) = 0;
    virtual void remove(Family family, ByteView key) = 0;
};

/// Walks over a family in ascending order of keys. What it shows is valid until the next call.
class Cursor {
public:
    virtual ~Cursor() = default;
    /// Stands at the first key that is not below `key`.
    virtual void seek(ByteView key) = 0;
    virtual void next() = 0;
    /// False at the end and after an error, which `status` tells.
    [[nodiscard]] virtual bool valid() const = 0;
    [[nodiscard]] virtual ByteView key() const = 0;
    [[nodiscard]] virtual ByteView value() const = 0;
    [[nodiscard]] virtual Status status() const = 0;
};

/// One version of everything. Any thread.
class Snapshot {
public:
    virtual ~Snapshot() = default;
    /// Errors: kIo, kCorrupt
    [[nodiscard]] virtual Result<std::optional<Bytes>> get(Family family, ByteView key) const = 0;
    /// Outlived by the snapshot.
    [[nodiscard]] virtual std::unique_ptr<Cursor> cursor(Family family) const = 0;
};

class Kv {
public:
    virtual ~Kv() = default;

    [[nodiscard]] virtual std::unique_ptr<Batch> batch() const = 0;
    /// Errors: kIo; kUnsupported where it was opened to be read only
    virtual Status write(Batch& batch) = 0;
    /// Returns once all that was written survives power loss. Errors: kIo
    virtual Status sync() = 0;
    /// What stands now. Keeps the store open while it lives.
    [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0;
    /// Allows keys below `key` to disappear, whenever that is cheap; whoever calls it does not read them again.
    virtual void forget_below(Family family, ByteView key) = 0;
    /// The files on which it stands whose blocks of bytes have checksums: see table_files.hpp. None in memory.
    [[nodiscard]] virtual std::vector<std::filesystem::path> table_files() const = 0;
};

}  // namespace salus::store
