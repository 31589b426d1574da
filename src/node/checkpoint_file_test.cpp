#include "node/checkpoint_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>

#include "base/file.hpp"
#include "base/mutex.hpp"
#include "node/check_node.hpp"
#include "node/test_network.hpp"
#include "testkit/consortium.hpp"

namespace salus::node {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A node whose organisation keeps its checkpoint elsewhere too.
struct CheckpointFileTest : TestNetwork {
    CheckpointFileTest() : TestNetwork(1) { keep_checkpoint(kept()); }
    [[nodiscard]] std::filesystem::path kept() const {
        return directory.path() / "elsewhere" / "hospital-a.checkpoint";
    }
    [[nodiscard]] Height kept_height() const {
        const auto bytes = read_file(kept());
        return bytes ? codec::decode<Checkpoint>(*bytes).value().height : 0;
    }
    /// Serves until the file holds a block above `height`: the audit's roots make them.
    void serve_beyond(Height height) const {
        const auto node = start();
        ASSERT_TRUE(node) << node.error().to_string();
        for (int tries = 0; tries < 2400 && kept_height() <= height; ++tries) pause(std::chrono::milliseconds(50));
        ASSERT_GT(kept_height(), height);
    }
};

TEST_F(CheckpointFileTest, AnOlderCopyOfTheWholeNodeDoesNotStart) {
    std::filesystem::create_directories(kept().parent_path());
    serve_beyond(0);
    std::filesystem::copy(folder, directory.path() / "older", std::filesystem::copy_options::recursive);
    const Height copied = kept_height();
    serve_beyond(copied + 1);

    std::filesystem::remove_all(folder);
    std::filesystem::rename(directory.path() / "older", folder);
    const auto refused = start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRolledBack) << refused.error().to_string();
    EXPECT_NE(refused.error().to_string().find(kept().string()), std::string::npos) << refused.error().to_string();

    std::filesystem::remove(kept());
    EXPECT_TRUE(start()) << "nothing inside of the folder gives it away";
}

TEST_F(CheckpointFileTest, AFileThatHasGoneIsNamedAtTheStart) {
    std::filesystem::create_directories(kept().parent_path());
    ::testing::internal::CaptureStderr();
    serve_beyond(0);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr(kept().string())));
    std::filesystem::remove(kept());
    ::testing::internal::CaptureStderr();
    EXPECT_TRUE(start());
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(kept().string() + " is not there"));
}

/// Not a leaf of its records is missing: what was cut are roots of its audit.
TEST_F(CheckpointFileTest, AnOlderChainUnderTheVaultsDoesNotStartAndIsNamed) {
    std::filesystem::create_directories(kept().parent_path());
    serve_beyond(0);
    std::filesystem::copy(chain_folder(folder), directory.path() / "older", std::filesystem::copy_options::recursive);
    serve_beyond(kept_height() + 1);
    ASSERT_TRUE(check_node(folder, random, {})->good());

    std::filesystem::remove_all(chain_folder(folder));
    std::filesystem::rename(directory.path() / "older", chain_folder(folder));
    std::filesystem::remove(kept());
    const auto refused = start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRolledBack) << refused.error().to_string();
    const auto checks = check_node(folder, random, {});
    ASSERT_TRUE(checks) << checks.error().to_string();
    EXPECT_TRUE(std::ranges::any_of(checks->organisations.front().findings, [](const std::string& finding) {
        return finding.find("altered the chain: the chain ends at block") != std::string::npos;
    }));
}

/// The file on a disk of which the test says what it does.
class Disk {
public:
    CheckpointFile::Write write() {
        return [this](const std::filesystem::path&, ByteView content) -> Status {
            auto state = state_.lock();
            ++state->begun;
            changed_.notify_all();
            changed_.wait(state.lock(), [&] { return !state->hangs; });
            if (!state->problem.empty()) return fail(ErrorCode::kIo, state->problem);
            state->heights.push_back(codec::decode<Checkpoint>(content).value().height);
            return {};
        };
    }
    void hang(bool hangs) {
        state_.lock()->hangs = hangs;
        changed_.notify_all();
    }
    void fail_with(std::string problem) { state_.lock()->problem = std::move(problem); }
    /// Waits until so many writes have begun.
    void wait_for(std::size_t begun) {
        auto state = state_.lock();
        changed_.wait(state.lock(), [&] { return state->begun >= begun; });
    }
    [[nodiscard]] std::vector<Height> heights() const { return state_.lock()->heights; }

private:
    struct State {
        bool hangs = false;
        std::size_t begun = 0;
        std::string problem;
        std::vector<Height> heights;
    };
    Guarded<State> state_;
    std::condition_variable changed_;
};

Checkpoint checkpoint_at(Height height) {
    const auto key = testkit::signing_key("operator");
    return {{}, 1, height, {}, {OperatorCertificate{Signer::of(key.public_key()), key.sign({})}}};
}

TEST(CheckpointFile, WhoKeepsDoesNotWaitForADiskThatHangsAndTheNewestIsWritten) {
    Disk disk;
    disk.hang(true);
    {
        CheckpointFile file("kept", checkpoint_at(4), disk.write());
        file.keep(std::nullopt);
        file.keep(checkpoint_at(4));
        file.keep(checkpoint_at(5));
        disk.wait_for(1);
        for (const Height height : {6U, 7U, 8U}) file.keep(checkpoint_at(height));
        EXPECT_TRUE(disk.heights().empty());
        disk.hang(false);
    }
    EXPECT_EQ(disk.heights(), (std::vector<Height>{5, 8})) << "a stop writes what it was asked";
}

TEST(CheckpointFile, ADiskThatHangsForEverHoldsUpNoStop) {
    static Disk& disk = *new Disk;  // the thread that hangs in it is left behind
    disk.hang(true);
    {
        CheckpointFile file("kept", std::nullopt, disk.write());
        file.keep(checkpoint_at(1));
        disk.wait_for(1);
        ::testing::internal::CaptureStderr();
    }
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("kept hangs"));
    disk.hang(false);
}

TEST(CheckpointFile, WhatCannotBeWrittenIsTriedAgainAndToldOnce) {
    Disk disk;
    ::testing::internal::CaptureStderr();
    {
        CheckpointFile file("kept", std::nullopt, disk.write());
        disk.fail_with("the disk is full");
        for (std::size_t tries = 1; tries <= 5; ++tries) {
            file.keep(checkpoint_at(1));
            disk.wait_for(tries);
        }
        disk.fail_with("");
        file.keep(checkpoint_at(1));
    }
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(disk.heights(), std::vector<Height>{1});
    const auto first = log.find("kept is not kept: ");
    ASSERT_NE(first, std::string::npos) << log;
    EXPECT_EQ(log.find("kept is not kept: ", first + 1), std::string::npos) << log;
    EXPECT_THAT(log, HasSubstr("kept is kept again"));
}

}  // namespace
}  // namespace salus::node
