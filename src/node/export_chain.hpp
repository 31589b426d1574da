#pragma once

#include <filesystem>
#include <functional>

#include "base/result.hpp"
#include "base/strong_types.hpp"

namespace salus::node {

struct Exported {
    Height height = 0;  ///< of the newest block
    std::uint64_t bytes = 0;
};

/// Writes the whole chain of a stopped node to `file`, for anybody to keep and to verify. `progress` is told each
/// height and the newest. The file is there wholly or not at all. Errors: kLocked where the node runs, kNotFound where
/// the folder holds no chain, kCorrupt, kIo
Result<Exported> export_chain(const std::filesystem::path& directory, const std::filesystem::path& file,
                              const std::function<void(Height, Height)>& progress);

}  // namespace salus::node
