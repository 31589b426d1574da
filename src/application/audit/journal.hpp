#pragma once

#include <atomic>
#include <memory>

#include "application/audit/audit_record.hpp"
#include "application/house.hpp"
#include "base/mutex.hpp"

namespace salus::application {

/// What an interval's leaf was made of.
struct AuditRoot {
    std::uint64_t interval = 0;  ///< begins at this time, in ms
    ByteArray<16> salt{};
    Hash events_root{};
    std::uint64_t first = 0;  ///< number of its first event
    std::uint64_t count = 0;
    Hash leaf{};
    std::optional<std::uint64_t> log_index;  ///< in the organisation's audit log; nothing until it is filed
};

/// One event under its root, for whoever may know the event.
struct AuditProof {
    AuditRecord record;
    AuditRoot root;
    std::vector<Hash> path;  ///< in the interval's tree
};

struct AuditQuery {
    std::optional<SubjectId> subject;
    TimeMs from_ms = 0;
    TimeMs until_ms = 0;               ///< 0: open
    std::vector<AuditAction> actions;  ///< empty: all
    std::uint64_t before = 0;          ///< numbers below it; 0: from the newest
    std::size_t count = 50;
};

/// A part of what a query asks for.
struct JournalPage {
    std::vector<AuditRecord> records;   ///< newest first
    std::uint64_t total = 0;            ///< of the whole query, whatever `before` and `count`
    std::optional<std::uint64_t> next;  ///< `before` of the page that follows; nothing on the last
};

/// An organisation's audit: every access, encrypted, durable before its answer; requests that come together share a
/// sync (the database commits its writers in groups). Each interval, busy or idle, becomes one leaf on the chain.
///
/// Invariants: numbers count from 1 without a gap; an event stands under exactly one root; roots are filed one at a
/// time.
class Journal final : public AuditSink {
public:
    struct Parts {
        Database& database;
        Vault& vault;  ///< its keys and its tokens
        Outbox& outbox;
        network::LedgerService& ledger;
        Random& random;
    };
    /// Registers with the outbox. Errors: kSchema, kIo
    static Result<std::unique_ptr<Journal>> open(const Parts& parts);

    Status record(const AuditEntry& entry) override;
    /// Those that come while others are being written wait together, whatever requests they are of, and are written in
    /// one go.
    void record_then(std::vector<AuditEntry> entries, std::function<void(const Status&)> recorded) override;

    /// Closes the interval that has passed, if any and if the root before it is decided: the one leaf then covers all
    /// since. Call it each second or so. At a start it files at once.
    Status tick();

    /// Newest first. Errors: kIo, kCorrupt
    Result<std::vector<AuditRecord>> list(const AuditQuery& query) const;
    Result<JournalPage> page(AuditQuery query) const;
    /// Errors: kNotFound; kUnavailable where its interval is not on the chain yet
    Result<AuditProof> prove(std::uint64_t number) const;

    /// The length of an interval now, as the members decided.
    [[nodiscard]] TimeMs interval_ms() const noexcept { return interval_ms_; }

private:
    /// What is not of its number and time.
    struct Prepared {
        AuditEntry entry;
        ByteArray<16> salt;
        std::vector<SearchToken> subjects;
    };
    struct Recording {
        std::vector<Prepared> entries;
        std::function<void(const Status&)> recorded;
    };
    explicit Journal(const Parts& parts) : parts_(parts) {}
    Status settle(Writing& writing, const Bytes& reference, const Settled& settled);
    Result<std::uint64_t> find_in_log(const Hash& leaf) const;
    Status read_interval();
    [[nodiscard]] SearchToken subject_token(const SubjectId& subject) const;
    [[nodiscard]] Prepared prepare(AuditEntry entry) const;
    Status write(Writing& writing, std::span<const Prepared* const> entries) const;
    Status write_waiting(Writing& writing, std::vector<Recording>& taken);
    Result<AuditRecord> open_record(std::uint64_t number, ByteView sealed) const;

    Parts parts_;
    std::atomic<TimeMs> interval_ms_{0};
    Guarded<std::vector<Recording>> waiting_;  ///< whoever finds it empty has it written
};

}  // namespace salus::application
