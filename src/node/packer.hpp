#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "execution/shares.hpp"
#include "model/transaction.hpp"

namespace salus::node {

/// A SignedTransaction that waits.
struct Queued {
    TxId id;
    Bytes bytes;
};

/// An envelope, unsigned, what is in it, and what it will use of whose share of a block.
struct Packed {
    Envelope envelope;
    std::vector<TxId> ids;
    execution::Load load;
};

/// Transactions that wait for an envelope. Whoever pays for them in a block has a lane of its own, and envelopes take
/// from the lanes in turn, no more from each than its share: one that floods delays itself. The lane of those for whom
/// no organisation answers takes from its senders in turn. The order of one organisation's transactions stays, and that
/// of any other sender.
class Packer {
public:
    explicit Packer(std::size_t envelope_bytes_max = kEnvelopeBytesMax) : bytes_max_(envelope_bytes_max) {}

    /// Of an organisation, or of those that answer to it.
    void add(const AccountId& organisation, Queued transaction) {
        put({organisation, false}, organisation, std::move(transaction));
    }
    /// Of a sender for whom no active organisation answers: they have one small share among them.
    void add_other(const AccountId& sender, Queued transaction) { put({{}, true}, sender, std::move(transaction)); }
    [[nodiscard]] bool empty() const noexcept { return lanes_.empty(); }

    /// Forgets those for which `waits` is false: what nobody waits for shall use up nobody's share.
    void keep(const std::function<bool(const TxId&)>& waits);

    /// The next envelope: one transaction of each lane in turn, as many as fit it, and their shares beside what is
    /// `under_way`. One that is larger than its share goes when nothing else of that share is under way. Nothing where
    /// all that waits must wait for its share.
    [[nodiscard]] std::optional<Packed> next(const execution::Shares& shares, const execution::Load& under_way);

private:
    struct Lane {
        std::map<AccountId, std::deque<Queued>> queues;  ///< none is empty
        AccountId turn;                                  ///< whose turn it is, or that of the next above
    };
    void put(const execution::Share& share, const AccountId& queue, Queued transaction);

    const std::size_t bytes_max_;
    std::map<execution::Share, Lane> lanes_;  ///< none is empty
    execution::Share turn_;                   ///< as in a lane
    std::uint64_t sequence_ = 0;
};

}  // namespace salus::node
