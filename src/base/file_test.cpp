#include "base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace salus {
namespace {

class File : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "salus-file-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    std::filesystem::path directory_;
};

TEST_F(File, ReadsBackWhatWasWritten) {
    const auto path = directory_ / "a";
    Bytes content(200'000, 7);
    ASSERT_TRUE(write_file(path, content));
    EXPECT_EQ(read_file(path).value(), content);
    ASSERT_TRUE(write_file(path, as_bytes("second")));
    EXPECT_EQ(read_file(path).value(), to_bytes("second"));
    EXPECT_FALSE(std::filesystem::exists(directory_ / "a.new"));
}

TEST_F(File, SaysWhichFileIsMissingOrTooLarge) {
    EXPECT_EQ(read_file(directory_ / "none").error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(write_file(directory_ / "b", Bytes(11, 0)));
    EXPECT_EQ(read_file(directory_ / "b", 10).error().code, ErrorCode::kTooLarge);
    EXPECT_TRUE(read_file(directory_ / "b", 11));
    EXPECT_EQ(write_file(directory_ / "no" / "folder", {}).error().code, ErrorCode::kIo);
}

TEST_F(File, APrivateFileIsForItsOwnerAlone) {
    const auto path = directory_ / "key";
    ASSERT_TRUE(write_file(path, as_bytes("secret"), FileMode::kPrivate));
    EXPECT_TRUE(check_private(path));
    ::chmod(path.c_str(), 0640);
    EXPECT_EQ(check_private(path).error().code, ErrorCode::kForbidden);
}

TEST_F(File, AFolderIsMadeWithItsParents) {
    ASSERT_TRUE(make_directory(directory_ / "x" / "y"));
    ASSERT_TRUE(make_directory(directory_ / "x" / "y"));
    ASSERT_TRUE(write_file(directory_ / "x" / "file", {}));
    EXPECT_EQ(make_directory(directory_ / "x" / "file").error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace salus
