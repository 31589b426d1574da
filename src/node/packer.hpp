#pragma once

#include <deque>
#include <map>

#include "model/transaction.hpp"

namespace salus::node {

/// Transactions that wait for an envelope: each organisation has a queue of its own, and envelopes take from them in
/// turn, so that one that floods delays itself. The order of one organisation's transactions stays.
class Packer {
public:
    explicit Packer(std::size_t envelope_bytes_max = kEnvelopeBytesMax) : bytes_max_(envelope_bytes_max) {}

    void add(const AccountId& organisation, Bytes transaction);
    [[nodiscard]] bool empty() const noexcept { return queues_.empty(); }
    /// The next envelope, unsigned: one transaction of each in turn, as many as fit. Pre: not empty
    [[nodiscard]] Envelope next();

private:
    const std::size_t bytes_max_;
    std::map<AccountId, std::deque<Bytes>> queues_;  ///< none is empty
    AccountId turn_;                                 ///< whose turn it is, or that of the next above
    std::uint64_t sequence_ = 0;
};

}  // namespace salus::node
