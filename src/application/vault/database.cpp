#include "application/vault/database.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "application/vault/commit_count.hpp"
#include "application/vault/connection.hpp"

/// Invariants
/// - at most one thread leads; only the leader touches the writer connection
/// - a function's changes are in the file when its caller is told so; they may be there though he was told otherwise
///   where the outcome was in doubt, and only there
/// - once the outcome of a sync is in doubt (`failed_`), nothing more is written, and nobody told who has not been
namespace salus::application {
namespace {

/// Runs code of our callers under the promise of an answer: a throw must not leave the others waiting.
template <class Body, class Handle>
Status guarded(const Body& body, Handle& handle) {
    try {
        return body(handle);
    } catch (const std::exception&) {
        return fail(ErrorCode::kInternal, "a database transaction threw");
    }
}

Status check_oldest(std::string_view component, std::uint64_t seen, std::uint64_t oldest) {
    if (seen == 0 || seen >= oldest) return {};
    return fail(ErrorCode::kSchema, "the tables of " + std::string(component) + " are of version " +
                                        std::to_string(seen) + ", and what is in them is in forms that this program " +
                                        "does not read: it begins with version " + std::to_string(oldest));
}

class SqliteDatabase final : public Database {
public:
    /// Of a file that is inspected: no writer, and no count.
    SqliteDatabase(std::unique_ptr<Connection> writer, std::unique_ptr<CommitCount> count,
                   std::vector<std::unique_ptr<Connection>> readers, Process* process)
        : process_(process), writer_(std::move(writer)), count_(std::move(count)), readers_(std::move(readers)) {}

    Status migrate(std::string_view component, std::span<const std::string_view> steps, std::uint64_t oldest) override;

    void transaction_later(std::function<Status(Writing&)> body, std::function<void(const Status&)> done) override;

protected:
    Status commit(const std::function<Status(Writing&)>& body) override;
    Status snapshot(const std::function<Status(Reading&)>& body) override;

private:
    struct Waiting {
        std::function<Status(Writing&)> body;
        std::function<void(const Status&)> done;  ///< nothing: a thread waits
        Status result;
        bool finished = false;
        bool may_lead = false;  ///< a thread stands behind it
        bool leads = false;
        std::condition_variable changed;  ///< its own: to wake all for one's sake costs more than the write
    };
    using Batch = std::vector<std::shared_ptr<Waiting>>;
    void lead(std::unique_lock<std::mutex>& lock);
    void tell(const Batch& batch, std::unique_lock<std::mutex>& lock) noexcept;
    void commit_batch(const Batch& batch);
    Status commit_transaction();
    Status run_one(const Waiting& waiting);
    Status expect_version(std::string_view component, std::size_t steps, std::uint64_t oldest);

    Process* process_;                    ///< dies where `failed_`; may be none
    std::unique_ptr<Connection> writer_;  ///< none of a file that is inspected
    std::unique_ptr<CommitCount> count_;
    std::mutex write_mutex_;
    Batch queue_;
    bool leading_ = false;
    bool relief_wanted_ = false;  ///< whoever comes next is to lead, though he need not wait
    bool failed_ = false;         // of the leader

