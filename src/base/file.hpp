#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus {

/// The whole file. Errors: kNotFound, kIo, kTooLarge past `bytes_max`; the path is named
Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max = std::size_t{1} << 30);

enum class FileMode { kShared, kPrivate };  ///< 0644, or 0600

/// Replaces `path` wholly or not at all: written beside, synced, renamed, the folder synced.
/// Errors: kIo, naming the path; a file that stood there is untouched
Status write_file(const std::filesystem::path& path, ByteView content, FileMode mode = FileMode::kShared);

/// Makes what was renamed or made in the folder survive power loss. Errors: kIo
Status sync_directory(const std::filesystem::path& directory);

/// Makes the folder and its parents, mode 0700. Errors: kIo
Status make_directory(const std::filesystem::path& path);

/// Refuses a file that others than its owner may read or write. Errors: kForbidden, naming path and mode; kNotFound
Status check_private(const std::filesystem::path& path);

}  // namespace salus
