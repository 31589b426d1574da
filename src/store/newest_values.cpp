#include "store/newest_values.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "store/keys.hpp"

namespace salus::store {
namespace {

/// What an entry takes beside its key and value: the table's own, and those of the allocator.
constexpr std::size_t kEntryBytes = 128;

/// Family and key as one, without memory of its own.
class TableKey {
public:
    TableKey(Family family, ByteView key) : size_(1 + key.size()) {
        SALUS_CHECK(size_ <= bytes_.size());
        bytes_[0] = static_cast<char>(family);
        std::ranges::copy(as_text(key), bytes_.begin() + 1);
    }
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_.data(), size_}; }

private:
    std::array<char, 2 + std::tuple_size_v<Hash>> bytes_{};  ///< a node's key is one byte longer than a path
    std::size_t size_;
};

}  // namespace

Guarded<NewestValues::Shard>& NewestValues::shard_of(std::string_view key) const {
    // Other bits than those by which a table sorts its entries.
    return shards_[(Hasher{}(key) >> 48U) % kShards];
}

std::size_t NewestValues::bytes_of(std::string_view key, const Entry& entry) {
    return kEntryBytes + key.size() + (entry.value ? entry.value->size() : 0);
}

void NewestValues::put(Shard& shard, std::string_view key, Entry entry) const {
    if (shard.young_bytes + bytes_of(key, entry) > bytes_max_) {
        shard.old = std::exchange(shard.young, {});
        shard.young_bytes = 0;
    }
    if (const auto old = shard.old.find(key); old != shard.old.end()) shard.old.erase(old);
    auto young = shard.young.find(key);
    if (young == shard.young.end())
        young = shard.young.emplace(key, Entry{}).first;
    else
        shard.young_bytes -= bytes_of(key, young->second);
    young->second = std::move(entry);
    shard.young_bytes += bytes_of(key, young->second);
}

std::optional<NewestValues::Value> NewestValues::find(Family family, ByteView key, Version version) const {
    const TableKey name(family, key);
    const auto shard = shard_of(name.text()).lock();
    if (const auto young = shard->young.find(name.text()); young != shard->young.end()) {
        if (young->second.since > version) return std::nullopt;
        return young->second.value;
    }
    const auto old = shard->old.find(name.text());
    if (old == shard->old.end() || old->second.since > version) return std::nullopt;
    const Entry entry = old->second;
    put(*shard, name.text(), entry);
    return entry.value;
}

void NewestValues::note(Family family, ByteView key, const Value& value, Version version) {
    const TableKey name(family, key);
    const auto shard = shard_of(name.text()).lock();
    // Asked under the lock: whoever writes the next version counts first, and comes to this key then.
    if (newest_ != version || shard->young.contains(name.text())) return;
    put(*shard, name.text(), {value, version});
}

void NewestValues::write(Family family, ByteView key, const Value& value, Version version) {
    const TableKey name(family, key);
    const auto shard = shard_of(name.text()).lock();
    put(*shard, name.text(), {value, version});
}

NewestValues::Version NewestValues::advance(std::span<const StateChange> changes, std::span<const NodeWrite> nodes) {
    const Version version = ++newest_;
    for (const auto& [path, value] : changes) write(Family::kState, path, value, version);
    for (const auto& [id, value] : nodes) write(Family::kNodes, node_key(id), value, version);
    return version;
}

}  // namespace salus::store
