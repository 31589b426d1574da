#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "testing/platform.hpp"

/// A disk under SQLite that fails on order, and knows what would be left of each file without power.
namespace salus::application::testing {

/// While it lives every database that is opened stands on it. What is written goes to real files, so that all
/// connections see it, as the page cache would show it; beside them it keeps what a sync has brought to the disk.
/// A sync that fails drops what was to be synced for good, as kernels do: later syncs do not bring it back.
/// One at a time; any thread.
class FaultyDisk {
public:
    enum class Operation { kRead, kWrite, kSync };
    struct Fault {
        Operation at{};
        int code = SQLITE_IOERR;  ///< what SQLite is told
        bool lasts = false;       ///< every later one of `at` fails too
        bool torn = false;        ///< of a write, the first half comes to be
    };

    FaultyDisk() {
        SALUS_CHECK(instance() == nullptr);
        instance() = this;
        base_ = ::sqlite3_vfs_find(nullptr);
        vfs_ = *base_;
        vfs_.zName = "salus-faulty";
        vfs_.szOsFile = static_cast<int>(sizeof(File)) + base_->szOsFile;
        vfs_.xOpen = &open;
        vfs_.xDelete = &remove;
        SALUS_CHECK(::sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK);
    }
    ~FaultyDisk() {
        ::sqlite3_vfs_unregister(&vfs_);
        instance() = nullptr;
    }
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// The `number`-th operation of the fault's kind from now, counted from 1, fails.
    void fail(const Fault& fault, std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        fault_ = fault;
        left_ = number;
        met_ = false;
    }
    /// Whether the fault has come.
    [[nodiscard]] bool met() const {
        const std::lock_guard lock(mutex_);
        return met_;
    }
    /// The process is dead: whatever it still does as its objects go changes no file.
    void freeze() {
        const std::lock_guard lock(mutex_);
        frozen_ = true;
    }
    /// The disk is good, and the next process may use it.
    void mend() {
        const std::lock_guard lock(mutex_);
        frozen_ = false;
        left_ = 0;
        lasting_ = false;
    }
    /// Power is lost: of each write since the last sync the disk has all, a part or nothing, by `random`; without it,
    /// nothing. Pre: no database is open
    void lose_power(salus::testing::SeededRandom* random) {
        const std::lock_guard lock(mutex_);
        for (auto& [path, image] : images_) {
            for (const Change& change : image.pending) {
                const std::uint64_t fate = random != nullptr ? random->below(4) : 0;
                if (fate == 0) continue;
                apply(image.durable, change, fate == 1 ? random->below(change.bytes.size() + 1) : change.bytes.size());
            }
            image.pending.clear();
            std::ofstream(path, std::ios::binary | std::ios::trunc)
                .write(reinterpret_cast<const char*>(image.durable.data()),
                       static_cast<std::streamsize>(image.durable.size()));
        }
    }

private:
    struct Change {
        std::size_t offset = 0;
        Bytes bytes;
        bool truncates = false;  ///< to `offset`
    };
    struct Image {
        Bytes durable;
        std::vector<Change> pending;
    };
    struct File {
        sqlite3_file base;  // first: SQLite knows the file by it
        Image* image;       // none of a file that goes when it is closed
        sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };

    static FaultyDisk*& instance() {
        static FaultyDisk* it = nullptr;
        return it;
    }
    static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static sqlite3_file* real(sqlite3_file* file) { return of(file).real(); }

    static void apply(Bytes& content, const Change& change, std::size_t bytes) {
        if (change.truncates) {
            content.resize(change.offset);
            return;
        }
        content.resize(std::max(content.size(), change.offset + bytes));
        std::copy_n(change.bytes.begin(), bytes, content.begin() + static_cast<std::ptrdiff_t>(change.offset));
    }
    static Bytes read_file(const char* path) {
        std::ifstream stream(path, std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(stream), {}};
        return to_bytes(content);
    }

