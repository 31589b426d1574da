#include "application/outbox/outbox.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "application/vault/checkpoint.hpp"
#include "base/check.hpp"
#include "base/log.hpp"
#include "model/account.hpp"

/// Invariants
/// - an entry is in the table before its bytes leave, and until its handler has run in the transaction that removes it
/// - at most one copy of an entry can still enter a block: it is signed anew only once the last one has expired
/// - an entry is under way at most once, and settled by whoever holds it: its caller or `pump`
/// - with an entry that is settled by a block, the vault's checkpoint is no lower than that block
/// - a number names one entry for as long as this process lives, also one whose transaction was undone
namespace salus::application {
namespace {

constexpr std::string_view kOutboxSteps[] = {
    "CREATE TABLE outbox (id BIGINT PRIMARY KEY, kind BIGINT NOT NULL, topic TEXT NOT NULL, reference BLOB NOT NULL,"
    " contract BIGINT NOT NULL, payload BLOB NOT NULL, transaction_id BLOB NOT NULL, bytes BLOB NOT NULL, "
    "valid_until_ms BIGINT NOT NULL)",
};
constexpr TimeMs kValidForMs = kWindowMs / 2;
constexpr std::chrono::milliseconds kPause{50};
constexpr std::chrono::milliseconds kRepairPatience{30'000};
constexpr std::chrono::milliseconds kRepairReport{2000};
/// An answer that does not come for so long may be lost: the chain is asked.
constexpr std::chrono::milliseconds kLookUpAfter{1000};

struct Entry {
    std::uint64_t id = 0;
    FilingKind kind{};
    std::string topic;
    Bytes reference;
    Contract contract{};
    Bytes payload;
    TxId transaction;
    Bytes bytes;
    TimeMs valid_until_ms = 0;
};

using Answer = Result<network::Submitted>;

/// Answers of the ledger, kept until somebody takes them. Outlives the outbox while calls are under way.
struct Mailbox {
    std::mutex mutex;
    std::condition_variable changed;
    struct Flight {
        bool held = false;  ///< by a waiting caller: `pump` leaves it alone
        bool sent = false;
        std::optional<Answer> answer;
    };
    std::map<std::uint64_t, Flight> flights;
    bool stopping = false;

    /// For an entry that may be settled by now.
    void deliver(std::uint64_t id, Answer answer) {
        const std::lock_guard lock(mutex);
        if (const auto flight = flights.find(id); flight != flights.end()) flight->second.answer = std::move(answer);
        changed.notify_all();
    }
};

/// While it lives its entry is its caller's; afterwards `pump` has it, however the caller left.
class Hold {
public:
    Hold(Mailbox& mail, std::uint64_t id) : mail_(mail), id_(id) {
        const std::lock_guard lock(mail_.mutex);
        mail_.flights[id_].held = true;
    }
    ~Hold() {
        const std::lock_guard lock(mail_.mutex);
        const auto flight = mail_.flights.find(id_);
        if (flight == mail_.flights.end()) return;
        flight->second.held = false;
        if (!flight->second.sent && !flight->second.answer) mail_.flights.erase(flight);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

private:
    Mailbox& mail_;
    std::uint64_t id_;
};

Settled settled_by(network::Submitted submitted) {
    const std::uint32_t code = submitted.receipt.code;
    if (code == 0) return {Settled::How::kFiled, {}, std::move(submitted)};
    const auto known = error_code(code).value_or(ErrorCode::kInternal);
    return {Settled::How::kRefused, Error(known, std::string(error_info(known).meaning)), std::move(submitted)};
}

/// What became of the entries that a crash left.
struct Repaired {
    std::size_t stood = 0;    ///< in a block already
    std::size_t sent = 0;     ///< in a block now
    std::size_t undone = 0;   ///< in none, for ever
    std::size_t waiting = 0;  ///< `pump` goes on

    [[nodiscard]] std::string text() const {
        return ": repaired what the last run left under way: " + std::to_string(stood) + " stood on the chain, " +
               std::to_string(sent) + " sent and stand now, " + std::to_string(undone) + " undone, " +
               std::to_string(waiting) + " still to be filed";
    }
};

class SqlOutbox final : public Outbox {
public:
    SqlOutbox(const Parts& parts, std::uint64_t next_id) : parts_(parts), next_id_(next_id) {}

    void on_settled(std::string topic, SettleHandler handler) override {
        handlers_[std::move(topic)] = std::move(handler);
    }
    Status repair() override;
    Result<network::Submitted> file_and_wait(Filing filing, std::chrono::milliseconds patience) override;
    Result<std::uint64_t> must_file(Filing filing) override;
    Result<std::uint64_t> must_file(Writing& writing, Filing filing) override;
    void pump() override;
    Result<std::uint64_t> waiting(std::string_view topic) override;
    Result<std::uint64_t> waiting(Reading& reading, std::string_view topic, const Bytes& reference) override;
    void stop() override;

private:
    Result<Entry> sign_entry(Filing& filing);
    void sign_copy(Entry& entry) const;
    static Result<std::uint64_t> store(Writing& writing, const Entry& entry);
    Result<std::vector<std::uint64_t>> ids();
    Result<std::optional<Entry>> load(std::uint64_t id);
    void send(const Entry& entry);
    /// The answer of the entry's flight, where there is one; a new flight may then begin.
    std::optional<Answer> take_answer(std::uint64_t id);
    /// Nothing while it may still go either way.
    std::optional<Settled> judge(const Entry& entry, const std::optional<Answer>& answer) const;
    std::optional<Settled> look_up(const Entry& entry) const;
    Result<std::optional<Checkpoint>> seen(const Settled& settled) const;
    Status settle(const Entry& entry, const Settled& settled);
    Status sign_anew(Entry& entry);
    Status step(Entry& entry, std::optional<Settled::How>& ended);
    [[nodiscard]] bool signed_with_others(const Entry& entry) const;
    bool under_way(std::uint64_t id);
    void await(std::uint64_t id, std::chrono::milliseconds& patience, std::chrono::milliseconds at_most);
    void pause(std::chrono::milliseconds& patience);
    bool stopping();

    const Parts parts_;
    std::map<std::string, SettleHandler> handlers_;
    std::shared_ptr<Mailbox> mail_ = std::make_shared<Mailbox>();
    std::mutex pumping_;
    std::atomic<std::uint64_t> next_id_;
};

void SqlOutbox::sign_copy(Entry& entry) const {
    TransactionBody body;
    body.network_id = parts_.ledger.genesis().network_id();
    body.sender = {AccountKind::kOrganisation, parts_.organisation};
    body.valid_until_ms = entry.valid_until_ms;
    body.nonce = parts_.random.bytes<8>();
    body.contract = entry.contract;
    body.payload = entry.payload;
    Transaction transaction = sign(std::move(body), {&parts_.key});
    entry.transaction = transaction.id;
    entry.bytes = std::move(transaction.bytes);
}

Result<Entry> SqlOutbox::sign_entry(Filing& filing) {
    SALUS_CHECK(handlers_.contains(filing.topic));
    const TimeMs now = parts_.ledger.decision_time_ms();
    Entry entry{next_id_.fetch_add(1),
                filing.kind,
                filing.topic,
                std::move(filing.reference),
                filing.contract,
                std::move(filing.payload),
                {},
                {},
                now + kValidForMs};
    const auto over = [] { return fail(ErrorCode::kTimeout, "it would have expired before it was sent"); };
    if (filing.presigned) {
        SALUS_CHECK(filing.kind == FilingKind::kWrite);
        entry.contract = filing.presigned->body.contract;
        entry.payload = filing.presigned->body.payload;
        entry.transaction = filing.presigned->id;
        entry.bytes = filing.presigned->bytes;
        entry.valid_until_ms = filing.presigned->body.valid_until_ms;
        if (entry.valid_until_ms <= now) return over();
        if (entry.valid_until_ms > now + kWindowMs)
            return fail(ErrorCode::kInadmissibleFuture, "it is valid for longer than the window");
        return entry;
    }
    if (filing.valid_until_ms != 0) entry.valid_until_ms = std::min(entry.valid_until_ms, filing.valid_until_ms);
    if (entry.valid_until_ms <= now) return over();
    sign_copy(entry);
    if (entry.bytes.size() > kTransactionBytesMax)
        return fail(ErrorCode::kTooLarge,
                    "a transaction holds at most " + std::to_string(kTransactionBytesMax) + " bytes");
    return entry;
}

Result<std::uint64_t> SqlOutbox::store(Writing& writing, const Entry& entry) {
    SALUS_TRY_STATUS(
        writing.run("INSERT INTO outbox (id, kind, topic, reference, contract, payload, transaction_id, bytes, "
                    "valid_until_ms) VALUES"
                    " (:id, :kind, :topic, :reference, :contract, :payload, :transaction, :bytes, :valid_until)",
                    entry.id, entry.kind, entry.topic, entry.reference, entry.contract, entry.payload,
                    entry.transaction, entry.bytes, entry.valid_until_ms));
    return entry.id;
}

Result<std::vector<std::uint64_t>> SqlOutbox::ids() {
    SALUS_TRY(const auto rows, parts_.vault.read([](Reading& reading) {
        return reading.query<std::uint64_t>("SELECT id FROM outbox ORDER BY id");
    }));
    std::vector<std::uint64_t> out;
    for (const auto& [id] : rows) out.push_back(id);
    return out;
}

Result<std::optional<Entry>> SqlOutbox::load(std::uint64_t id) {
    SALUS_TRY(auto row, parts_.vault.read([&](Reading& reading) {
        return reading.query_one<FilingKind, std::string, Bytes, Contract, Bytes, TxId, Bytes, TimeMs>(
            "SELECT kind, topic, reference, contract, payload, transaction_id, bytes, valid_until_ms FROM outbox WHERE "
            "id = :id",
            id);
    }));
    if (!row) return std::optional<Entry>{};
    auto& [kind, topic, reference, contract, payload, transaction, bytes, valid_until_ms] = *row;
    return std::optional(Entry{id, kind, std::move(topic), std::move(reference), contract, std::move(payload),
                               transaction, std::move(bytes), valid_until_ms});
}

void SqlOutbox::send(const Entry& entry) {
    {
        const std::lock_guard lock(mail_->mutex);
        mail_->flights[entry.id].sent = true;
    }
    const Status taken =
        parts_.ledger.submit({entry.bytes}, [mail = mail_, id = entry.id](network::LedgerService::Answer answers) {
            mail->deliver(id, answers.empty() ? Answer(fail(ErrorCode::kUnavailable, "the ledger did not answer"))
                                              : std::move(answers.front()));
        });
    if (!taken) mail_->deliver(entry.id, tl::make_unexpected(taken.error()));
}

std::optional<Answer> SqlOutbox::take_answer(std::uint64_t id) {
    const std::lock_guard lock(mail_->mutex);
    auto& flight = mail_->flights[id];
    auto answer = std::exchange(flight.answer, std::nullopt);
    if (answer) flight.sent = false;
    return answer;
}

std::optional<Settled> SqlOutbox::look_up(const Entry& entry) const {
    // The view first: what is not found afterwards and was valid only before it can never be found.
    const auto view = parts_.ledger.view();
    const auto place = parts_.ledger.find(entry.transaction);
    if (!place) return std::nullopt;
    if (!*place) {
        if (view->header().time_ms < entry.valid_until_ms) return std::nullopt;
        return Settled{Settled::How::kExpired,
                       Error(ErrorCode::kTimeout, "the chain did not take it in time; nothing was stored"),
                       {}};
    }
    const auto block = parts_.ledger.block((*place)->height);
    if (!block) return std::nullopt;
    for (const Receipt& receipt : block->receipts)
        if (receipt.id == entry.transaction)
            return settled_by({entry.transaction, (*place)->height, (*place)->index, block->header.time_ms, receipt});
    return std::nullopt;
}

std::optional<Settled> SqlOutbox::judge(const Entry& entry, const std::optional<Answer>& answer) const {
    if (answer && *answer) return settled_by(**answer);
    if (auto found = look_up(entry)) return found;
    if (!answer) return std::nullopt;
    const auto number = static_cast<std::uint32_t>(answer->error().code);
    const bool malformed = number >= 100 && number < 200;
    // A suspended organisation's duties wait until it is reinstated; its writes do not.
    const bool unknown_sender =
        answer->error().code == ErrorCode::kInadmissibleSender && entry.kind == FilingKind::kWrite;
    // Its end is another's choice: it would be tried until then, and no start would succeed before.
    const bool too_far = answer->error().code == ErrorCode::kInadmissibleFuture && signed_with_others(entry);
    if (malformed || unknown_sender || too_far) return Settled{Settled::How::kRefused, answer->error(), {}};
    return std::nullopt;
}

bool SqlOutbox::signed_with_others(const Entry& entry) const {
    const auto transaction = parse_transaction(entry.bytes, parts_.ledger.genesis().network_id());
    return !transaction || transaction->body.signers.size() > 1;
}

/// The newest block that this node shows; nothing before the first.
Result<std::optional<Checkpoint>> SqlOutbox::seen(const Settled& settled) const {
    const auto view = parts_.ledger.view();
    BlockHeader header = view->header();
    auto certificate = view->certificate();
    if (settled.submitted && settled.submitted->height > header.height) {  // its answer came before the view moved on
        SALUS_TRY(header, parts_.ledger.header(settled.submitted->height));
        SALUS_TRY(certificate, parts_.ledger.certificate(settled.submitted->height));
    }
    if (!certificate) return std::optional<Checkpoint>{};
    return std::optional(
        Checkpoint{header.network_id, header.era, header.height, header.hash(), *std::move(certificate)});
}

Status SqlOutbox::settle(const Entry& entry, const Settled& settled) {
    const auto handler = handlers_.find(entry.topic);
    if (handler == handlers_.end())
        return fail(ErrorCode::kSchema,
                    "the outbox has an entry of a topic that this program does not know: " + entry.topic);
    SALUS_TRY(const auto checkpoint, seen(settled));
    const Status status = parts_.vault.transaction([&](Writing& writing) -> Status {
        if (checkpoint) SALUS_TRY_STATUS(keep_checkpoint(writing, *checkpoint));
        SALUS_TRY(const std::uint64_t removed,
                  writing.run("DELETE FROM outbox WHERE id = :id AND transaction_id = :transaction", entry.id,
                              entry.transaction));
        if (removed == 0) return {};
        return handler->second(writing, entry.reference, settled);
    });
    if (!status) return status;
    const std::lock_guard lock(mail_->mutex);
    mail_->flights.erase(entry.id);
    return {};
}

Status SqlOutbox::sign_anew(Entry& entry) {
    entry.valid_until_ms = parts_.ledger.decision_time_ms() + kValidForMs;
    sign_copy(entry);
    const auto updated = parts_.vault.transaction([&](Writing& writing) {
        return writing.run(
            "UPDATE outbox SET transaction_id = :transaction, bytes = :bytes, valid_until_ms = :valid_until WHERE id = "
            ":id",
            entry.transaction, entry.bytes, entry.valid_until_ms, entry.id);
    });
    if (!updated) return tl::make_unexpected(updated.error());
    return {};
}

/// One look at an entry that is not under way: settles it, signs it anew, or leaves it as it is.
Status SqlOutbox::step(Entry& entry, std::optional<Settled::How>& ended) {
    ended.reset();
    const auto settled = judge(entry, take_answer(entry.id));
    if (!settled) return {};
    if (settled->how == Settled::How::kExpired && entry.kind == FilingKind::kMustFile) return sign_anew(entry);
    SALUS_TRY_STATUS(settle(entry, *settled));
    ended = settled->how;
    return {};
}

void SqlOutbox::stop() {
    const std::lock_guard lock(mail_->mutex);
    mail_->stopping = true;
    mail_->changed.notify_all();
}

bool SqlOutbox::stopping() {
    const std::lock_guard lock(mail_->mutex);
    return mail_->stopping;
}

void SqlOutbox::pause(std::chrono::milliseconds& patience) {
    std::unique_lock lock(mail_->mutex);
    mail_->changed.wait_for(lock, kPause, [&] { return mail_->stopping; });
    patience -= kPause;
}

bool SqlOutbox::under_way(std::uint64_t id) {
    const std::lock_guard lock(mail_->mutex);
    const auto& flight = mail_->flights[id];
    return flight.sent && !flight.answer;
}

/// Waits for the answer of the entry's flight, while `patience` lasts, which loses the time, and no longer than
/// `at_most`.
void SqlOutbox::await(std::uint64_t id, std::chrono::milliseconds& patience, std::chrono::milliseconds at_most) {
    std::unique_lock lock(mail_->mutex);
    const auto ready = [&] { return mail_->stopping || mail_->flights[id].answer.has_value(); };
    for (auto left = std::min(patience, at_most); left.count() > 0 && !ready(); left -= kPause)
        if (!mail_->changed.wait_for(lock, kPause, ready)) patience -= kPause;
}

Result<network::Submitted> SqlOutbox::file_and_wait(Filing filing, std::chrono::milliseconds patience) {
    if (stopping()) return fail(ErrorCode::kUnavailable, "the node is stopping");
    const auto also = std::move(filing.also);
    SALUS_TRY(Entry entry, sign_entry(filing));
    const Hold hold(*mail_, entry.id);
    const Status stored = parts_.vault.transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(store(writing, entry));
        return also ? also(writing) : Status{};
    });
    SALUS_TRY_STATUS(stored);
    while (patience.count() > 0 && !stopping()) {
        if (!under_way(entry.id)) send(entry);
        await(entry.id, patience, kLookUpAfter);
        const auto settled = judge(entry, take_answer(entry.id));
        if (settled && (settled->how != Settled::How::kExpired || entry.kind == FilingKind::kWrite)) {
            // Decided, and perhaps in a block: whoever takes this for "nothing was stored" does it twice.
            if (const Status kept = settle(entry, *settled); !kept)
                return fail(ErrorCode::kTimeout,
                            "it is decided, but cannot be written down yet; that goes on being tried", kept.error());
            if (settled->how != Settled::How::kFiled) return fail(settled->error);
            return *settled->submitted;
        }
        if (settled) SALUS_TRY_STATUS(sign_anew(entry));
        pause(patience);
    }
    if (stopping())
        return fail(ErrorCode::kUnavailable, "the node is stopping; what was stored is sent after its next start");
    return fail(ErrorCode::kTimeout, "the chain has not decided yet; it goes on being tried");
}

Result<std::uint64_t> SqlOutbox::must_file(Filing filing) {
    const auto also = std::move(filing.also);
    SALUS_TRY(Entry entry, sign_entry(filing));
    return parts_.vault.transaction([&](Writing& writing) -> Result<std::uint64_t> {
        SALUS_TRY(const auto id, store(writing, entry));
        if (also) SALUS_TRY_STATUS(also(writing));
        return id;
    });
}

Result<std::uint64_t> SqlOutbox::must_file(Writing& writing, Filing filing) {
    SALUS_TRY(Entry entry, sign_entry(filing));
    return store(writing, entry);
}

void SqlOutbox::pump() {
    const std::unique_lock only_one(pumping_, std::try_to_lock);
    if (!only_one) return;
    const auto all = ids();
    if (!all) return log_error("outbox", all.error().to_string());
    for (const std::uint64_t id : *all) {
        if (stopping()) return;
        {
            const std::lock_guard lock(mail_->mutex);
            const auto& flight = mail_->flights[id];
            if (flight.held || (flight.sent && !flight.answer)) continue;
        }
        auto entry = load(id);
        if (!entry) return log_error("outbox", entry.error().to_string());
        if (!*entry) continue;
        std::optional<Settled::How> ended;
        const Status status = step(**entry, ended);
        if (!status)  // the others are not its hostages
            log_error("outbox", status.error().to_string());
        else if (!ended)
            send(**entry);
    }
}

Status SqlOutbox::repair() {
    // First: what the chain that was put here says of an entry counts only if it is the chain.
    SALUS_TRY(const auto kept, parts_.vault.read([](Reading& reading) { return kept_checkpoint(reading); }));
    const auto view = parts_.ledger.view();
    if (kept) SALUS_TRY_STATUS(continues(*kept, view->header(), *view->history()));
    SALUS_TRY(const auto all, ids());
    TimeMs reported = parts_.ledger.decision_time_ms();
    std::size_t taken_up = 0;
    const auto report = [&] {
        const TimeMs now = parts_.ledger.decision_time_ms();
        if (now < reported + static_cast<TimeMs>(kRepairReport.count())) return;
        reported = now;
        log_info("outbox", "taking up what the last run left: entry " + std::to_string(taken_up) + " of " +
                               std::to_string(all.size()));
    };
    Repaired repaired;
    for (const std::uint64_t id : all) {
        ++taken_up;
        report();
        SALUS_TRY(auto entry, load(id));
        if (!entry) continue;
        std::optional<Settled::How> ended;
        SALUS_TRY_STATUS(step(*entry, ended));
        if (ended) {
            ++(ended == Settled::How::kFiled ? repaired.stood : repaired.undone);
            continue;
        }
        auto patience = kRepairPatience;
        send(*entry);
        while (patience.count() > 0 && under_way(id) && !stopping()) {
            await(id, patience, kRepairReport);
            report();
        }
        SALUS_TRY_STATUS(step(*entry, ended));
        // A duty may wait for `pump`; a write may not, since the vault's log cannot be compared while it is undecided.
        if (!ended && entry->kind == FilingKind::kWrite)
            return fail(ErrorCode::kUnavailable, "a write of the last run is still undecided");
        ++(!ended ? repaired.waiting : ended == Settled::How::kFiled ? repaired.sent : repaired.undone);
    }
    if (!all.empty()) log_info("outbox", to_address(AccountKind::kOrganisation, parts_.organisation) + repaired.text());
    return {};
}

Result<std::uint64_t> SqlOutbox::waiting(std::string_view topic) {
    SALUS_TRY(const auto count, parts_.vault.read([&](Reading& reading) {
        return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM outbox WHERE topic = :topic", topic);
    }));
    return count.value_or(0);
}

Result<std::uint64_t> SqlOutbox::waiting(Reading& reading, std::string_view topic, const Bytes& reference) {
    SALUS_TRY(const auto count,
              reading.query_value<std::uint64_t>(
                  "SELECT COUNT(*) FROM outbox WHERE topic = :topic AND reference = :reference", topic, reference));
    return count.value_or(0);
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(const Parts& parts) {
    SALUS_TRY_STATUS(parts.vault.migrate("outbox", kOutboxSteps));
    SALUS_TRY(const auto last, parts.vault.read([](Reading& reading) {
        return reading.query_value<std::uint64_t>("SELECT COALESCE(MAX(id), 0) FROM outbox");
    }));
    return std::unique_ptr<Outbox>(std::make_unique<SqlOutbox>(parts, last.value_or(0) + 1));
}

}  // namespace salus::application
