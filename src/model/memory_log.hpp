#pragma once

#include <map>
#include <span>

#include "base/check.hpp"
#include "model/merkle_log.hpp"

namespace salus {

/// For tests: a log as a store keeps it, each complete node once.
class MemoryLog : public LogReader {
public:
    MemoryLog() = default;
    explicit MemoryLog(std::span<const Hash> leaves) {
        for (const Hash& leaf : leaves) append(leaf);
    }

    void append(const Hash& leaf) {
        frontier.append(leaf, [&](unsigned level, std::uint64_t index, const Hash& hash) {
            SALUS_CHECK(nodes_.emplace(std::pair(level, index), hash).second);
        });
    }
    Result<Hash> node(unsigned level, std::uint64_t index) const override {
        const auto found = nodes_.find({level, index});
        if (found == nodes_.end()) return fail(ErrorCode::kNotFound, "an incomplete node was asked for");
        return found->second;
    }

    LogFrontier frontier;

private:
    std::map<std::pair<unsigned, std::uint64_t>, Hash> nodes_;
};

}  // namespace salus
