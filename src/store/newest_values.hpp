#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.hpp"
#include "model/state_tree.hpp"
#include "store/kv.hpp"

namespace salus::store {

/// What was lately read or written of the state and its tree, in memory: a block touches mostly what the ones before it
/// touched, and a lookup in the database costs as much as ten here. Thread-safe.
///
/// Versions are numbered as they are written; each value is that of the newest one, and known since some version.
/// Invariant: a key that is here has not changed between `since` and the newest version. So a view of any version from
/// `since` on may take it, and only a view of the newest may add to it.
class NewestValues {
public:
    using Version = std::uint64_t;
    using Value = std::optional<Bytes>;  ///< nothing: there is none in the store

    /// Keeps at most about `bytes_max`, keys and bookkeeping included.
    explicit NewestValues(std::size_t bytes_max) : bytes_max_(bytes_max / (2 * kShards)) {}

    /// What a view of `version` sees; nothing where that is not known here.
    [[nodiscard]] std::optional<Value> find(Family family, ByteView key, Version version) const;
    /// That a view of `version` has read this. Ignored where it is not the newest any more.
    void note(Family family, ByteView key, const Value& value, Version version);
    /// Returns the number of the next version, which differs by these. Pre: nobody has a view of it yet; one caller
    Version advance(std::span<const StateChange> changes, std::span<const NodeWrite> nodes);

private:
    static constexpr std::size_t kShards = 16;

    struct Hasher {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const noexcept { return std::hash<std::string_view>{}(key); }
    };
    struct Entry {
        Value value;
        Version since = 0;
    };
    using Table = std::unordered_map<std::string, Entry, Hasher, std::equal_to<>>;  ///< by family and key
    /// Two tables in place of a list by age: when the young one is full it becomes the old one, and that is forgotten.
    struct Shard {
        Table young;
        Table old;
        std::size_t young_bytes = 0;
    };

    [[nodiscard]] Guarded<Shard>& shard_of(std::string_view key) const;
    static std::size_t bytes_of(std::string_view key, const Entry& entry);
    void put(Shard& shard, std::string_view key, Entry entry) const;
    void write(Family family, ByteView key, const Value& value, Version version);

    const std::size_t bytes_max_;  ///< of one table
    std::atomic<Version> newest_{0};
    mutable std::array<Guarded<Shard>, kShards> shards_;
};

}  // namespace salus::store
