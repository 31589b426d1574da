#pragma once

#include <functional>
#include <set>

#include "execution/admission.hpp"
#include "execution/context.hpp"
#include "execution/engine.hpp"
#include "execution/overlay.hpp"
#include "execution/shares.hpp"

namespace salus::execution {

/// Makes one block out of transactions, one after the other. The engine feeds it from envelopes, a replay from a block.
class BlockBuilder {
public:
    /// Reads what holds for a whole block: version, window and quota. Pre: `parent` and what it points to outlive it
    static Result<BlockBuilder> begin(const Parent& parent, TimeMs time_ms, const std::optional<EraRecord>& opens_era);

    /// System transactions come before all others. False, and nothing is done, for a fault that the state knows.
    /// Pre of open_era: the builder was begun with the record
    Result<bool> open_era();
    /// Whoever it names loses its power, where the rules let it go at once.
    Result<bool> add_fault(const Fault& fault);

    /// The organisation that answers for an envelope under `key`, here in the order.
    Result<std::optional<AccountId>> carrier(const Signer& key) { return accounts_->carrier(key); }

    /// Puts `transaction` in the block, with a receipt, where it is admissible. kOk, or why it is left out.
    /// `carrier`: whose share of the block counts where no active organisation answers for the sender; nothing asks no
    /// quota (a replay does not see envelopes, and what stands in a block was within its share).
    Result<ErrorCode> add(Transaction&& transaction, const std::optional<AccountId>& carrier);

    /// The block, and all it does; without any transaction, what stood before.
    Result<BlockResult> finish(const ValidatorId& proposer);

private:
    BlockBuilder(const Parent& parent, TimeMs time_ms, std::optional<EraRecord> opens_era, Shares shares);

    [[nodiscard]] std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(block_.receipts.size()); }
    [[nodiscard]] Call governance_call() const;
    Result<bool> add_system(SystemTransaction transaction, Bytes key, const Bytes& value, Event event,
                            const std::function<Status(Context&)>& effect);
    Status tell_engine(BlockResult& result) const;
    Status execute(const Transaction& transaction, const Standing& standing);
    void record(const TxId& id, Contract contract, ErrorCode code, Events events);

    const Parent& parent_;
    std::optional<EraRecord> opens_era_;
    Shares shares_;
    // Behind pointers, for Accounts holds a reference to the state and the builder is moved out of begin().
    std::unique_ptr<BlockState> state_;
    std::unique_ptr<Accounts> accounts_;
    Block block_;
    std::vector<Hash> leaves_;  ///< of tx_root
    std::vector<LogAppend> logs_;
    std::vector<ReplaySet::Seen> taken_;
    std::set<TxId> taken_ids_;
};

}  // namespace salus::execution
