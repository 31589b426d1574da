#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "base/strong_types.hpp"

namespace salus::node {

/// What was found of one organisation.
struct OrganisationCheck {
    std::string slug;
    std::uint64_t versions = 0;
    std::uint64_t pads = 0;
    std::uint64_t keys = 0;
    std::uint64_t accounts = 0;         ///< audit events, consents, wallets and the like
    std::vector<std::string> findings;  ///< "altered Observation/7f../_history/2: ..."; empty: all is as it was written
};

struct NodeCheck {
    Height blocks = 0;                  ///< held to their headers, parents and history
    std::vector<std::string> findings;  ///< of the chain, the genesis and the operator's key
    std::vector<OrganisationCheck> organisations;

    [[nodiscard]] bool good() const;
};

/// Looks at everything that a stopped node keeps: its chain's files and blocks, its keys and their escrow, its
/// databases and all that is sealed in them, and compares each vault with the chain, both ways. Changes nothing. What
/// is wrong is a finding that names the file or the resource, and hides no other; one of a chain that does not open is
/// that no vault could be compared. `progress` is told how much of how much is done, of one part after another. Errors:
/// kLocked where the node runs, kConfig; kIo where it has no passphrase of an organisation; kSchema
Result<NodeCheck> check_node(const std::filesystem::path& directory, Random& random,
                             const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace salus::node
