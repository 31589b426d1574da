#include "store/log_rows.hpp"

#include <algorithm>
#include <string>

#include "crypto/hash.hpp"

namespace salus::store {
namespace {

constexpr std::uint64_t kRow = 16;
constexpr unsigned kRowLevels = 4;

Bytes row_key(ByteView prefix, unsigned level, std::uint64_t row) {
    Bytes key = to_bytes(prefix);
    key.push_back(static_cast<std::uint8_t>(level));
    append(key, big_endian(row));
    return key;
}

Hash hash_at(ByteView row, std::uint64_t index) {
    Hash hash;
    std::copy_n(row.begin() + static_cast<std::ptrdiff_t>(index * sizeof(Hash)), sizeof(Hash), hash.begin());
    return hash;
}

/// Root of the perfect subtree over `hashes`, whose count is a power of two.
Hash perfect_root(ByteView hashes) {
    if (hashes.size() == sizeof(Hash)) return hash_at(hashes, 0);
    const std::size_t half = hashes.size() / 2;
    return crypto::merkle_node_hash(perfect_root(hashes.first(half)), perfect_root(hashes.subspan(half)));
}

class RowReader final : public LogReader {
public:
    RowReader(std::shared_ptr<const Snapshot> snapshot, Family family, Bytes prefix)
        : snapshot_(std::move(snapshot)), family_(family), prefix_(std::move(prefix)) {}

    Result<Hash> node(unsigned level, std::uint64_t index) const override {
        const unsigned within = level % kRowLevels;
        const std::uint64_t first = index << within;
        SALUS_TRY(const auto row, snapshot_->get(family_, row_key(prefix_, level - within, first / kRow)));
        const std::size_t begin = (first % kRow) * sizeof(Hash);
        const std::size_t size = sizeof(Hash) << within;
        if (!row || row->size() < begin + size)
            return fail(ErrorCode::kNotFound,
                        "the log has no complete node " + std::to_string(index) + " on level " + std::to_string(level));
        return perfect_root(ByteView(*row).subspan(begin, size));
    }

private:
    std::shared_ptr<const Snapshot> snapshot_;
    Family family_;
    Bytes prefix_;
};

}  // namespace

Status append_log(const Snapshot& before, Batch& batch, Family family, ByteView prefix, std::uint64_t first_index,
                  std::span<const Hash> leaves) {
    std::vector<Hash> below;
    std::uint64_t index = first_index;
    for (unsigned level = 0; !leaves.empty(); level += kRowLevels) {
        std::vector<Hash> roots;  // of the rows that become full
        const std::uint64_t first_row = index / kRow;
        Bytes row;
        if (index % kRow != 0) {
            SALUS_TRY(auto stored, before.get(family, row_key(prefix, level, first_row)));
            if (stored) row = *std::move(stored);
        }
        if (row.size() != (index % kRow) * sizeof(Hash))
            return fail(ErrorCode::kCorrupt, "a stored log does not end at " + std::to_string(first_index));
        for (const Hash& leaf : leaves) {
            append(row, leaf);
            if (++index % kRow != 0) continue;
            batch.put(family, row_key(prefix, level, index / kRow - 1), row);
            roots.push_back(perfect_root(row));
            row.clear();
        }
        if (!row.empty()) batch.put(family, row_key(prefix, level, index / kRow), row);
        index = first_row;
        below = std::move(roots);
        leaves = below;
    }
    return {};
}

std::unique_ptr<LogReader> read_log(std::shared_ptr<const Snapshot> snapshot, Family family, Bytes prefix) {
    return std::make_unique<RowReader>(std::move(snapshot), family, std::move(prefix));
}

}  // namespace salus::store
