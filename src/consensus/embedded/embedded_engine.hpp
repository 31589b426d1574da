#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>

#include "base/mutex.hpp"
#include "base/platform/executor.hpp"
#include "consensus/embedded/clock_watch.hpp"
#include "consensus/port.hpp"

namespace salus::consensus {

/// The engine of one process and one operator: takes what is queued, makes a block, commits, repeats. While block n is
/// committed by one thread, n+1 is executed by another. It waits for no timer while there is work, and never spins.
class EmbeddedEngine final : public Engine {
public:
    struct Machine {
        const WallClock& wall;
        const SteadyClock& steady;
        Threads& threads;
    };
    struct Limits {
        std::size_t envelopes_max = 1024;              ///< queued
        std::size_t bytes_max = 4 * kBlockBytesMax;    ///< queued; a lone envelope is always taken
        std::size_t block_bytes_max = kBlockBytesMax;  ///< of the envelopes in one block
        std::chrono::milliseconds retry_after{20};     ///< what a full queue says
        std::chrono::milliseconds clock_retry{1000};   ///< how often a clock that is behind is looked at
    };

    /// `era` is the record under which it makes blocks: the newest of the chain, or the one that shall follow.
    EmbeddedEngine(const NetworkId& network, EraRecord era, crypto::SigningKey operator_key, const Machine& machine,
                   const Limits& limits);
    ~EmbeddedEngine() override;

    /// Errors: kConfig where the key is not the era's operator; those of Ledger::begin
    Status start(Ledger& ledger) override;
    Result<void, Busy> submit(Bytes envelope) override;
    [[nodiscard]] EngineStatus status() const override;
    /// Makes blocks of what is queued, unless the clock forbids it, and joins its threads.
    void stop() override;

    /// An operator says that the clock is right.
    void confirm_clock();

private:
    struct Queue {
        std::deque<Bytes> envelopes;
        std::size_t bytes = 0;
        std::size_t taken = 0;  ///< being executed
        bool running = false;
        bool stopping = false;
        TimeMs tip_ms = 0;  ///< of the newest proposal
    };
    struct Handover {
        std::optional<Outcome> finalised;  ///< not yet taken by the committer
        bool committing = false;
        bool closed = false;
    };

    void make_blocks();
    /// What goes in the next block; waits for it. Empty: stop.
    std::vector<Bytes> take();
    void commit_blocks();
    [[nodiscard]] std::optional<Certificate> certify(const Outcome& outcome) const;

    const NetworkId network_;
    const EraRecord era_;
    const crypto::SigningKey operator_key_;
    Threads& threads_;
    const Limits limits_;
    mutable ClockWatch clock_;

    Ledger* ledger_ = nullptr;
    EngineHeight next_ = 0;  ///< of the making thread
    Guarded<Queue> queue_;
    std::condition_variable queue_changed_;
    Guarded<Handover> handover_;
    std::condition_variable handover_changed_;
    std::unique_ptr<Thread> maker_;
    std::unique_ptr<Thread> committer_;
};

}  // namespace salus::consensus
