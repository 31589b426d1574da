#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "application/outbox/outbox.hpp"
#include "application/vault/vault.hpp"

/// The only way into the vault: pending, sent, anchored. Source: ARCHITECTURE.md, "The walk of a write"
namespace salus::application {

/// A version to be stored. Its body is final: what the leaf's digest is over.
struct NewVersion {
    std::string type;
    std::string id;
    std::uint64_t version = 1;  ///< the next one of that resource
    SubjectId subject;          ///< known, or among the write's new subjects
    RecordOp op = RecordOp::kCreate;
    TimeMs written_ms = 0;
    Hash origin{};
    Bytes body;
    std::vector<SearchToken> tokens;
};
/// A patient registered by this write. The KEK was made before.
struct NewSubject {
    SubjectId id;
    std::string patient_id;
};

/// What stands wholly or not at all.
struct Write {
    std::vector<NewSubject> subjects;
    std::vector<NewVersion> versions;
    std::string request_id;  ///< of a client that may repeat itself; empty: none
    Bytes request_answer;    ///< kept under it: what the repetition is answered (no patient data)
    Hash request_digest{};   ///< of what was asked: another request under that id is a conflict
};

/// Where a write came to stand.
struct Placed {
    Height height = 0;
    TimeMs time_ms = 0;
};

struct RememberedRequest {
    Hash digest{};
    Bytes answer;
};

/// The custodian's appends, in order: all writes that are waiting go into the next one, mixed and padded. Thread-safe;
/// works on its callers' threads. While the chain stands still, what is in the append under way waits with it; others
/// are turned away.
class Anchor {
public:
    virtual ~Anchor() = default;

    /// `vault` and `outbox` of one organisation. Registers with `outbox`.
    /// `patience`: for an append of others to end before one's own begins.
    static Result<std::unique_ptr<Anchor>> open(Vault& vault, Outbox& outbox, network::LedgerService& ledger,
                                                Random& random,
                                                std::chrono::milliseconds patience = std::chrono::seconds(20));

    /// Stores each write and returns once each is anchored, or undone with its own error.
    /// Pre: the caller holds the claims (claims.hpp) of what these writes were judged by
    /// Errors: kTooLarge, naming the limit; that of the contract; kTimeout where it expired; kUnavailable while
    /// stopping; kBusy, and nothing stored, where the append before it does not end; kIo
    virtual std::vector<Result<Placed>> write(std::vector<Write> writes) = 0;
    Result<Placed> write_one(Write write);

    /// What an anchored write was answered under this request id.
    virtual Result<std::optional<RememberedRequest>> remembered(std::string_view request_id) = 0;

    /// Compares the vault's log with the chain's, after the outbox's own repair. A chain that is ahead (a restored
    /// backup): its leaves are noted as unknown and the incarnation is raised, so that no salt is used twice. Errors:
    /// kRolledBack where the chain is behind or beside the vault; kIo
    virtual Status repair() = 0;
};

}  // namespace salus::application
