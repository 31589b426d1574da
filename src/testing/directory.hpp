#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/check.hpp"

namespace salus::testing {

/// An empty directory of its own, which nobody else may enter and which goes with the object.
class TestDirectory {
public:
    TestDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "salus-test-XXXXXX").string();
        SALUS_CHECK(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TestDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::string at(std::string_view name) const { return (path_ / name).string(); }
    /// A file that only its owner may read: as what holds a secret must be. Returns where it is.
    std::string write(std::string_view name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        std::filesystem::permissions(path_ / name,
                                     std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return at(name);
    }

private:
    std::filesystem::path path_;
};

}  // namespace salus::testing
