#include "application/vault/anchor.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "application/vault/append_plan.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"

/// Invariants
/// - at most one append is undecided: the vault's log, and every subject's chain, end where the chain's do or in that
/// append
/// - a write is answered good only after its append stands in a durable block and its rows count
/// - whoever leads works for all that wait; the others' threads sleep
namespace salus::application {
namespace {

constexpr std::string_view kAppendTopic = "append";
constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365);
constexpr int kAttemptsMax = 3;

class SqlAnchor final : public Anchor {
public:
    SqlAnchor(Vault& vault, Outbox& outbox, network::LedgerService& ledger, Random& random, std::uint64_t next_number,
              std::chrono::milliseconds patience)
        : vault_(vault),
          outbox_(outbox),
          ledger_(ledger),
          random_(random),
          patience_(patience),
          next_number_(next_number) {}

    std::vector<Result<Placed>> write(std::vector<Write> writes) override;
    Result<std::optional<RememberedRequest>> remembered(std::string_view request_id) override;
    Status repair() override;

    static Status settle(Writing& writing, const Bytes& reference, const Settled& settled);

private:
    Status prepare(WriteJob& job);
    void wait_for(const std::vector<std::unique_ptr<WriteJob>>& jobs);
    /// Takes back those that no append has taken. Pre: mutex_ is held
    void withdraw(const std::vector<std::unique_ptr<WriteJob>>& jobs);
    /// Takes from the queue, in order, what goes into one append. Pre: mutex_ is held
    std::vector<WriteJob*> take_batch();
    void anchor(const std::vector<WriteJob*>& jobs);
    Result<Placed> append_once(const std::vector<WriteJob*>& jobs, std::uint64_t& first_index);
    Status note_strays(const network::LedgerView& view, const LogFrontier& mine, const LogFrontier& theirs);

    Vault& vault_;
    Outbox& outbox_;
    network::LedgerService& ledger_;
    Random& random_;
    const std::chrono::milliseconds patience_;
    std::atomic<std::uint64_t> next_number_;

