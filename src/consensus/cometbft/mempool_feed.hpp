#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <span>

#include "base/mutex.hpp"
#include "base/platform/clock.hpp"
#include "base/platform/executor.hpp"
#include "consensus/cometbft/rpc.hpp"

namespace salus::consensus {

/// The way of this node's envelopes into CometBFT's mempool, in their order. A mempool forgets: it is lost with its
/// process, and one that is full drops what it had said it took. So each envelope is kept here, and sent again, until
/// it stands in a block, or the ledger's own check says that nothing in it is admissible any more.
class MempoolFeed {
public:
    struct Limits {
        std::size_t envelopes_max = 1024;
        std::size_t bytes_max = 4 * kBlockBytesMax;  ///< a lone envelope is always taken
        std::chrono::milliseconds retry_after{20};   ///< what a full queue says
        std::chrono::milliseconds resend_after{3000};
        std::chrono::milliseconds pause{50};  ///< where the mempool is full or does not answer
    };
    using GivenUp = std::function<void(const Hash&)>;

    MempoolFeed(Rpc rpc, const SteadyClock& clock, const Limits& limits, GivenUp given_up)
        : rpc_(std::move(rpc)), clock_(clock), limits_(limits), given_up_(std::move(given_up)) {}
    ~MempoolFeed() { stop(); }
    MempoolFeed(const MempoolFeed&) = delete;
    MempoolFeed& operator=(const MempoolFeed&) = delete;

    void start(Threads& threads);
    Result<void, Busy> submit(Bytes envelope);
    /// These stand in a block, whatever became of them.
    void ordered(std::span<const Hash> envelopes);
    [[nodiscard]] std::size_t queued() const;
    void stop();

private:
    struct Kept {
        std::uint64_t number = 0;  ///< of its coming
        std::shared_ptr<const Bytes> envelope;
        std::optional<std::chrono::nanoseconds> sent;
    };
    struct State {
        std::map<std::uint64_t, Hash> order;
        std::map<Hash, Kept> kept;
        std::uint64_t next = 0;
        std::size_t bytes = 0;
        bool running = false;
    };

    void run();
    /// The oldest that is to be sent now; waits for it. Nothing: stop.
    std::optional<std::pair<Hash, std::shared_ptr<const Bytes>>> take();
    static void forget(State& state, const Hash& envelope);
    void pause();

    Rpc rpc_;  ///< of the thread
    const SteadyClock& clock_;
    const Limits limits_;
    const GivenUp given_up_;
    Guarded<State> state_;
    std::condition_variable changed_;
    std::unique_ptr<Thread> thread_;
};

}  // namespace salus::consensus
