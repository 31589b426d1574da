#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/mutex.hpp"
#include "network/ledger_service.hpp"
#include "transport/http.hpp"

namespace salus::network {

/// A block as one Server-Sent Event: its height as the id, so that a client that comes back says where it was.
/// Source: WHATWG HTML, "Server-sent events"
std::string block_event(const Block& block);

/// Tells followers each block from the height they ask for, in order, once. Each is written to only as fast as it
/// reads; blocks are read again from the ledger for it, so a slow one costs no memory.
class BlockFeed : public std::enable_shared_from_this<BlockFeed> {
public:
    /// `ledger` and `executor` outlive it.
    BlockFeed(LedgerService& ledger, Executor& executor, std::size_t followers_max)
        : ledger_(ledger), executor_(executor), followers_max_(followers_max) {}

    /// Whether there is room for one more. A follower keeps its place until it is gone.
    [[nodiscard]] bool reserve();
    /// Pre: reserve() was true
    void follow(std::shared_ptr<transport::ResponseStream> stream, Height from);
    /// A block is durable.
    void notify();

private:
    struct Follower;
    void pump(const std::shared_ptr<Follower>& follower);
    /// False: the client has gone. `more`: there was more than one piece.
    bool write_piece(Follower& follower, bool& more);

    LedgerService& ledger_;
    Executor& executor_;
    const std::size_t followers_max_;
    std::atomic<std::size_t> count_{0};
    Guarded<std::vector<std::shared_ptr<Follower>>> followers_;
};

}  // namespace salus::network
