#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "application/keys/key_provider.hpp"
#include "application/reading/remote_exchange.hpp"
#include "base/platform/process.hpp"
#include "base/platform/random.hpp"
#include "network/ledger_service.hpp"
#include "network/router.hpp"
#include "node/config.hpp"
#include "node/organisation_keys.hpp"

namespace salus::node {

/// One organisation that this node serves: its keys, vault, audit and services, apart from every other's.
class Organisation {
public:
    struct Parts {
        const OrganisationConfig& config;
        std::filesystem::path directory;  ///< the node's
        network::LedgerService& ledger;
        Random& random;
        Process& process;     ///< dies with a vault or a key store of which nobody knows what is on the disk
        std::string version;  ///< of the program
        TimeMs started_ms = 0;
    };
    /// Unlocks its master key, opens its stores, and holds the chain to what they have seen of it. Sends nothing.
    /// Errors: kForbidden (passphrase), kCorrupt, kSchema, kIo; kRolledBack where its vault is ahead of the chain
    static Result<std::unique_ptr<Organisation>> open(const Parts& parts);
    virtual ~Organisation() = default;

    [[nodiscard]] virtual const std::string& slug() const = 0;
    [[nodiscard]] virtual const AccountId& account() const = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;
    /// Which it shows to other nodes; nullptr where its folder has none yet.
    [[nodiscard]] virtual const crypto::SigningKey* tls_key() const = 0;
    /// With which it signs since its start.
    [[nodiscard]] virtual crypto::PublicKey signing_key() const = 0;

    /// Takes up what the last run left, from the chain and on it. Pre: every organisation of the node is open, before
    /// anything is served: what is ordered on a chain that another's vault refuses cannot be taken back.
    /// Errors: kRolledBack, kUnavailable, kIo
    virtual Status repair() = 0;

    /// Where they are reached, and whom they reach.
    struct Surroundings {
        network::Router& router;
        network::Router& exchange;  ///< for other nodes: what is signed inside, and nothing else
        std::string url;
        std::vector<application::RemoteCustodian> custodians;
        std::chrono::milliseconds exchange_timeout;
        Executor& askers;  ///< on which several custodians are asked at once
    };
    /// Serves all of `organisations`, each below /orgs/<slug>; one reads at another without a socket. Pre: once
    static void mount_all(const std::vector<std::unique_ptr<Organisation>>& organisations,
                          const Surroundings& surroundings);
    /// Each second or so: what waits for the chain is sent again, intervals of the audit are closed.
    virtual void tick() = 0;
    /// Whoever waits for the chain is told so; what is stored stays for the next start.
    virtual void stop() = 0;
};

}  // namespace salus::node
