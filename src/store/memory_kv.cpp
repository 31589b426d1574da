#include "store/memory_kv.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <vector>

#include "base/check.hpp"

namespace salus::store {

/// Every key keeps the values that a snapshot, or a crash, could still ask for, each with the number of its batch.
///
/// Invariants: numbers of a key's versions ascend; synced <= newest.
struct MemoryDisk::State {
    using Version = std::pair<std::uint64_t, std::optional<Bytes>>;
    using Table = std::map<Bytes, std::vector<Version>, std::less<>>;

    mutable std::shared_mutex mutex;
    std::array<Table, kFamilies> tables;
    std::uint64_t newest = 0;
    std::uint64_t synced = 0;
    std::uint64_t crashes = 0;  ///< a store opened before the last one is dead
    std::multiset<std::uint64_t> snapshots;
    std::function<bool(Operation)> fault;

    Table& table(Family family) { return tables[static_cast<std::size_t>(family)]; }

    /// The lowest version that somebody may still ask for.
    [[nodiscard]] std::uint64_t floor() const {
        return snapshots.empty() ? synced : std::min(synced, *snapshots.begin());
    }

    static const std::optional<Bytes>* at(const std::vector<Version>& versions, std::uint64_t number) {
        const std::optional<Bytes>* found = nullptr;
        for (const auto& [written, value] : versions)
            if (written <= number) found = &value;
        return found != nullptr && *found ? found : nullptr;
    }

    void set(Table& table, ByteView key, std::optional<Bytes> value) {
        std::vector<Version>& versions = table[to_bytes(key)];
        if (!versions.empty() && versions.back().first == newest) versions.pop_back();
        versions.emplace_back(newest, std::move(value));
        while (versions.size() > 1 && versions[1].first <= floor()) versions.erase(versions.begin());
    }
};

namespace {

using State = MemoryDisk::State;

class MemoryBatch final : public Batch {
public:
    struct Change {
        Family family;
        Bytes key;
        std::optional<Bytes> value;
    };
    void put(Family family, ByteView key, ByteView value) override {
        changes.push_back({family, to_bytes(key), to_bytes(value)});
    }
    void remove(Family family, ByteView key) override { changes.push_back({family, to_bytes(key), std::nullopt}); }

    std::vector<Change> changes;
};

class MemoryCursor final : public Cursor {
public:
    MemoryCursor(std::shared_ptr<State> state, Family family, std::uint64_t number)
        : state_(std::move(state)), table_(state_->table(family)), number_(number) {}

    void seek(ByteView key) override {
        std::shared_lock lock(state_->mutex);
        settle(table_.lower_bound(to_bytes(key)));
    }
    void next() override {
        std::shared_lock lock(state_->mutex);
        settle(table_.upper_bound(key_));
    }
    [[nodiscard]] bool valid() const override { return valid_; }
    [[nodiscard]] ByteView key() const override { return key_; }
    [[nodiscard]] ByteView value() const override { return value_; }
    [[nodiscard]] Status status() const override { return {}; }

private:
    void settle(State::Table::const_iterator at) {
        const std::optional<Bytes>* value = nullptr;
        while (at != table_.end() && (value = State::at(at->second, number_)) == nullptr) ++at;
        valid_ = at != table_.end();
        if (!valid_) return;
        key_ = at->first;
        value_ = **value;
    }

    std::shared_ptr<State> state_;
    const State::Table& table_;
    std::uint64_t number_;
    bool valid_ = false;
    Bytes key_;
    Bytes value_;
};

class MemorySnapshot final : public Snapshot {
public:
    explicit MemorySnapshot(std::shared_ptr<State> state) : state_(std::move(state)) {
        std::unique_lock lock(state_->mutex);
        number_ = state_->newest;
        state_->snapshots.insert(number_);
    }
    ~MemorySnapshot() override {
        std::unique_lock lock(state_->mutex);
        state_->snapshots.erase(state_->snapshots.find(number_));
    }
    MemorySnapshot(const MemorySnapshot&) = delete;
    MemorySnapshot& operator=(const MemorySnapshot&) = delete;