    std::mutex mutex_;
    std::condition_variable turn_;
    std::vector<WriteJob*> queue_;
    bool leading_ = false;
    bool stalled_ = false;  ///< somebody lost patience with the append under way
};

tl::unexpected<Error> stands_still() {
    return fail(ErrorCode::kBusy, "the append before this one waits for the chain; nothing of this was stored");
}

/// Seals the bodies and takes their numbers: all that needs no order.
Status SqlAnchor::prepare(WriteJob& job) {
    const std::string limit = broken_limit(job);
    if (!limit.empty()) return fail(ErrorCode::kTooLarge, limit);
    std::uint64_t number = next_number_.fetch_add(job.write.versions.size());
    for (const NewVersion& version : job.write.versions) {
        PreparedVersion& prepared = job.prepared.emplace_back();
        prepared.number = number++;
        prepared.digest = crypto::sha256(version.body);
        SALUS_TRY(prepared.kek,
                  vault_.keys().newest(rows::kek_kind(version.subject, vault_.organisation()), version.subject.bytes));
        prepared.sealed = rows::seal_body(
            *prepared.kek,
            rows::associated_data(vault_.organisation(), version.type, version.id, version.version, prepared.number),
            version.body, random_);
    }
    return {};
}

std::vector<Result<Placed>> SqlAnchor::write(std::vector<Write> writes) {
    if (const std::lock_guard lock(mutex_); stalled_)
        return std::vector<Result<Placed>>(writes.size(), Result<Placed>(stands_still()));
    std::vector<std::unique_ptr<WriteJob>> jobs;
    std::vector<WriteJob*> ready;
    for (Write& write : writes) {
        auto& job = *jobs.emplace_back(std::make_unique<WriteJob>(WriteJob{std::move(write), {}, {}, {}}));
        if (const Status prepared = prepare(job); !prepared)
            job.result = Result<Placed>(tl::make_unexpected(prepared.error()));
        else
            ready.push_back(&job);
    }
    {
        const std::lock_guard lock(mutex_);
        queue_.insert(queue_.end(), ready.begin(), ready.end());
    }
    wait_for(jobs);
    std::vector<Result<Placed>> results;
    for (auto& job : jobs) results.push_back(*std::move(job->result));
    return results;
}

void SqlAnchor::wait_for(const std::vector<std::unique_ptr<WriteJob>>& jobs) {
    const auto done = [&] {
        return std::all_of(jobs.begin(), jobs.end(), [](const auto& job) { return job->result.has_value(); });
    };
    std::unique_lock lock(mutex_);
    while (!done()) {
        if (leading_) {
            if (turn_.wait_for(lock, patience_) == std::cv_status::timeout && leading_) withdraw(jobs);
            continue;
        }
        leading_ = true;
        const auto batch = take_batch();
        lock.unlock();
        anchor(batch);
        lock.lock();
        for (WriteJob* job : batch) job->result = std::move(job->outcome);
        leading_ = stalled_ = false;
        turn_.notify_all();
    }
}

void SqlAnchor::withdraw(const std::vector<std::unique_ptr<WriteJob>>& jobs) {
    stalled_ = true;
    for (const auto& job : jobs) {
        const auto waiting = std::find(queue_.begin(), queue_.end(), job.get());
        if (waiting == queue_.end()) continue;
        queue_.erase(waiting);
        job->result = Result<Placed>(stands_still());
    }
}

std::vector<WriteJob*> SqlAnchor::take_batch() {
    std::vector<WriteJob*> batch;
    std::size_t leaves = 0;
    std::size_t updates = 0;
    for (WriteJob* job : queue_) {
        leaves += job->write.versions.size();
        updates += job->updates();
        if (!batch.empty() && !fits_append(leaves, updates)) break;
        batch.push_back(job);
    }
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    return batch;
}

/// Sets the jobs' outcomes; they become results, which their owners read, under the lock.
void SqlAnchor::anchor(const std::vector<WriteJob*>& jobs) {
    Result<Placed> result = fail(ErrorCode::kInternal, "");
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        std::uint64_t first_index = 0;
        result = append_once(jobs, first_index);
        const bool refused = !result && static_cast<std::uint32_t>(result.error().code) / 1000 ==
                                            static_cast<std::uint32_t>(Contract::kRecords);
        if (!refused) break;
        if (const Status repaired = repair(); !repaired) {
            result = tl::make_unexpected(repaired.error());
            break;
        }
        const auto log = vault_.log_frontier();
        if (!log || log->count == first_index) break;  // it was not the index
    }
    const bool alone_to_blame = !result && jobs.size() > 1 && result.error().code != ErrorCode::kUnavailable &&
                                result.error().code != ErrorCode::kTimeout &&
                                result.error().code != ErrorCode::kRolledBack;
    for (WriteJob* job : jobs) {
        if (alone_to_blame)
            anchor({job});
        else
            job->outcome = result;
    }
}

Result<Placed> SqlAnchor::append_once(const std::vector<WriteJob*>& jobs, std::uint64_t& first_index) {
    // One that is sent but could not be written down as decided: planned now, this one would take its place again.
    SALUS_TRY(const std::uint64_t undecided, outbox_.waiting(kAppendTopic));
    if (undecided != 0)
        return fail(ErrorCode::kUnavailable, "the append before this one is not written down yet; send it again");
    const auto view = ledger_.view();
    SALUS_TRY(auto plan, vault_.database().read([&](Reading& reading) {
        return plan_append(jobs, vault_.organisation(), reading, vault_.keys(), *view, random_);
    }));
    first_index = plan.append.first_index;
    Filing filing;
    filing.topic = kAppendTopic;
    filing.reference = to_bytes(big_endian(first_index));
    filing.contract = Contract::kRecords;
    filing.payload = codec::encode(records::Payload{plan.append});
    filing.also = [&](Writing& writing) { return store_pending(writing, jobs, plan, next_number_.load()); };
    SALUS_TRY(const auto submitted, outbox_.file_and_wait(std::move(filing), kForEver));
    return Placed{submitted.height, submitted.time_ms};
}

