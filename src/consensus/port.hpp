#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/strong_types.hpp"
#include "model/certificate.hpp"

/// The port between what orders envelopes (an engine) and what they mean (the ledger). The engine calls, the ledger
/// answers; `node` implements the ledger over execution and store. Source: ARCHITECTURE.md, "The walk of a transaction"
namespace salus::consensus {

/// Where the ledger durably stands.
struct Tip {
    Era era = 1;
    EngineHeight engine = 0;  ///< of the newest engine block, empty ones included
    Height height = 0;        ///< of the newest Salus block
    Hash app_hash{};     ///< the hash of that block; before the first, the era's parent hash (at first the network id)
    TimeMs time_ms = 0;  ///< of the newest engine block
};

/// An engine block: what was ordered, and when.
struct Proposal {
    EngineHeight engine = 0;
    TimeMs time_ms = 0;
    ValidatorId proposer;
    std::vector<ByteView> envelopes;
    std::vector<Fault> faults;
};

struct ValidatorUpdate {
    Signer key;
    std::uint64_t power = 0;  ///< 0 removes
};

/// Parameters of the engine that governance sets.
struct EngineParams {
    std::uint64_t block_bytes_max = 0;
    std::uint64_t app_version = 0;
};

/// What became of a proposal. The same on every node.
struct Outcome {
    Height height = 0;        ///< of the newest Salus block after it
    Hash app_hash{};          ///< its hash
    bool made_block = false;  ///< nothing remained to be put in a block: height and hash are those before
    std::vector<std::uint32_t>
        codes;  ///< one an envelope; 0 taken, 1 not (never why: binaries around an upgrade must agree)
    std::vector<ValidatorUpdate> validators;
    std::optional<EngineParams> params;
};

struct Uncertified {
    Height height = 0;
    Hash hash{};
};

/// What the chain says of a node that wants to connect, by its key's id.
enum class PeerStanding {
    kUnknown,
    kMember,   ///< of an active member
    kShutOut,  ///< of one that is active no more, or not active itself
};

/// Called by one engine. finalise and commit come from the engine's own threads, each in order: commit(n) follows
/// finalise(n); finalise(n+1) may come while commit(n) is under way, not before commit(n-1) has returned.
class Ledger {
public:
    virtual ~Ledger() = default;

    [[nodiscard]] virtual Tip tip() const = 0;
    /// Opens an era; repeatable until its first commit. Errors: kConflict where it does not continue this history;
    /// kCertificateInvalid where too few members of the state have signed it
    virtual Status begin(const EraRecord& era) = 0;
    /// Whether an envelope is worth ordering, against the last committed state. Any thread.
    [[nodiscard]] virtual Status check(ByteView envelope) const = 0;
    /// Which of `envelopes`, in which order, a proposer puts in a block of that time and of at most `bytes_max`, so
    /// that nobody's transactions ask for more than their share of it, unless one envelope alone does: it may be the
    /// first in that share. None overtakes another of its carrier in a share. May read the clock: none where it has
    /// left the block's time behind.
    [[nodiscard]] virtual std::vector<std::size_t> choose(const std::vector<ByteView>& envelopes, TimeMs time_ms,
                                                          std::size_t bytes_max) = 0;
    /// Stateless facts only: what is false now is false on every node for ever.
    [[nodiscard]] virtual bool well_formed(const Proposal& proposal) = 0;
    /// Executes. Total: any bytes, one code an envelope. In memory; nothing of it is seen before its commit.
    virtual Outcome finalise(const Proposal& proposal) = 0;
    /// Makes the oldest finalised proposal durable in one synced batch, with the certificate where the engine has it
    /// already; answers what waited for it. Does not return where the disk fails: the process ends.
    virtual Tip commit(const std::optional<Certificate>& certificate) = 0;
    /// The certificate of a committed block. Any order, repeatable. Errors: kCertificateInvalid, kNotFound
    virtual Status certified(Height height, const Certificate& certificate) = 0;
    /// The lowest durable block above `above` that no certificate vouches for yet, nor one of a later block: a
    /// certificate covers all that its block follows. It is what is to be asked for again after a crash.
    [[nodiscard]] virtual std::optional<Uncertified> uncertified(Height above) const = 0;
    /// An envelope that was taken will not be ordered: nothing in it is admissible any more. Any thread.
    virtual void given_up(const Hash& envelope) = 0;
    /// Whether a peer with this key may take part.
    [[nodiscard]] virtual bool member(const Signer& key) const = 0;
    /// The same of a peer that is known by its key's id only. Any thread.
    [[nodiscard]] virtual PeerStanding peer(const ValidatorId& id) const = 0;
};

/// How an engine says that it is full: nothing was taken.
struct Busy {
    std::chrono::milliseconds retry_after{0};
};

struct EngineStatus {
    bool running = false;
    std::size_t queued = 0;
    std::size_t queue_limit = 0;
    std::string problem;  ///< why no block is made ("clock"), empty where all is well
};

class Engine {
public:
    virtual ~Engine() = default;
    /// Begins to order. `ledger` outlives the engine's stop.
    virtual Status start(Ledger& ledger) = 0;
    /// Takes an envelope, or says when to come again. Any thread. It never drops what it took while the process lives.
    virtual Result<void, Busy> submit(Bytes envelope) = 0;
    [[nodiscard]] virtual EngineStatus status() const = 0;
    /// Afterwards no call into the ledger is under way.
    virtual void stop() = 0;
};

}  // namespace salus::consensus
