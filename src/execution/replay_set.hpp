#pragma once

#include <map>
#include <memory>
#include <vector>

#include "model/block.hpp"

namespace salus::execution {

/// The ids that stand in the chain and whose valid_until lies after the tip's time: what must not be taken again. A
/// value: copies share what they have in common, so that each block has a set of its own while the next is executed.
///
/// Ids are kept by the second of their valid_until (an id fixes it), in sorted runs that are merged as they grow: an
/// insert costs amortised log n, a question one binary search a run.
class ReplaySet {
public:
    struct Seen {
        TxId id;
        TimeMs valid_until_ms = 0;
    };

    /// Pre: `valid_until_ms` is that of the body whose id it is
    [[nodiscard]] bool contains(const TxId& id, TimeMs valid_until_ms) const;
    void insert(const std::vector<Seen>& seen);
    /// The signed transactions of a stored block: at start, the node inserts those of all blocks younger than the
    /// window. Errors: kCorrupt
    static Result<std::vector<Seen>> ids_of(const Block& block);
    /// Forgets ids that have expired at `tip_ms`, a second at a time: an id may stay for up to one second longer.
    void expire(TimeMs tip_ms);
    [[nodiscard]] std::size_t size() const;

private:
    using Run = std::vector<TxId>;                         ///< ascending
    using Runs = std::vector<std::shared_ptr<const Run>>;  ///< each more than twice as long as the next
    std::map<TimeMs, Runs> seconds_;
};

}  // namespace salus::execution