Status SqlAnchor::settle(Writing& writing, const Bytes& reference, const Settled& settled) {
    if (reference.size() != 8) return fail(ErrorCode::kCorrupt, "an append's entry in the outbox does not name it");
    const auto first_index = from_big_endian<std::uint64_t>(reference);
    if (settled.how != Settled::How::kFiled) return store_undone(writing, first_index);
    return store_anchored(writing, first_index, settled.submitted->height, settled.submitted->time_ms);
}

Result<std::optional<RememberedRequest>> SqlAnchor::remembered(std::string_view request_id) {
    return vault_.database().read([&](Reading& reading) -> Result<std::optional<RememberedRequest>> {
        SALUS_TRY(auto row, (reading.query_one<Hash, Bytes>(
                                "SELECT q.digest, q.answer FROM requests q JOIN appends a ON a.first_index = q.append"
                                " WHERE q.id = :id AND a.height IS NOT NULL",
                                request_id)));
        if (!row) return std::optional<RememberedRequest>{};
        return std::optional(RememberedRequest{std::get<0>(*row), std::get<1>(*std::move(row))});
    });
}

Status SqlAnchor::repair() {
    const auto view = ledger_.view();
    SALUS_TRY(const auto stored,
              read_value<records::LogState>(*view, Contract::kRecords, records::log_key(vault_.organisation())));
    const LogFrontier theirs = stored.value_or(LogFrontier{});
    SALUS_TRY(const LogFrontier mine, vault_.log_frontier());
    if (theirs.count < mine.count)
        return fail(ErrorCode::kRolledBack, "the vault holds " + std::to_string(mine.count) +
                                                " anchored leaves, the chain only " + std::to_string(theirs.count) +
                                                ": the chain was rolled back");
    if (theirs.count > mine.count) return note_strays(*view, mine, theirs);
    if (theirs.root() != mine.root())
        return fail(ErrorCode::kRolledBack, "the chain's log of this organisation is not the vault's");
    return {};
}

/// A backup was restored: the chain has leaves whose rows are lost.
Status SqlAnchor::note_strays(const network::LedgerView& view, const LogFrontier& mine, const LogFrontier& theirs) {
    const auto log = view.log(Contract::kRecords, vault_.organisation());
    LogFrontier joined = mine;
    std::vector<Hash> strays;
    for (std::uint64_t i = mine.count; i < theirs.count; ++i) {
        SALUS_TRY(const Hash leaf, log->node(0, i));
        joined.append(leaf);
        strays.push_back(leaf);
    }
    if (joined.root() != theirs.root())
        return fail(ErrorCode::kRolledBack, "the chain's log of this organisation does not continue the vault's");
    log_warning("vault", "the chain holds " + std::to_string(strays.size()) +
                             " leaves that this vault has no rows for: was a backup restored?");
    return vault_.database().transaction([&](Writing& writing) -> Status {
        for (std::size_t i = 0; i < strays.size(); ++i)
            SALUS_TRY_STATUS(writing.run("INSERT INTO strays (leaf_index, leaf) VALUES (:leaf_index, :leaf)",
                                         mine.count + i, strays[i]));
        SALUS_TRY(const std::uint64_t incarnation, rows::meta_number(writing, rows::kIncarnation));
        SALUS_TRY_STATUS(rows::set_meta(writing, rows::kIncarnation, big_endian(incarnation + 1)));
        return rows::set_meta(writing, rows::kLog, codec::encode(theirs));
    });
}

}  // namespace

Result<Placed> Anchor::write_one(Write write) {
    std::vector<Write> one;
    one.push_back(std::move(write));
    return std::move(this->write(std::move(one)).front());
}

Result<std::unique_ptr<Anchor>> Anchor::open(Vault& vault, Outbox& outbox, network::LedgerService& ledger,
                                             Random& random, std::chrono::milliseconds patience) {
    SALUS_TRY(const auto next,
              vault.database().read([](Reading& reading) { return rows::meta_number(reading, rows::kNumber); }));
    outbox.on_settled(std::string(kAppendTopic), &SqlAnchor::settle);
    return std::unique_ptr<Anchor>(std::make_unique<SqlAnchor>(vault, outbox, ledger, random, next, patience));
}

}  // namespace salus::application
