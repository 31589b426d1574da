#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "consensus/cometbft/certifier.hpp"
#include "consensus/cometbft/mempool_feed.hpp"

namespace salus::consensus {

class Application;
class SocketServer;

/// CometBFT's own process, which whoever composes a node makes.
class EngineProcess {
public:
    virtual ~EngineProcess() = default;
    /// It connects to the application, which is listening already. Errors: kConfig, kIo
    virtual Status start() = 0;
    virtual void stop() = 0;
    /// Why it does not run, empty where it does. Any thread.
    [[nodiscard]] virtual std::string problem() const = 0;
};

/// The engine of many organisations: CometBFT beside this process orders; here its calls are answered from the ledger,
/// envelopes are fed to it, and certificates fetched from it. Source: ARCHITECTURE.md, "The engine of a network"
class CometBftEngine final : public Engine {
public:
    struct Place {
        std::filesystem::path socket;      ///< of the application; its folder is this user's alone
        std::string rpc_url;               ///< "http://127.0.0.1:26657"
        std::vector<ValidatorId> peers{};  ///< that the operator names
    };
    struct Machine {
        const SteadyClock& steady;
        Threads& threads;
    };
    struct Limits {
        MempoolFeed::Limits feed;
        Certifier::Limits certifier;
    };

    /// `era` is the record under which it makes blocks.
    CometBftEngine(EraRecord era, Place place, std::unique_ptr<EngineProcess> process, const Machine& machine,
                   const Limits& limits);
    ~CometBftEngine() override;

    /// Errors: kConfig where the era is another engine's; kIo; those of EngineProcess
    Status start(Ledger& ledger) override;
    Result<void, Busy> submit(Bytes envelope) override;
    [[nodiscard]] EngineStatus status() const override;
    /// Ends CometBFT, then the connections. What its mempool holds may be ordered by other nodes.
    void stop() override;

private:
    const EraRecord era_;
    const Place place_;
    const std::unique_ptr<EngineProcess> process_;
    const Machine machine_;
    const Limits limits_;

    // Made by start. Whoever asks for the status or submits does so between start and the destructor.
    std::unique_ptr<MempoolFeed> feed_;
    std::unique_ptr<Certifier> certifier_;
    std::unique_ptr<Application> application_;
    std::unique_ptr<SocketServer> server_;
    std::atomic<bool> running_ = false;
};

}  // namespace salus::consensus
