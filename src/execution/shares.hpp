#pragma once

#include <map>
#include <set>
#include <vector>

#include "base/strong_types.hpp"
#include "model/limits.hpp"
#include "model/state.hpp"

/// Who pays for the bytes of a transaction in a block: one that floods delays itself. Source: docs/protocol.md,
/// "Transaction"
namespace salus::execution {

/// An organisation's part of the block, or the small part of what its envelopes bring of others.
struct Share {
    AccountId organisation;
    bool of_others = false;
    auto operator<=>(const Share&) const = default;
};

/// Bytes of SignedTransactions.
using Load = std::map<Share, std::uint64_t>;

/// One transaction of an envelope, as it counts.
struct Item {
    TxId id;
    Share share;
    std::uint64_t bytes = 0;
};

/// What an envelope asks of a block.
struct Asking {
    AccountId carrier;
    std::vector<Item> items;
};

/// How much of one block is used by whom.
class Shares {
public:
    explicit Shares(std::uint64_t member_bytes) : member_bytes_(member_bytes) {}
    /// By the parameter in force. Errors: those of the reader
    static Result<Shares> of(const StateReader& state);

    [[nodiscard]] std::uint64_t limit(const Share& share) const noexcept {
        return share.of_others ? kObjectBytesPerBlock : member_bytes_;
    }
    /// False where that would exceed the share, and from then on: what follows must not overtake it.
    bool take(const Share& share, std::size_t bytes);
    /// All, or nothing and false where a share in it is in use and would be exceeded: what asks too much by itself may
    /// come first, or it would wait for ever.
    bool take(const Load& load);

private:
    struct Used {
        std::uint64_t bytes = 0;
        bool full = false;
    };
    std::uint64_t member_bytes_;
    std::map<Share, Used> used_;
};

/// A proposer's choice among the envelopes that wait, in their order. What is copied by other carriers, or twice into
/// one envelope, counts once, as in the block: else whoever copies would use up another's share. Of one carrier's
/// envelopes none overtakes another in a share, for what must follow would come first and fail. Other carriers' go on,
/// or one could hold up a share by asking for too much of it.
class Choice {
public:
    explicit Choice(Shares shares) : shares_(std::move(shares)) {}
    /// All of an envelope, or nothing and false: Shares::take.
    bool take(const Asking& asking);

private:
    Shares shares_;
    std::set<TxId> taken_;
    std::set<std::pair<AccountId, Share>> passed_over_;
};

}  // namespace salus::execution
