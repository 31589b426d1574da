#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/platform/random.hpp"
#include "base/result.hpp"

namespace salus::node {

/// What was found of one organisation.
struct OrganisationCheck {
    std::string slug;
    std::uint64_t versions = 0;
    std::uint64_t pads = 0;
    std::uint64_t keys = 0;
    std::vector<std::string> findings;  ///< "altered Observation/7f../_history/2: ..."; empty: all is as it was written
};

/// Compares each vault of a stopped node with its chain, both ways. Changes nothing.
/// Errors: kLocked where the node runs, kConfig, kForbidden, kCorrupt, kIo
Result<std::vector<OrganisationCheck>> check_node(const std::filesystem::path& directory, Random& random,
                                                  const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace salus::node
