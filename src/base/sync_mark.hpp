#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"

namespace salus {

/// A small file that says up to which change a database was synced. A damaged log looks to RocksDB, and to SQLite, as
/// if it ended there, and what follows would be dropped in silence; this tells that more had been there. It is written
/// after each sync and not synced itself: lost, it claims too little, never too much.
class SyncMark {
public:
    /// Errors: kIo
    static Result<std::unique_ptr<SyncMark>> open(const std::filesystem::path& path, bool to_write);
    ~SyncMark();
    SyncMark(const SyncMark&) = delete;
    SyncMark& operator=(const SyncMark&) = delete;

    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }
    /// Errors: kIo
    Status set(std::uint64_t value);

private:
    SyncMark(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}

    const std::filesystem::path path_;
    int file_;
    std::uint64_t value_ = 0;
};

}  // namespace salus
