#pragma once

#include "cli/command.hpp"
#include "model/evidence.hpp"

namespace salus::cli {

/// Whether a file begins as an exported chain does.
bool is_exported_chain(ByteView bytes) noexcept;

/// The blocks of an exported chain, as far as it is good.
struct ChainHistory {
    NetworkId network;
    std::vector<Hash> blocks;  ///< from height 1 on
};

/// Checks a whole exported chain from its genesis: form, signatures, links, certificates, and, by executing every block
/// again, what became of each transaction. `network` and `checkpoint` are what it must be consistent with. Its blocks
/// are added to `history`, where one is wanted.
Verdict verify_chain(ByteView bytes, const std::optional<NetworkId>& network,
                     const std::optional<Checkpoint>& checkpoint, Environment& environment,
                     ChainHistory* history = nullptr);

/// The first height at which two histories of one network have different blocks; nothing where one continues the other.
std::optional<Height> first_difference(const ChainHistory& one, const ChainHistory& other);

}  // namespace salus::cli
