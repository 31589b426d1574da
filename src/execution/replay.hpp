#pragma once

#include <functional>

#include "execution/engine.hpp"
#include "execution/memory_state.hpp"
#include "execution/verdict_cache.hpp"
#include "model/export.hpp"
#include "model/genesis.hpp"

namespace salus::execution {

/// Executes a chain again from its genesis, in memory, and compares every block with what comes out, byte for byte. It
/// shows that the rules were kept; who vouches for the chain is a matter of certificates. What a block does not hold
/// cannot be judged again: which envelopes carried it (so no quota), what was left out, and who proposed it.
class ChainReplay {
public:
    /// Errors: those of parse_genesis
    static Result<ChainReplay> from_genesis(ByteView genesis);

    /// Verifies the signatures of the next block and executes it. After an error the replay stands where it stood.
    /// `opens_era`: the record where the block opens an era; how it follows is check_era's matter.
    /// Errors: kProofInvalid, naming block and field that differs first; kCorrupt where the state cannot be read
    Status apply(const Block& block, Executor& executor, const std::optional<EraRecord>& opens_era = std::nullopt);
    /// The same for a block whose signatures are verified. Pre: `transactions` are those of `block`, decoded
    Status apply(const Block& block, std::vector<Transaction> transactions,
                 const std::optional<EraRecord>& opens_era = std::nullopt);

    [[nodiscard]] const BlockHeader& header() const noexcept { return header_; }  ///< height 0 at first
    [[nodiscard]] const Hash& hash() const noexcept { return hash_; }
    [[nodiscard]] const NetworkId& network_id() const noexcept { return network_id_; }
    [[nodiscard]] const MemoryState& state() const noexcept { return state_; }
    [[nodiscard]] const LogFrontier& history() const noexcept { return history_; }

private:
    ChainReplay() = default;
    Result<BlockResult> execute_again(const Block& block, std::vector<Transaction> transactions,
                                      const std::optional<EraRecord>& record) const;

    NetworkId network_id_;
    BlockHeader header_;
    Hash hash_{};
    LogFrontier history_;
    MemoryState state_;
    ReplaySet replay_;
};

/// Reads an exported chain to its end, executes it, and counts the members' signatures under each later era. `seen` is
/// shown each block that was good (its decoded transactions are spent), and may refuse it. The replay stands at the
/// chain's tip. Errors: those of ExportReader::next, ChainReplay::apply, check_era and `seen`
Result<ChainReplay> replay_export(ExportReader& reader, const std::function<Status(const ExportedBlock&)>& seen);

}  // namespace salus::execution
