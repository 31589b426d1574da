#include "store/rocksdb_kv.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <vector>

#include "base/log.hpp"
#include "base/sync_mark.hpp"
#include "store/keys.hpp"

namespace salus::store {
namespace {

constexpr std::size_t kWriteBufferBytes = 32U << 20U;
constexpr std::size_t kAllWriteBuffersBytes = 128U << 20U;
/// After a crash all of the log is read again before the node serves.
constexpr std::size_t kLogBytesMax = 128U << 20U;
/// What is flushed and compacted a second: several times what transactions bring, and not all that a core could do,
/// which would hold up blocks for as long as a flush takes.
constexpr std::int64_t kBackgroundBytesPerSecond = std::int64_t{96} << 20U;
constexpr std::int64_t kBackgroundSliceUs = 10'000;
constexpr int kFilterBitsPerKey = 10;

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
ByteView view(const rocksdb::Slice& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

tl::unexpected<Error> failed(const rocksdb::Status& status, const std::string& what) {
    return fail(status.IsCorruption() ? ErrorCode::kCorrupt : ErrorCode::kIo, what + ": " + status.ToString());
}

rocksdb::ColumnFamilyOptions family_options(Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.format_version = 5;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = kWriteBufferBytes;
    // Hashes and signatures do not compress; the rest of a block does a little.
    options.compression = rocksdb::kNoCompression;
    switch (family) {
        case Family::kTransactions:
            options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kIdPrefixBytes));
            [[fallthrough]];
        case Family::kState:
        case Family::kNodes:
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
            options.level_compaction_dynamic_level_bytes = true;
            break;
        case Family::kBlocks:
        case Family::kUndo:
            table.block_size = 64U << 10U;
            options.compression = rocksdb::kLZ4Compression;
            break;
        default:
            break;
    }
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

/// What RocksDB has to say goes to the node's log, and of a reader nowhere. A file of its own in the directory would
/// end the process, by an assertion of RocksDB's, as soon as the disk is full.
class EngineLog final : public rocksdb::Logger {
public:
    explicit EngineLog(bool tells) : Logger(rocksdb::WARN_LEVEL), tells_(tells) {}

    void Logv(const char*, va_list) override {}
    void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
        if (!tells_ || level < rocksdb::WARN_LEVEL || level == rocksdb::HEADER_LEVEL) return;
        std::array<char, 1024> line{};
        std::vsnprintf(line.data(), line.size(), format, arguments);
        log_warning("store", line.data());
    }

private:
    const bool tells_;
};

rocksdb::DBOptions database_options(Access access) {
    rocksdb::DBOptions options;
    options.create_if_missing = access == Access::kNew;
    options.create_missing_column_families = access == Access::kNew;
    options.paranoid_checks = true;
    // After power is lost the end of the log may be anything, as long as all that was synced is there: sync_mark.hpp.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.db_write_buffer_size = kAllWriteBuffersBytes;
    options.max_total_wal_size = kLogBytesMax;
    options.max_background_jobs = 2;
    options.rate_limiter.reset(rocksdb::NewGenericRateLimiter(kBackgroundBytesPerSecond, kBackgroundSliceUs));
    options.bytes_per_sync = 1U << 20U;
    options.info_log = std::make_shared<EngineLog>(access != Access::kReadOnly);
    return options;
}

std::string rocksdb_name(Family family) {
    return family == Family::kMeta ? rocksdb::kDefaultColumnFamilyName : family_name(family);
}

/// An open database; snapshots and cursors keep it open.
struct Database {
    std::filesystem::path directory;
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;  ///< by Family; owned by `db`, destroyed before it
    rocksdb::FileLock* lock = nullptr;                  ///< of a reader; a writer's is RocksDB's own affair
    bool read_only = false;

    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() {
        if (db) {
            // Tables carry a checksum for every block of bytes, the log only finds its own end.
            if (!read_only) flush();
            for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
            if (const auto status = db->Close(); !status.ok()) log_error("store", "closing: " + status.ToString());
        }
        if (lock != nullptr) (void)rocksdb::Env::Default()->UnlockFile(lock);
    }

