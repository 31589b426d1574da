#include "node/cometbft_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "base/file.hpp"
#include "node/platform.hpp"
#include "testing/directory.hpp"

namespace salus::node {
namespace {

/// Programs that say that they are CometBFT.
class CometBftProcessTest : public ::testing::Test {
protected:
    CometBftProcess& process(const std::string& release, const std::string& when_started) {
        const auto program = directory_.path() / "cometbft";
        const std::string script = "#!/bin/sh\nif [ \"$1\" = version ]; then echo " + release +
                                   "; exit; fi\necho $$ >> " + (directory_.path() / "runs").string() + "\n" +
                                   when_started + "\n";
        EXPECT_TRUE(write_file(program, as_bytes(script)));
        std::filesystem::permissions(program, std::filesystem::perms::owner_all);
        made_ = std::make_unique<CometBftProcess>(CometBftSettings{directory_.path(), program, "", "", ""}, threads_);
        return *made_;
    }
    /// Their process ids, once there are so many.
    std::vector<pid_t> runs(std::size_t count) {
        for (;;) {
            std::ifstream file(directory_.path() / "runs");
            std::vector<pid_t> pids;
            for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
            if (pids.size() >= count) return pids;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    salus::testing::TestDirectory directory_;
    OsThreads threads_;
    std::unique_ptr<CometBftProcess> made_;
};

TEST_F(CometBftProcessTest, RefusesAnotherRelease) {
    EXPECT_TRUE(process("0.39.99", "exit 0").start());
    EXPECT_EQ(process("0.38.21", "exit 0").start().error().code, ErrorCode::kConfig);
    EXPECT_EQ(process("", "exit 0").start().error().code, ErrorCode::kConfig);
}

TEST_F(CometBftProcessTest, StartsItAgainWhereItEndsAndSaysSoMeanwhile) {
    auto& watched = process("0.39.4", "exit 3");
    ASSERT_TRUE(watched.start());
    std::string problem;
    while (problem.empty()) problem = watched.problem();
    EXPECT_NE(problem.find("ended with 3"), std::string::npos) << problem;
    EXPECT_GE(runs(2).size(), 2U);
}

TEST_F(CometBftProcessTest, AStopEndsItThoughItTellsWhatItLikes) {
    auto& watched =
        process("0.39.4", "echo no JSON; echo '{\"level\":\"info\",\"_msg\":\"hello\",\"n\":1}'; exec sleep 1000");
    ASSERT_TRUE(watched.start());
    const pid_t child = runs(1).front();
    EXPECT_EQ(watched.problem(), "");
    watched.stop();
    EXPECT_NE(::kill(child, 0), 0);
}

TEST_F(CometBftProcessTest, AProgramThatIsNotThereIsNamed) {
    CometBftProcess missing({directory_.path(), directory_.path() / "no-such-program", "", "", ""}, threads_);
    EXPECT_EQ(missing.start().error().code, ErrorCode::kConfig);
}

}  // namespace
}  // namespace salus::node
