#pragma once

#include <gtest/gtest.h>

#include <array>

#include "base/file.hpp"
#include "node/init.hpp"
#include "node/layout.hpp"
#include "node/node.hpp"
#include "node/platform.hpp"
#include "testing/directory.hpp"

/// For tests: a network in a folder, as `salus init` makes one. FOR TESTS ONLY.
namespace salus::node {

class TestNetwork : public ::testing::Test {
protected:
    /// Of as many hospitals: hospital-a, hospital-b.
    explicit TestNetwork(std::size_t hospitals) {
        static constexpr std::array kNames{std::pair{"hospital-a", "Hospital A"},
                                           std::pair{"hospital-b", "Hospital B"}};
        InitOptions options;
        options.directory = folder;
        for (std::size_t i = 0; i < hospitals; ++i)
            options.organisations.push_back(
                {kNames.at(i).first, kNames.at(i).second, governance::OrganisationKind::kHospital, "US", {}});
        const auto made = initialise(options, random, clock);
        EXPECT_TRUE(made) << made.error().to_string();
    }
    /// The last of the hospitals keeps its checkpoint in `file` too.
    void keep_checkpoint(const std::filesystem::path& file) const {
        NodeConfig config = read_config(config_file(folder)).value();
        config.organisations.back().checkpoint_file = file;
        EXPECT_TRUE(write_file(config_file(folder), as_bytes(to_toml(config))));
    }
    [[nodiscard]] Result<std::unique_ptr<Node>> start() const {
        return Node::start({folder, "127.0.0.1:0", false, "test"});
    }

    OsRandom random;
    RealWallClock clock;
    const testing::TestDirectory directory;
    const std::filesystem::path folder = directory.path() / "net";
};

}  // namespace salus::node
