#include "store/table_files.hpp"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>

namespace salus::store {

std::vector<std::filesystem::path> table_files(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
        if (entry.path().extension() == ".sst") files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<std::string> damaged_tables(const std::vector<std::filesystem::path>& files,
                                        const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    std::vector<std::string> damaged;
    std::uint64_t done = 0;
    for (const std::filesystem::path& file : files) {
        rocksdb::SstFileReader reader{rocksdb::Options()};
        auto status = reader.Open(file.string());
        if (status.ok()) status = reader.VerifyChecksum();
        if (!status.ok()) damaged.push_back(file.string() + ": " + status.ToString());
        if (progress) progress(++done, files.size());
    }
    return damaged;
}

}  // namespace salus::store
