#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/platform/clock.hpp"
#include "base/platform/random.hpp"
#include "model/genesis.hpp"

namespace salus::node {

/// `salus init`: makes the folder of a new network of one node.
///
///     node.toml            what the node serves
///     genesis              the state that the network begins with
///     operator.key         certifies blocks, or votes for them as CometBFT's validator; operator.passphrase opens it
///     orgs/<slug>/keys     an organisation's keys, with that for TLS; its file `passphrase` opens them and its vault
///     orgs/<slug>/escrow   three shares of what the passphrase gives, any two of which give it back
struct InitOrganisation {
    std::string slug;
    std::string name;
    governance::OrganisationKind kind{};
    std::string jurisdiction = "US";
    std::vector<std::string> licences;
};

struct InitOptions {
    std::filesystem::path directory;
    std::string network_name = "salus";
    NetworkMode mode = NetworkMode::kConsortium;
    EngineKind engine = EngineKind::kEmbedded;
    std::string listen = "127.0.0.1:8480";
    std::vector<InitOrganisation> organisations;
    std::vector<governance::SetParameter> parameters;
    /// Where the first of two nodes, by their places, reaches the CometBFT of the second; empty: at its cometbft_p2p.
    std::function<std::string(std::size_t, std::size_t)> reached_at;
};

struct Initialised {
    Genesis genesis;
    NetworkId network_id;
};

/// Makes everything or, where it fails, leaves a folder without node.toml, which no node starts from.
/// Errors: kUsage (no organisation, a slug twice), kConflict (a node is there), kIo
Result<Initialised> initialise(const InitOptions& options, Random& random, const WallClock& clock);

/// One of a new network's nodes, each a validator of CometBFT with the same power.
struct InitNode {
    std::filesystem::path directory;
    std::string listen;        ///< HOST:PORT, as are these:
    std::string cometbft_rpc;  ///< on loopback
    std::string cometbft_p2p;  ///< where the other nodes reach it
    std::vector<InitOrganisation> organisations;
    std::string exchange{};  ///< where the other nodes read; empty: nowhere
};

/// Makes the folders of a network's nodes, each with the same genesis and the keys of its own organisations alone, as
/// `initialise` does. `options` says what they share: its directory, listen and organisations are not read.
Result<Initialised> initialise_network(const InitOptions& options, const std::vector<InitNode>& nodes, Random& random,
                                       const WallClock& clock);

/// A node that joins a network: its genesis, and nodes that let it in, as CometBFT names them.
struct JoinOptions {
    Bytes genesis;
    std::string peers;  ///< "ID@HOST:PORT,..."
    InitNode node;
};

struct Joined {
    Genesis genesis;
    std::vector<AccountId> organisations;  ///< in the order of the options
    Signer key;                            ///< of the node, which its organisation registers
    std::string peer;                      ///< "ID@HOST:PORT": what others name it by
};

/// Makes the folder of a node that joins, with keys of its own and of its organisations, which are no members yet. Once
/// they are, and have registered the node, it follows. Errors: kUsage (an embedded network, no peer, no organisation);
/// kConflict (a node is there); those of parse_genesis; kIo
Result<Joined> initialise_joining(const JoinOptions& options, Random& random);

/// The key that a node's folder holds for it: its own name among nodes. Errors: kNotFound, kForbidden, kCorrupt,
/// kConfig
Result<crypto::SigningKey> open_operator_key(const std::filesystem::path& directory, Random& random);

/// "hospital", "payer", ... Errors: kUsage naming the choices
Result<governance::OrganisationKind> organisation_kind(std::string_view name);
std::string_view organisation_kind_name(governance::OrganisationKind kind);

}  // namespace salus::node