    std::mutex read_mutex_;
    std::condition_variable idle_;
    std::vector<std::unique_ptr<Connection>> readers_;
};

Status SqliteDatabase::commit(const std::function<Status(Writing&)>& body) {
    if (!writer_) return fail(ErrorCode::kIo, "the database was opened to be looked at, and cannot be changed");
    const auto mine = std::make_shared<Waiting>();
    mine->body = body;
    mine->may_lead = true;
    std::unique_lock lock(write_mutex_);
    queue_.push_back(mine);
    if (std::exchange(leading_, true)) mine->changed.wait(lock, [&] { return mine->finished || mine->leads; });
    if (!mine->finished) lead(lock);
    return mine->result;
}

void SqliteDatabase::transaction_later(std::function<Status(Writing&)> body, std::function<void(const Status&)> done) {
    if (!writer_) return done(fail(ErrorCode::kIo, "the database was opened to be looked at, and cannot be changed"));
    const auto mine = std::make_shared<Waiting>();
    mine->body = std::move(body);
    mine->done = std::move(done);
    std::unique_lock lock(write_mutex_);
    queue_.push_back(mine);
    if (!std::exchange(leading_, true)) return lead(lock);
    if (!std::exchange(relief_wanted_, false)) return;
    mine->may_lead = true;
    // Another who waits may be the one that takes over, and then commits this one too.
    mine->changed.wait(lock, [&] { return mine->finished || mine->leads; });
    if (!mine->finished) lead(lock);
}

/// Commits what has queued up, batch after batch, until nobody waits or another thread takes over: one that waits, or
/// the next that comes, so that nobody leads for ever. Pre: this thread's own is in the queue
void SqliteDatabase::lead(std::unique_lock<std::mutex>& lock) {
    while (!queue_.empty()) {
        const Batch batch = std::exchange(queue_, {});
        relief_wanted_ = true;
        lock.unlock();
        commit_batch(batch);
        tell(batch, lock);
        const auto next = std::ranges::find(queue_, true, [](const auto& waiting) { return waiting->may_lead; });
        if (next == queue_.end()) continue;
        relief_wanted_ = false;
        (*next)->leads = true;
        (*next)->changed.notify_one();
        return;
    }
    relief_wanted_ = false;
    leading_ = false;
}

/// Takes `lock`: whoever waits and is told may leave, and takes what tells him along.
void SqliteDatabase::tell(const Batch& batch, std::unique_lock<std::mutex>& lock) noexcept {
    for (const auto& waiting : batch)
        if (waiting->done) std::exchange(waiting->done, nullptr)(waiting->result);
    lock.lock();
    for (const auto& waiting : batch) {
        waiting->finished = true;
        if (waiting->may_lead) waiting->changed.notify_one();
    }
}

void SqliteDatabase::commit_batch(const Batch& batch) {
    Status status =
        failed_ ? Status(fail(ErrorCode::kIo, "the database failed before and takes no more writes; restart the node"))
                : writer_->control("BEGIN IMMEDIATE");
    if (status) {
        for (const auto& waiting : batch) waiting->result = run_one(*waiting);
        const bool changes = std::ranges::any_of(batch, [](const auto& one) { return one->result.has_value(); });
        status = changes && writer_->in_transaction() ? commit_transaction() : writer_->commit(failed_);
    }
    if (failed_ && process_ != nullptr) process_->die(status.error().to_string());
    for (const auto& waiting : batch)
        if (!status && waiting->result) waiting->result = status;
}

/// Commits what was changed, and its number with it. Pre: in a transaction
Status SqliteDatabase::commit_transaction() {
    if (const Status counted = CommitCount::add(*writer_); !counted) {
        if (writer_->in_transaction() && !writer_->control("ROLLBACK")) failed_ = true;
        return counted;
    }
    SALUS_TRY_STATUS(writer_->commit(failed_));
    Status marked = count_->mark();
    if (!marked) failed_ = true;  // committed, but whoever waits is told otherwise: nothing may follow it
    return marked;
}

Status SqliteDatabase::run_one(const Waiting& waiting) {
    Writing& writing = *writer_;
    // Outside a transaction the savepoint would be one of its own, which its end commits.
    if (!writer_->in_transaction())
        return fail(ErrorCode::kIo, "the database gave up the transaction that this one was part of");
    SALUS_TRY_STATUS(writer_->control("SAVEPOINT one"));
    Status result = guarded(waiting.body, writing);
    // Where undoing fails, SQLite has rolled back the whole transaction; COMMIT will say so.
    if (!result) SALUS_TRY_STATUS(writer_->control("ROLLBACK TO one"));
    SALUS_TRY_STATUS(writer_->control("RELEASE one"));
    return result;
}

Status SqliteDatabase::snapshot(const std::function<Status(Reading&)>& body) {
    std::unique_ptr<Connection> reader;
    {
        std::unique_lock lock(read_mutex_);
        idle_.wait(lock, [&] { return !readers_.empty(); });
        reader = std::move(readers_.back());
        readers_.pop_back();
    }
    Status status = reader->control("BEGIN");
    if (status) {
        status = guarded(body, *reader);
        Status ended = reader->control("ROLLBACK");
        if (status) status = ended;
    }
    {
        std::unique_lock lock(read_mutex_);
        readers_.push_back(std::move(reader));
    }
    idle_.notify_one();
    return status;
}

Status SqliteDatabase::expect_version(std::string_view component, std::size_t steps, std::uint64_t oldest) {
    SALUS_TRY(const auto seen, read([&](Reading& reading) {
                  return reading.query_value<std::uint64_t>(
                      "SELECT version FROM schema_versions WHERE component = :component", component);
              }));
    if (seen == steps) return {};
    SALUS_TRY_STATUS(check_oldest(component, seen.value_or(0), oldest));
    return fail(ErrorCode::kSchema, "the tables of " + std::string(component) + " are of version " +
                                        std::to_string(seen.value_or(0)) + "; this program looks at " +
                                        std::to_string(steps) + ": a start of the node brings them there");
}

Status SqliteDatabase::migrate(std::string_view component, std::span<const std::string_view> steps,
                               std::uint64_t oldest) {
    if (!writer_) return expect_version(component, steps.size(), oldest);
    return commit([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run(
            "CREATE TABLE IF NOT EXISTS schema_versions (component TEXT PRIMARY KEY, version BIGINT NOT NULL)"));
        SALUS_TRY(const auto stored,
                  writing.query_value<std::uint64_t>("SELECT version FROM schema_versions WHERE component = :component",
                                                     component));
        const std::uint64_t seen = stored.value_or(0);
        if (seen > steps.size())
            return fail(ErrorCode::kSchema, "the tables of " + std::string(component) + " are of version " +
                                                std::to_string(seen) + "; this program knows " +
                                                std::to_string(steps.size()));
        SALUS_TRY_STATUS(check_oldest(component, seen, oldest));
        for (std::string_view step : steps.subspan(seen)) {
            while (!step.empty()) {
                const std::size_t end = std::min(step.find(';'), step.size());
                const std::string_view statement = step.substr(0, end);
                step.remove_prefix(std::min(end + 1, step.size()));
                if (statement.find_first_not_of(" \n\t") == std::string_view::npos) continue;
                SALUS_TRY_STATUS(writing.run(statement));
            }
        }
        SALUS_TRY_STATUS(writing.run("DELETE FROM schema_versions WHERE component = :component", component));
        SALUS_TRY_STATUS(writing.run("INSERT INTO schema_versions (component, version) VALUES (:component, :version)",
                                     component, std::uint64_t{steps.size()}));
        return {};
    });
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, std::size_t readers,
                                                 Process* process) {
    // First: whoever opens it to write begins the log anew, and what is damaged is to be looked at.
    SALUS_TRY(const std::uint64_t synced, CommitCount::synced(file));
    if (synced > 0) SALUS_TRY_STATUS(inspect(file));
    SALUS_TRY(auto writer, Connection::open(file, Connection::Mode::kWrite));
    SALUS_TRY(auto count, CommitCount::open(file, *writer));
    std::vector<std::unique_ptr<Connection>> pool;
    for (std::size_t i = 0; i < std::max<std::size_t>(readers, 1); ++i) {
        SALUS_TRY(auto reader, Connection::open(file, Connection::Mode::kRead));
        pool.push_back(std::move(reader));
    }
    return std::unique_ptr<Database>(
        std::make_unique<SqliteDatabase>(std::move(writer), std::move(count), std::move(pool), process));
}

Result<std::unique_ptr<Database>> Database::inspect(const std::filesystem::path& file) {
    std::vector<std::unique_ptr<Connection>> one;
    SALUS_TRY(auto reader, Connection::open(file, Connection::Mode::kInspect));
    SALUS_TRY_STATUS(CommitCount::check(file, *reader));
    one.push_back(std::move(reader));
    return std::unique_ptr<Database>(std::make_unique<SqliteDatabase>(nullptr, nullptr, std::move(one), nullptr));
}

}  // namespace salus::application