    [[nodiscard]] Result<std::optional<Bytes>> get(Family family, ByteView key) const override {
        std::shared_lock lock(state_->mutex);
        const State::Table& table = state_->table(family);
        const auto found = table.find(to_bytes(key));
        if (found == table.end()) return std::optional<Bytes>{};
        const auto* value = State::at(found->second, number_);
        return value == nullptr ? std::optional<Bytes>{} : *value;
    }
    [[nodiscard]] std::unique_ptr<Cursor> cursor(Family family) const override {
        return std::make_unique<MemoryCursor>(state_, family, number_);
    }

private:
    std::shared_ptr<State> state_;
    std::uint64_t number_ = 0;
};

class MemoryKv final : public Kv {
public:
    explicit MemoryKv(std::shared_ptr<State> state) : state_(std::move(state)), life_(state_->crashes) {}

    [[nodiscard]] std::unique_ptr<Batch> batch() const override { return std::make_unique<MemoryBatch>(); }

    Status write(Batch& batch) override {
        SALUS_TRY_STATUS(allow(MemoryDisk::Operation::kWrite));
        std::unique_lock lock(state_->mutex);
        ++state_->newest;
        for (auto& change : static_cast<MemoryBatch&>(batch).changes)
            state_->set(state_->table(change.family), change.key, std::move(change.value));
        return {};
    }

    Status sync() override {
        const std::uint64_t written = newest();
        SALUS_TRY_STATUS(allow(MemoryDisk::Operation::kSync));
        std::unique_lock lock(state_->mutex);
        state_->synced = std::max(state_->synced, written);
        return {};
    }

    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override {
        return std::make_shared<MemorySnapshot>(state_);
    }

    [[nodiscard]] std::vector<std::filesystem::path> table_files() const override { return {}; }

    void forget_below(Family family, ByteView key) override {
        std::unique_lock lock(state_->mutex);
        State::Table& table = state_->table(family);
        const auto end = table.lower_bound(to_bytes(key));
        for (auto at = table.begin(); at != end;) {
            // What an unsynced batch wrote, a crash may have to take back: it goes the next time.
            const bool synced = at->second.back().first <= state_->floor();
            at = synced ? table.erase(at) : std::next(at);
        }
    }

private:
    [[nodiscard]] std::uint64_t newest() const {
        std::shared_lock lock(state_->mutex);
        return state_->newest;
    }
    /// The fault is asked outside the lock: it may take its time, as a disk does, and others read meanwhile.
    Status allow(MemoryDisk::Operation operation) const {
        std::function<bool(MemoryDisk::Operation)> fault;
        {
            std::shared_lock lock(state_->mutex);
            if (life_ != state_->crashes) return fail(ErrorCode::kIo, "the disk lost power since it was opened");
            fault = state_->fault;
        }
        if (fault && fault(operation)) return fail(ErrorCode::kIo, "the disk failed, as the test wished");
        return {};
    }

    std::shared_ptr<State> state_;
    std::uint64_t life_;
};

}  // namespace

MemoryDisk::MemoryDisk() : state_(std::make_shared<State>()) {}
MemoryDisk::~MemoryDisk() = default;

void MemoryDisk::crash(std::size_t survivors) {
    std::unique_lock lock(state_->mutex);
    const std::uint64_t kept = std::min(state_->synced + survivors, state_->newest);
    for (auto& table : state_->tables)
        for (auto at = table.begin(); at != table.end();) {
            std::erase_if(at->second, [kept](const State::Version& version) { return version.first > kept; });
            at = at->second.empty() ? table.erase(at) : std::next(at);
        }
    state_->newest = state_->synced = kept;
    ++state_->crashes;
}

std::size_t MemoryDisk::unsynced() const {
    std::shared_lock lock(state_->mutex);
    return static_cast<std::size_t>(state_->newest - state_->synced);
}

void MemoryDisk::fail_when(std::function<bool(Operation)> fault) {
    std::unique_lock lock(state_->mutex);
    state_->fault = std::move(fault);
}

std::unique_ptr<Kv> memory_kv(MemoryDisk& disk) { return std::make_unique<MemoryKv>(disk.state_); }

}  // namespace salus::store
