#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace salus::store {

/// For tests: an empty directory that goes with the object.
class TestDirectory {
public:
    TestDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "salus-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TestDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestDirectory(const TestDirectory&) = delete;
    TestDirectory& operator=(const TestDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace salus::store
