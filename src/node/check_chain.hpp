#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/chain_store.hpp"

namespace salus::node {

struct ChainCheck {
    Height blocks = 0;                  ///< that were read and held to their headers
    std::vector<std::string> findings;  ///< "block 17: its parent is another block"
};

/// Holds every block to its header, to the block before it and to the history before it, the stored history and the tip
/// to the blocks, certificates to their eras, and the genesis to the network; and every file to its checksums. Executes
/// nothing. One damaged block hides no other.
ChainCheck check_chain(const store::ChainStore& chain,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace salus::node