    void flush() {
        if (const auto status = db->Flush({}, handles); !status.ok())
            log_error("store", "flushing: " + status.ToString());
    }
    [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return handles[static_cast<std::size_t>(family)];
    }
    [[nodiscard]] std::string where(Family family) const {
        return directory.string() + ", family " + family_name(family);
    }
};

class RocksBatch final : public Batch {
public:
    explicit RocksBatch(const Database& database) : database_(database) {}
    // A status is not asked for: a batch in memory takes any bytes, and the write would tell.
    void put(Family family, ByteView key, ByteView value) override {
        (void)batch.Put(database_.handle(family), slice(key), slice(value));
    }
    void remove(Family family, ByteView key) override { (void)batch.Delete(database_.handle(family), slice(key)); }

    rocksdb::WriteBatch batch;

private:
    const Database& database_;
};

class RocksCursor final : public Cursor {
public:
    RocksCursor(const Database& database, Family family, const rocksdb::Snapshot* snapshot)
        : database_(database), family_(family) {
        rocksdb::ReadOptions options;
        options.snapshot = snapshot;
        options.total_order_seek = family != Family::kTransactions;
        options.prefix_same_as_start = family == Family::kTransactions;
        iterator_.reset(database.db->NewIterator(options, database.handle(family)));
    }
    void seek(ByteView key) override { iterator_->Seek(slice(key)); }
    void next() override { iterator_->Next(); }
    [[nodiscard]] bool valid() const override { return iterator_->Valid(); }
    [[nodiscard]] ByteView key() const override { return view(iterator_->key()); }
    [[nodiscard]] ByteView value() const override { return view(iterator_->value()); }
    [[nodiscard]] Status status() const override {
        if (const auto status = iterator_->status(); !status.ok()) return failed(status, database_.where(family_));
        return {};
    }

private:
    const Database& database_;
    Family family_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksSnapshot final : public Snapshot {
public:
    explicit RocksSnapshot(std::shared_ptr<const Database> database)
        : database_(std::move(database)), snapshot_(database_->db->GetSnapshot()) {}
    ~RocksSnapshot() override { database_->db->ReleaseSnapshot(snapshot_); }
    RocksSnapshot(const RocksSnapshot&) = delete;
    RocksSnapshot& operator=(const RocksSnapshot&) = delete;

    [[nodiscard]] Result<std::optional<Bytes>> get(Family family, ByteView key) const override {
        rocksdb::ReadOptions options;
        options.snapshot = snapshot_;
        rocksdb::PinnableSlice value;
        const auto status = database_->db->Get(options, database_->handle(family), slice(key), &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return failed(status, database_->where(family));
        return std::optional<Bytes>(to_bytes(view(value)));
    }
    [[nodiscard]] std::unique_ptr<Cursor> cursor(Family family) const override {
        return std::make_unique<RocksCursor>(*database_, family, snapshot_);
    }

private:
    std::shared_ptr<const Database> database_;
    const rocksdb::Snapshot* snapshot_;
};

class RocksKv final : public Kv {
public:
    RocksKv(std::shared_ptr<Database> database, std::unique_ptr<SyncMark> mark)
        : database_(std::move(database)), mark_(std::move(mark)) {}

    [[nodiscard]] std::unique_ptr<Batch> batch() const override { return std::make_unique<RocksBatch>(*database_); }

    Status write(Batch& batch) override {
        if (database_->read_only) return fail(ErrorCode::kUnsupported, "the store was opened to be read");
        const auto status = database_->db->Write({}, &static_cast<RocksBatch&>(batch).batch);
        if (!status.ok()) return failed(status, "writing in " + database_->directory.string());
        return {};
    }

    Status sync() override {
        if (database_->read_only) return {};
        const std::uint64_t number = database_->db->GetLatestSequenceNumber();
        const auto status = database_->db->SyncWAL();
        if (!status.ok()) return failed(status, "syncing " + database_->directory.string());
        return mark_->set(number);
    }

    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override {
        return std::make_shared<RocksSnapshot>(database_);
    }

    void forget_below(Family family, ByteView key) override {
        // Whole files only, so that nothing is rewritten for it; it fails only where a disk does, and then writes tell.
        const rocksdb::Slice end = slice(key);
        (void)rocksdb::DeleteFilesInRange(database_->db.get(), database_->handle(family), nullptr, &end, false);
    }

    [[nodiscard]] std::vector<std::filesystem::path> table_files() const override {
        std::vector<rocksdb::LiveFileMetaData> live;
        database_->db->GetLiveFilesMetaData(&live);
        std::vector<std::filesystem::path> files;
        for (const auto& file : live) files.push_back(database_->directory / file.relative_filename);
        std::ranges::sort(files);
        return files;
    }

private:
    std::shared_ptr<Database> database_;
    std::unique_ptr<SyncMark> mark_;
};

/// Errors: kSchema where the families are not those of this program
Status check_families(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    const auto status = rocksdb::DB::ListColumnFamilies({}, directory.string(), &names);
    if (!status.ok()) return failed(status, "reading " + directory.string());
    std::set<std::string> expected;
    for (std::size_t i = 0; i < kFamilies; ++i) expected.insert(rocksdb_name(static_cast<Family>(i)));
    if (std::set<std::string>(names.begin(), names.end()) != expected)
        return fail(ErrorCode::kSchema, directory.string() + " holds other families than version " +
                                            std::to_string(kSchemaVersion) + " of the store has");
    return {};
}

rocksdb::Status open(Database& database, Access access, std::size_t cache_bytes, rocksdb::Env* env) {
    rocksdb::DBOptions options = database_options(access);
    if (env != nullptr) options.env = env;
    const auto cache = rocksdb::NewLRUCache(cache_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (std::size_t i = 0; i < kFamilies; ++i) {
        const auto family = static_cast<Family>(i);
        families.emplace_back(rocksdb_name(family), family_options(family, cache));
    }
    rocksdb::DB* db = nullptr;
    const std::string directory = database.directory.string();
    const auto status = access == Access::kReadOnly
                            ? rocksdb::DB::OpenForReadOnly(options, directory, families, &database.handles, &db)
                            : rocksdb::DB::Open(options, directory, families, &database.handles, &db);
    database.db.reset(db);
    return status;
}

/// A reader takes the writer's lock, where it may, so that no node changes what is read.
Status lock_for_reading(Database& database) {
    const std::string path = (database.directory / "LOCK").string();
    if (::access(path.c_str(), W_OK) != 0) return {};
    if (const auto status = rocksdb::Env::Default()->LockFile(path, &database.lock); !status.ok())
        return fail(ErrorCode::kLocked, "another process has " + database.directory.string() + " open");
    return {};
}

}  // namespace

bool has_rocksdb(const std::filesystem::path& directory) {
    std::error_code ignored;
    return std::filesystem::exists(directory / "CURRENT", ignored);
}

Result<std::unique_ptr<Kv>> rocksdb_kv(const std::filesystem::path& directory, Access access, std::size_t cache_bytes,
                                       rocksdb::Env* env) {
    const bool exists = has_rocksdb(directory);
    if (!exists && access != Access::kNew) return fail(ErrorCode::kNotFound, "no ledger in " + directory.string());
    if (std::error_code error;
        access == Access::kNew && !std::filesystem::create_directories(directory, error) && error)
        return fail(ErrorCode::kIo, "cannot make " + directory.string() + ": " + error.message());
    if (exists && access == Access::kExisting) SALUS_TRY_STATUS(check_families(directory));

    auto database = std::make_shared<Database>();
    database->directory = directory;
    database->read_only = access == Access::kReadOnly;
    if (database->read_only) {
        SALUS_TRY_STATUS(lock_for_reading(*database));
        SALUS_TRY_STATUS(check_families(directory));
    }
    if (const auto status = open(*database, access, cache_bytes, env); !status.ok()) {
        if (status.IsIOError() && status.ToString().find("LOCK") != std::string::npos)
            return fail(ErrorCode::kLocked,
                        "another process has " + directory.string() + " open: " + status.ToString());
        return failed(status, "opening " + directory.string());
    }
    SALUS_TRY(auto mark, SyncMark::open(directory / "SYNCED", !database->read_only));
    if (mark->value() > database->db->GetLatestSequenceNumber())
        return fail(ErrorCode::kCorrupt, "the log in " + directory.string() + " is damaged: it ends at change " +
                                             std::to_string(database->db->GetLatestSequenceNumber()) + ", and change " +
                                             std::to_string(mark->value()) + " was on the disk");
    return std::unique_ptr<Kv>(std::make_unique<RocksKv>(std::move(database), std::move(mark)));
}

}  // namespace salus::store
