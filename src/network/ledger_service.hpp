#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/certificate.hpp"
#include "model/evidence.hpp"
#include "model/genesis.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"
#include "model/state_tree.hpp"

/// What the API and the application ask of the ledger; `node` implements it over consensus, execution and store.
namespace salus::network {

/// What became of a submitted transaction.
struct Submitted {
    TxId id;
    Height height = 0;
    std::uint32_t index = 0;  ///< in the block
    TimeMs time_ms = 0;       ///< of the block
    Receipt receipt;          ///< its code may be a refusal
};

/// One consistent, durable and certified version of the ledger. Cheap; holds a storage snapshot while it lives.
class LedgerView : public StateReader, public TreeReader {
public:
    [[nodiscard]] virtual const BlockHeader& header() const = 0;  ///< height 0: the genesis state, no certificate
    [[nodiscard]] virtual const std::optional<Certificate>& certificate() const = 0;
    /// The log of `owner` under that contract (records: leaves; audit: roots), as of this version.
    [[nodiscard]] virtual std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const = 0;
    /// The hashes of blocks 1..height.
    [[nodiscard]] virtual std::unique_ptr<LogReader> history() const = 0;
};

struct TransactionPlace {
    Height height = 0;
    std::uint32_t index = 0;
};

struct LedgerStatus {
    Height height = 0;
    Era era = 0;
    TimeMs block_time_ms = 0;
    TimeMs node_time_ms = 0;
    std::size_t queued = 0;
    std::string problem;  ///< why the node is not ready; empty where it is
};

class LedgerService {
public:
    virtual ~LedgerService() = default;

    using Answer = std::vector<Result<Submitted>>;
    /// Takes all of `transactions` (SignedTransaction bytes) in order, or none: then kBusy at once. `done` is called
    /// once, on any thread, after the last of them is shown or refused: malformed and inadmissible ones carry that
    /// error; a known id answers the receipt it has. Errors: kBusy
    virtual Status submit(std::vector<Bytes> transactions, std::function<void(Answer)> done) = 0;

    [[nodiscard]] virtual std::shared_ptr<const LedgerView> view() const = 0;
    /// As of an earlier block. Errors: kNotFound above the tip, kGone where its version is no longer kept
    [[nodiscard]] virtual Result<std::shared_ptr<const LedgerView>> view_at(Height height) const = 0;

    [[nodiscard]] virtual Result<Block> block(Height height) const = 0;
    /// Without the block's content where the ledger can.
    [[nodiscard]] virtual Result<BlockHeader> header(Height height) const {
        SALUS_TRY(auto whole, block(height));
        return std::move(whole.header);
    }
    [[nodiscard]] virtual Result<std::optional<Certificate>> certificate(Height height) const = 0;
    [[nodiscard]] virtual Result<std::optional<TransactionPlace>> find(const TxId& id) const = 0;
    [[nodiscard]] virtual const Genesis& genesis() const = 0;
    [[nodiscard]] virtual const Bytes& genesis_bytes() const = 0;
    [[nodiscard]] virtual std::vector<EraRecord> eras() const = 0;
    /// The state that an era after the first was judged by, proven under its parent's root. Errors: kNotFound
    [[nodiscard]] virtual Result<std::vector<ProvenState>> era_states(Era era) const {
        return fail(ErrorCode::kNotFound, "no state is kept of era " + std::to_string(era));
    }
    /// Of an era of CometBFT: the certificates of blocks below `height` that are by other validators than those before,
    /// ascending. Errors: those of certificate
    [[nodiscard]] virtual Result<std::vector<CometBftCertificate>> validator_changes(Era /*era*/,
                                                                                     Height /*height*/) const {
        return std::vector<CometBftCertificate>{};
    }
    [[nodiscard]] virtual LedgerStatus status() const = 0;
    /// max(block time, node clock): by which data is released.
    [[nodiscard]] virtual TimeMs decision_time_ms() const = 0;

    /// Calls `listener` after each durable block, in order, from one thread; it returns quickly. Never unregistered
    /// while the service lives.
    virtual void on_block(std::function<void(const Block&)> listener) = 0;
};

}  // namespace salus::network
