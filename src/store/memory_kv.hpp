#pragma once

#include <functional>

#include "store/kv.hpp"

namespace salus::store {

/// A disk in memory: it outlives the stores that are opened on it, and keeps what they had synced when power was lost.
/// Any thread.
class MemoryDisk {
public:
    MemoryDisk();
    ~MemoryDisk();
    MemoryDisk(const MemoryDisk&) = delete;
    MemoryDisk& operator=(const MemoryDisk&) = delete;

    /// Power is lost: of the batches since the last sync only the first `survivors` stay. Stores that were open on it
    /// must not be used any more; they find every write refused.
    void crash(std::size_t survivors = 0);
    /// How many batches a crash could lose.
    [[nodiscard]] std::size_t unsynced() const;

    enum class Operation { kWrite, kSync };
    /// Asked before each operation; one for which it answers true fails with kIo and changes nothing.
    void fail_when(std::function<bool(Operation)> fault);

    struct State;

private:
    friend std::unique_ptr<Kv> memory_kv(MemoryDisk& disk);
    std::shared_ptr<State> state_;
};

/// Opens the disk, as it stands. One at a time. `disk` may go while it is open.
std::unique_ptr<Kv> memory_kv(MemoryDisk& disk);

}  // namespace salus::store
