#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// The files in which RocksDB keeps what is no longer in its log (*.sst), each looked at by itself: a damaged one does
/// not hide another.
namespace salus::store {

/// Those in `directory`, sorted; also one that a crash left half written, which no database refers to.
std::vector<std::filesystem::path> table_files(const std::filesystem::path& directory);

/// Reads each file whole and holds every block of bytes to its checksum. A line for each that is damaged, which names
/// it. `progress` is told how many of how many files are done.
std::vector<std::string> damaged_tables(const std::vector<std::filesystem::path>& files,
                                        const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace salus::store