    /// The code that this operation is to end with, SQLITE_OK where it is to be done. Pre: mutex_ is held
    int judge(Operation operation) {
        if (frozen_) return SQLITE_IOERR;
        if (operation != fault_.at) return SQLITE_OK;
        if (lasting_) return fault_.code;
        if (left_ == 0 || --left_ > 0) return SQLITE_OK;
        met_ = true;
        lasting_ = fault_.lasts;
        return fault_.code;
    }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
        FaultyDisk& disk = *instance();
        const std::lock_guard lock(disk.mutex_);
        const bool keeps = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0;
        File& mine = of(file);
        mine.base.pMethods = nullptr;
        mine.image = nullptr;
        Bytes before;
        if (keeps && !disk.images_.contains(name)) before = read_file(name);
        const int code = disk.base_->xOpen(disk.base_, name, mine.real(), flags, out_flags);
        if (code != SQLITE_OK) return code;
        if (keeps) mine.image = &disk.images_.try_emplace(name, Image{std::move(before), {}}).first->second;
        mine.base.pMethods = methods();
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs*, const char* name, int sync_directory) {
        FaultyDisk& disk = *instance();
        const std::lock_guard lock(disk.mutex_);
        if (const int code = disk.judge(Operation::kWrite); code != SQLITE_OK) return code;
        disk.images_.erase(name);
        return disk.base_->xDelete(disk.base_, name, sync_directory);
    }

    static int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
        {
            FaultyDisk& disk = *instance();
            const std::lock_guard lock(disk.mutex_);
            if (const int code = disk.judge(Operation::kRead); code != SQLITE_OK) return code;
        }
        return real(file)->pMethods->xRead(real(file), to, bytes, offset);
    }
    static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
        FaultyDisk& disk = *instance();
        const std::lock_guard lock(disk.mutex_);
        const int code = disk.judge(Operation::kWrite);
        if (code != SQLITE_OK && (!disk.fault_.torn || disk.frozen_)) return code;
        if (code != SQLITE_OK) bytes /= 2;
        const int written = real(file)->pMethods->xWrite(real(file), from, bytes, offset);
        if (written == SQLITE_OK && of(file).image != nullptr) {
            const auto* first = static_cast<const std::uint8_t*>(from);
            of(file).image->pending.push_back({static_cast<std::size_t>(offset), Bytes(first, first + bytes), false});
        }
        return code != SQLITE_OK ? code : written;
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        FaultyDisk& disk = *instance();
        const std::lock_guard lock(disk.mutex_);
        if (const int code = disk.judge(Operation::kWrite); code != SQLITE_OK) return code;
        const int done = real(file)->pMethods->xTruncate(real(file), size);
        if (done == SQLITE_OK && of(file).image != nullptr)
            of(file).image->pending.push_back({static_cast<std::size_t>(size), {}, true});
        return done;
    }
    /// The real files need no sync: the power is not lost in earnest.
    static int sync(sqlite3_file* file, int) {
        FaultyDisk& disk = *instance();
        const std::lock_guard lock(disk.mutex_);
        const int code = disk.judge(Operation::kSync);
        Image* image = of(file).image;
        if (disk.frozen_ || image == nullptr) return code;
        for (const Change& change : image->pending)
            if (code == SQLITE_OK) apply(image->durable, change, change.bytes.size());
        image->pending.clear();
        return code;
    }

    static sqlite3_io_methods* methods() {
        static sqlite3_io_methods all = [] {
            sqlite3_io_methods out{};
            out.iVersion = 2;
            out.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
            out.xRead = &read;
            out.xWrite = &write;
            out.xTruncate = &truncate;
            out.xSync = &sync;
            out.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
                return real(f)->pMethods->xFileSize(real(f), size);
            };
            out.xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); };
            out.xUnlock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); };
            out.xCheckReservedLock = [](sqlite3_file* f, int* held) {
                return real(f)->pMethods->xCheckReservedLock(real(f), held);
            };
            out.xFileControl = [](sqlite3_file* f, int what, void* with) {
                return real(f)->pMethods->xFileControl(real(f), what, with);
            };
            out.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
            out.xDeviceCharacteristics = [](sqlite3_file* f) {
                return real(f)->pMethods->xDeviceCharacteristics(real(f));
            };
            out.xShmMap = [](sqlite3_file* f, int page, int bytes, int extend, void volatile** at) {
                return real(f)->pMethods->xShmMap(real(f), page, bytes, extend, at);
            };
            out.xShmLock = [](sqlite3_file* f, int first, int count, int flags) {
                return real(f)->pMethods->xShmLock(real(f), first, count, flags);
            };
            out.xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); };
            out.xShmUnmap = [](sqlite3_file* f, int removes) { return real(f)->pMethods->xShmUnmap(real(f), removes); };
            return out;
        }();
        return &all;
    }

    sqlite3_vfs* base_ = nullptr;
    sqlite3_vfs vfs_{};
    mutable std::mutex mutex_;
    std::map<std::string, Image> images_;  ///< by path; an open file points at its own
    Fault fault_;
    std::uint64_t left_ = 0;  ///< operations until the fault; 0: none comes
    bool lasting_ = false;
    bool met_ = false;
    bool frozen_ = false;
};

}  // namespace salus::application::testing
