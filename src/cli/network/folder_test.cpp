#include "cli/network/folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.hpp"
#include "node/layout.hpp"
#include "testing/directory.hpp"

namespace salus::cli::network {
namespace {

class NetworkFolderTest : public ::testing::Test {
protected:
    NetworkFolderTest() {
        for (const char* name : {"b", "a"}) {
            EXPECT_TRUE(make_directory(path() / name));
            node::NodeConfig config;
            config.organisations.push_back({name, {}, "passphrase"});
            EXPECT_TRUE(write_file(node::config_file(path() / name), as_bytes(node::to_toml(config))));
        }
        EXPECT_TRUE(make_directory(path() / "else"));
    }
    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
    [[nodiscard]] NetworkFolder open() const { return NetworkFolder::open(path()).value(); }

private:
    const testing::TestDirectory directory_;
};

TEST_F(NetworkFolderTest, HasANodeInEachFolderWithAConfiguration) {
    const NetworkFolder folder = open();
    ASSERT_EQ(folder.nodes().size(), 2U);
    EXPECT_EQ(folder.nodes()[0].name, "a");
    EXPECT_EQ(folder.nodes()[1].name, "b");
    EXPECT_EQ(folder.node("b").value()->directory, path() / "b");
    const auto none = folder.node("c");
    EXPECT_EQ(none.error().code, ErrorCode::kUsage);
    EXPECT_NE(none.error().message.find("a, b"), std::string::npos);
    EXPECT_EQ(NetworkFolder::open(path() / "else").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(NetworkFolder::open(path() / "nowhere").error().code, ErrorCode::kNotFound);
}

TEST_F(NetworkFolderTest, KeepsWhatIsWanted) {
    const NetworkFolder folder = open();
    EXPECT_EQ(folder.wanted("a"), Wanted::kRunning);
    for (const Wanted wanted : {Wanted::kStopped, Wanted::kKilled, Wanted::kRunning}) {
        ASSERT_TRUE(folder.want("a", wanted));
        EXPECT_EQ(open().wanted("a"), wanted);
    }
    ASSERT_TRUE(write_file(path() / ".network" / "a.wanted", as_bytes("gone")));
    EXPECT_EQ(folder.wanted("a"), Wanted::kRunning);
}

TEST_F(NetworkFolderTest, OneProcessHoldsIt) {
    const NetworkFolder folder = open();
    EXPECT_EQ(folder.holder(), 0);
    ASSERT_TRUE(folder.hold());
    EXPECT_EQ(open().holder(), ::getpid());
    EXPECT_EQ(open().hold().error().code, ErrorCode::kLocked);
}

TEST_F(NetworkFolderTest, AStateCountsWhileSomebodyHoldsIt) {
    const NetworkFolder folder = open();
    ASSERT_TRUE(folder.say("a", {"running", "http://127.0.0.1:1", 7}));
    EXPECT_EQ(folder.state("a").state, "stopped");
    ASSERT_TRUE(folder.hold());
    EXPECT_EQ(folder.state("a").state, "running");
    EXPECT_EQ(folder.state("a").url, "http://127.0.0.1:1");
    EXPECT_EQ(folder.state("a").pid, 7);
    EXPECT_EQ(folder.state("b").state, "stopped");
    for (const char* spoilt : {"", "{", "[]", "{}", R"({"state":1,"url":"","pid":2})", R"({"state":"running"})"}) {
        ASSERT_TRUE(write_file(path() / ".network" / "a.state", as_bytes(spoilt)));
        EXPECT_EQ(folder.state("a").state, "stopped") << spoilt;
    }
}

}  // namespace
}  // namespace salus::cli::network
