#include "node/checkpoint_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.hpp"
#include "node/check_node.hpp"
#include "node/init.hpp"
#include "node/layout.hpp"
#include "node/node.hpp"
#include "node/platform.hpp"

namespace salus::node {
namespace {

/// A node whose organisation keeps its checkpoint elsewhere too.
struct CheckpointFileTest : ::testing::Test {
    void SetUp() override {
        InitOptions options;
        options.directory = network();
        options.organisations = {{"hospital-a", "Hospital A", governance::OrganisationKind::kHospital, "US", {}}};
        std::filesystem::create_directories(folder);
        ASSERT_TRUE(initialise(options, random, clock));
        NodeConfig config = read_config(network() / "node.toml").value();
        config.organisations.front().checkpoint_file = kept();
        ASSERT_TRUE(write_file(network() / "node.toml", as_bytes(to_toml(config))));
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] std::filesystem::path network() const { return folder / "net"; }
    [[nodiscard]] std::filesystem::path kept() const { return folder / "elsewhere" / "hospital-a.checkpoint"; }
    [[nodiscard]] Result<std::unique_ptr<Node>> start() const {
        return Node::start({network(), "127.0.0.1:0", false, "test"});
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

    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        ("salus-checkpoint-test-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    OsRandom random;
    RealWallClock clock;
};

TEST_F(CheckpointFileTest, AnOlderCopyOfTheWholeNodeDoesNotStart) {
    std::filesystem::create_directories(kept().parent_path());
    serve_beyond(0);
    std::filesystem::copy(network(), folder / "older", std::filesystem::copy_options::recursive);
    const Height copied = kept_height();
    serve_beyond(copied + 1);

    std::filesystem::remove_all(network());
    std::filesystem::rename(folder / "older", network());
    const auto refused = start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRolledBack) << refused.error().to_string();
    EXPECT_NE(refused.error().to_string().find(kept().string()), std::string::npos) << refused.error().to_string();

    std::filesystem::remove(kept());
    EXPECT_TRUE(start()) << "nothing inside of the folder gives it away";
}

/// Not a leaf of its records is missing: what was cut are roots of its audit.
TEST_F(CheckpointFileTest, AnOlderChainUnderTheVaultsDoesNotStartAndIsNamed) {
    std::filesystem::create_directories(kept().parent_path());
    serve_beyond(0);
    std::filesystem::copy(chain_folder(network()), folder / "older", std::filesystem::copy_options::recursive);
    serve_beyond(kept_height() + 1);
    ASSERT_TRUE(check_node(network(), random, {})->front().findings.empty());

    std::filesystem::remove_all(chain_folder(network()));
    std::filesystem::rename(folder / "older", chain_folder(network()));
    std::filesystem::remove(kept());
    const auto refused = start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRolledBack) << refused.error().to_string();
    const auto checks = check_node(network(), random, {});
    ASSERT_TRUE(checks) << checks.error().to_string();
    EXPECT_TRUE(std::ranges::any_of(checks->front().findings, [](const std::string& finding) {
        return finding.find("altered the chain: the chain ends at block") != std::string::npos;
    }));
}

}  // namespace
}  // namespace salus::node
