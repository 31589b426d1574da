#pragma once

#include <condition_variable>
#include <map>
#include <memory>

#include "base/mutex.hpp"
#include "base/platform/executor.hpp"
#include "consensus/cometbft/rpc.hpp"

namespace salus::consensus {

/// Fetches what vouches for each block from this node's own CometBFT, and hands it to the ledger, in order. The hash of
/// a block stands in the header of the engine block after its own: there it is to be had once that one is decided. What
/// a crash left without is looked for among the newest headers.
class Certifier {
public:
    struct Limits {
        std::chrono::milliseconds retry{1000};  ///< where CometBFT does not answer, or has not gone so far
    };

    /// `first`: the era's first block.
    Certifier(Rpc rpc, Ledger& ledger, Height first, const Limits& limits);
    ~Certifier() { stop(); }
    Certifier(const Certifier&) = delete;
    Certifier& operator=(const Certifier&) = delete;

    void start(Threads& threads);
    /// The ledger has committed this engine block.
    void committed(EngineHeight engine, const Outcome& outcome);
    void stop();

private:
    struct State {
        std::map<Height, EngineHeight> made_by;  ///< the engine blocks that made those that wait
        EngineHeight newest = 0;
        bool woken = true;
        bool running = false;
    };

    void run();
    /// False where it must wait for an engine block, or for CometBFT.
    bool certify_next();
    /// The engine block whose header carries the hash.
    Result<std::optional<EngineHeight>> header_of_block(const Uncertified& block, EngineHeight newest);

    Rpc rpc_;  ///< of the thread, as is `done_`
    Ledger& ledger_;
    const Limits limits_;
    Height done_;  ///< no block up to it is looked at again
    Guarded<State> state_;
    std::condition_variable changed_;
    std::unique_ptr<Thread> thread_;
};

}  // namespace salus::consensus
