#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/certificate.hpp"
#include "node/config.hpp"

namespace salus::node {

/// Where this node's CometBFT stands, and how others find it.
struct CometBftSettings {
    std::filesystem::path home;     ///< its folder: config/, data/
    std::filesystem::path program;  ///< empty: beside this program, else on PATH
    std::string rpc;                ///< "127.0.0.1:26657", on loopback
    std::string p2p;                ///< where other nodes connect: "127.0.0.1:26656"
    std::string peers;              ///< "ID@HOST:PORT,..."
    PeersCalled calls = PeersCalled::kHeard;

    /// Where the application listens for it.
    [[nodiscard]] std::filesystem::path socket() const { return home / "app.sock"; }
    /// Of `peers`; what is no id is left out, as CometBFT says so itself.
    [[nodiscard]] std::vector<ValidatorId> peer_ids() const;
};

/// Writes what CometBFT reads at its start: config.toml, genesis.json, and the two keys, which are one: each era anew
/// from the era's record, alike on every node. What it has signed last stays as it is. Errors: kIo
Status write_cometbft_files(const CometBftSettings& settings, const EraRecord& era, TimeMs genesis_time_ms,
                            const crypto::SigningKey& key);

}  // namespace salus::node
